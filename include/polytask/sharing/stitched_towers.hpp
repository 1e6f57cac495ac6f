/// @file
/// One network a task, connected level by level: what CrossStitch and Sluice have in common.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/sharing/levels.hpp"
#include "polytask/sharing/networks.hpp"
#include "polytask/sharing/separate.hpp"
#include "polytask/sharing/stitch_unit.hpp"
#include "polytask/sharing/tables.hpp"

#include <array>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace polytask {

/// A tower (network) a task. After each level a unit mixes the activations of all towers; the next level reads the
/// mixtures. What a task's loss reaches through the units is every tower, so all parameters of towers and units are
/// shared, and so are the embeddings, even if each tower has tables of its own. If a task is active, all towers run,
/// and in training the running statistics of all of them move.
template <Network N>
class StitchedTowers : public SharingDefaults {
  static_assert(has_levels<N>,
                "towers are stitched together level by level: the network must be a Sequence, such as mlp");

 public:
  static constexpr Index level_count = static_cast<Index>(std::tuple_size_v<Levels<N>>);

  N network;  ///< the description of each tower

  bool couples_samples() const { return N::couples_samples; }

  /// The single-task models of the same widths: the towers without the units.
  Separate<N> baseline() const { return Separate<N>(network); }

  Index input_copies() const { return tables_ == Tables::own ? tasks() : 1; }
  std::string input_copy_name(Index copy) const { return tables_ == Tables::own ? task_name(copy) + "/" : ""; }

  template <class Visitor>
  void statistics(Visitor&& visit) const {
    each_level(towers_, [&](const auto& towers, Index level) {
      for (Index task = 0; task < tasks(); ++task) towers.statistics(tower_name(task, level), shared_owner, visit);
    });
  }

  /// The layer with weights in the last level of each tower.
  template <class Visitor>
  void last_shared_layers(Visitor&& visit) const {
    const auto& towers = std::get<static_cast<std::size_t>(level_count - 1)>(towers_);
    for (Index task = 0; task < tasks(); ++task) towers.last_layer(tower_name(task, level_count - 1), visit);
  }

 protected:
  /// A level: its width, its unit, and where its parameters and statistics begin.
  struct Level {
    Index width = 0;
    StitchUnit unit;
    Index parameters = 0;   ///< those of the towers, one after the other
    Index tower_size = 0;   ///< parameters of one tower
    Index unit_offset = 0;  ///< those of the unit, behind them
    Index statistics = 0;
    Index weights = 0;      ///< first number of the weight matrix that begins the level, in the parameters of a tower
    Index weight_rows = 0;  ///< its size; 0 x 0 in a network without weights
    Index weight_columns = 0;
  };

  StitchedTowers() = default;
  explicit StitchedTowers(N layers) : network(std::move(layers)) {}

  void connect_towers(const Stitching& how, Tables tables, Index inputs, Span<const std::string_view> task_names) {
    task_names_.assign(task_names.begin(), task_names.end());
    tables_ = tables;
    inputs_ = inputs;
    parameter_size_ = 0;
    Index statistic_size = 0;
    Index width = inputs;
    auto descriptions = split_levels(network);
    each_level_of_both(descriptions, [&](const auto& description, auto& towers, Level& level) {
      towers.connect(description, width, tasks());
      width = towers.outputs();
      level = Level{};
      level.width = width;
      level.unit.connect(how, tasks(), width);
      level.parameters = parameter_size_;
      level.tower_size = tasks() == 0 ? 0 : towers.parameter_size() / tasks();
      level.unit_offset = parameter_size_ + towers.parameter_size();
      level.statistics = statistic_size;
      Index offset = 0;
      towers.parameters("", shared_owner, [&](const std::string& part, Index, Index rows, Index columns) {
        if (level.weight_rows == 0 && part.ends_with("/weights")) {
          level.weights = offset;
          level.weight_rows = rows;
          level.weight_columns = columns;
        }
        offset += piece_size(rows * columns);
      });
      parameter_size_ = level.unit_offset + level.unit.parameter_size();
      statistic_size += towers.statistic_size();
    });
  }

  Index tasks() const { return static_cast<Index>(task_names_.size()); }
  const std::string& task_name(Index task) const { return task_names_[static_cast<std::size_t>(task)]; }
  const Level& level(Index which) const { return levels_[static_cast<std::size_t>(which)]; }

  /// Numbers in the flat buffer that towers and units need; what the policy has of its own comes behind them.
  Index parameter_size() const { return parameter_size_; }

  /// For each level what the towers keep, the mixtures and a gradient of them; then room for a gradient of the inputs.
  Index tower_memory_size(Index samples) const {
    Index size = piece_size(inputs_ * samples);
    each_level(towers_, [&](const auto& towers, Index which) {
      size += towers.memory_size(samples) + 2 * tasks() * piece_size(level(which).width * samples);
    });
    return size;
  }

  template <class Visitor>
  void tower_parameters(Visitor&& visit) const {
    each_level(towers_, [&](const auto& towers, Index which) {
      for (Index task = 0; task < tasks(); ++task) towers.parameters(tower_name(task, which), shared_owner, visit);
      level(which).unit.parameters("shared/units/" + std::to_string(which), visit);
    });
  }

  template <Scalar S>
  void initialize_towers(const Flat<S>& parameters, const Flat<S>& statistics, Random& random) const {
    each_level(towers_, [&](const auto& towers, Index which) {
      towers.initialize(slice(parameters, level(which).parameters, towers.parameter_size()),
                        slice(statistics, level(which).statistics, towers.statistic_size()), random);
      level(which).unit.initialize(unit_part(parameters, level(which)));
    });
  }

  /// The weight matrix with which a level of a tower begins, among all parameters or a gradient of them.
  template <class View>
  auto weights(const View& parameters, Index which, Index task) const {
    using S = typename View::Scalar;
    using Matrices = std::conditional_t<std::is_same_v<View, ConstFlat<S>>, ConstColumns<S>, Columns<S>>;
    const Level& at = level(which);
    return Matrices(const_cast<S*>(parameters.data()) + at.parameters + task * at.tower_size + at.weights,
                    at.weight_rows, at.weight_columns);
  }

  /// Where in the memory the parts of a pass lie.
  template <Scalar S>
  struct Places {
    Places(const StitchedTowers& sharing, const Flat<S>& memory, Index count) : samples(count) {
      Pieces<S> pieces(memory);
      input_scratch = pieces.flat(sharing.inputs_ * samples).data();
      each_level(sharing.towers_, [&](const auto& level_towers, Index which) {
        const auto place = static_cast<std::size_t>(which);
        const Index matrix = piece_size(sharing.level(which).width * samples);
        widths[place] = sharing.level(which).width;
        towers[place] = pieces.flat(level_towers.memory_size(samples)).data();
        mixtures[place] = pieces.flat(sharing.tasks() * matrix).data();
        gradients[place] = pieces.flat(sharing.tasks() * matrix).data();
      });
      end = pieces.flat(0).data();
    }

    /// What the unit of a level puts out, and a gradient of it.
    TowerMatrices<S> mixed(Index which) const { return matrices(mixtures, which); }
    TowerMatrices<S> gradient(Index which) const { return matrices(gradients, which); }

    TowerMatrices<S> matrices(const std::array<S*, std::size_t{level_count}>& of, Index which) const {
      const Index width = widths[static_cast<std::size_t>(which)];
      return {of[static_cast<std::size_t>(which)], width, samples, piece_size(width * samples)};
    }

    Index samples;
    S* input_scratch;
    std::array<Index, std::size_t{level_count}> widths;
    std::array<S*, std::size_t{level_count}> towers;  ///< what the towers of a level keep
    std::array<S*, std::size_t{level_count}> mixtures;
    std::array<S*, std::size_t{level_count}> gradients;
    S* end;  ///< behind all this
  };

  /// Runs all towers up to the last mixtures, of which only those of active tasks are written.
  template <Scalar S>
  void forward_towers(const SharingForward<S>& pass) const {
    if (!any_active(pass.active)) return;
    const Places<S> places(*this, pass.memory, pass.inputs.samples);
    each_level(towers_, [&](const auto& towers, Index which) {
      const Level& at = level(which);
      const Flat<S> memory(places.towers[static_cast<std::size_t>(which)], towers.memory_size(places.samples));
      const auto parameters = slice(pass.parameters, at.parameters, towers.parameter_size());
      const auto statistics = slice(pass.statistics, at.statistics, towers.statistic_size());
      const Random random = pass.random.stream(static_cast<std::uint64_t>(which));
      for (Index task = 0; task < tasks(); ++task)
        towers.forward(task, parameters, inputs_of(pass.inputs, places, which, task), memory, statistics, random,
                       pass.training);
      at.unit.forward(unit_part(pass.parameters, at), outputs_of(towers, memory, places.samples), places.mixed(which),
                      wanted(which, pass.active));
    });
  }

  /// The way back from the gradients of the mixtures of active tasks in the last level.
  /// @param reader called as reader(level) before the way back through that level, when its gradient() holds what came
  ///               from the level above (nothing in the last level): adds what else reads the mixtures
  template <Scalar S, class Reader>
  void backward_towers(const SharingBackward<S>& pass, const Places<S>& places, Reader&& reader) const {
    const bool only_last = pass.reach == Reach::last_layer;
    if (!any_active(pass.active)) {  // then nothing flows
      for (Index copy = 0; copy < input_copies() && !only_last; ++copy) pass.input_gradient.write(copy).setZero();
      return;
    }
    // the towers may read one matrix, then their gradients of it are added up
    const bool one_input = tables_ == Tables::shared && !only_last;
    GradientSum<S> sum(one_input ? pass.input_gradient.write(0) : no_columns<S>(),
                       Columns<S>(places.input_scratch, pass.inputs.rows, places.samples));
    each_level_down(towers_, [&](const auto& towers, Index which) {
      const bool last = which == level_count - 1;
      if (only_last && !last) return;
      reader(which);
      const Level& at = level(which);
      const Flat<S> memory(places.towers[static_cast<std::size_t>(which)], towers.memory_size(places.samples));
      const auto mixed_gradient = fixed(places.gradient(which));
      if (!only_last)
        at.unit.add_gradient(unit_part(pass.parameter_gradient, at), outputs_of(towers, memory, places.samples),
                             mixed_gradient, wanted(which, pass.active));
      at.unit.backward(unit_part(pass.parameters, at), mixed_gradient, gradients_of(towers, memory, places.samples),
                       wanted(which, pass.active));
      const auto parameters = slice(pass.parameters, at.parameters, towers.parameter_size());
      const auto gradient = slice(pass.parameter_gradient, at.parameters, towers.parameter_size());
      for (Index task = 0; task < tasks(); ++task) {
        const auto tower_backward = [&](const Columns<S>& input_gradient) {
          towers.backward(task, parameters, inputs_of(pass.inputs, places, which, task), memory, gradient,
                          input_gradient, last ? pass.reach : Reach::whole);
        };
        if (which > 0)
          tower_backward(places.gradient(which - 1)[task]);
        else if (tables_ == Tables::own)
          tower_backward(pass.input_gradient.write(task));
        else
          sum.add(tower_backward);
      }
    });
  }

 private:
  /// Calls function(description, towers, level) for each level.
  template <class Function>
  void each_level_of_both(Levels<N>& descriptions, Function&& function) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (function(std::get<I>(descriptions), std::get<I>(towers_), levels_[I]), ...);
    }(std::make_index_sequence<std::size_t{level_count}>{});
  }

  std::string tower_name(Index task, Index which) const {
    return task_name(task) + "/tower/" + std::to_string(which) + "/";
  }

  /// The tasks whose mixtures are read: below the last level all are, by the towers above.
  static ActiveTasks wanted(Index which, ActiveTasks active) {
    return which == level_count - 1 ? active : ActiveTasks{};
  }

  /// The parameters of a level's unit, or a gradient of them.
  template <class View>
  static View unit_part(const View& parameters, const Level& at) {
    return slice(parameters, at.unit_offset, at.unit.parameter_size());
  }

  template <Scalar S>
  ConstColumns<S> inputs_of(const Inputs<S>& inputs, const Places<S>& places, Index which, Index task) const {
    if (which > 0) return read_only<S>(places.mixed(which - 1)[task]);
    return inputs[tables_ == Tables::own ? task : 0];
  }

  template <class Towers, Scalar S>
  static TowerMatrices<const S> outputs_of(const Towers& towers, const Flat<S>& memory, Index samples) {
    return {towers.outputs(memory, samples, 0).data(), towers.outputs(), samples, memory.size() / towers.count()};
  }
  template <class Towers, Scalar S>
  static TowerMatrices<S> gradients_of(const Towers& towers, const Flat<S>& memory, Index samples) {
    return {towers.gradient(memory, samples, 0).data(), towers.outputs(), samples, memory.size() / towers.count()};
  }

  template <Scalar S>
  static TowerMatrices<const S> fixed(const TowerMatrices<S>& towers) {
    return {towers.data, towers.rows, towers.samples, towers.stride};
  }

  std::vector<std::string> task_names_;
  Tables tables_ = Tables::shared;
  Index inputs_ = 0;
  Index parameter_size_ = 0;
  PerLevel<Networks, N> towers_;
  std::array<Level, std::size_t{level_count}> levels_;
};

}  // namespace polytask
