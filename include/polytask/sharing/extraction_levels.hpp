/// @file
/// Levels of experts and gates with a branch for each task and a shared one: what ProgressiveExtraction and AdaTT are.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/sharing/extraction_shape.hpp"
#include "polytask/sharing/gate.hpp"
#include "polytask/sharing/networks.hpp"
#include "polytask/sharing/separate.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask {

/// All members of a sharing policy but its name, settings, connect() and configuration(). A policy derives from it and
/// gives the shape of the levels to connect_levels().
template <Network N>
struct ExtractionLevels : SharingDefaults {
  N network;  ///< what every expert is made of

  ExtractionLevels() = default;
  explicit ExtractionLevels(N layers) : network(std::move(layers)) {}

  bool couples_samples() const { return N::couples_samples; }

  /// The single-task models with one expert.
  Separate<N> baseline() const { return Separate<N>(network); }

  Index representation_width(Index) const { return width(); }

  /// The levels one after the other, and room for the gradient that one reader sends to what it reads.
  Index memory_size(Index samples) const {
    return memory_before(shape_.levels, samples) + piece_size((std::max)(at(0).experts.inputs(), width()) * samples);
  }

  template <class Visitor>
  void parameters(Visitor&& visit) const {
    for (Index level = 0; level < shape_.levels; ++level) {
      each_expert(level,
                  [&](const std::string& expert, Index owner) { at(level).experts.parameters(expert, owner, visit); });
      for (Index unit = 0; unit < shape_.units(level); ++unit) {
        const Index owner = shape_.unit_owner(level, unit);
        at(level).gate(unit).parameters(prefix(level, unit) + "gate/", owner, visit);
        if (const Index weights = shape_.native_weights(unit); weights > 0)
          visit(prefix(level, unit) + "native/weights", owner, weights, Index{1});
      }
    }
  }

  template <class Visitor>
  void statistics(Visitor&& visit) const {
    for (Index level = 0; level < shape_.levels; ++level)
      each_expert(level,
                  [&](const std::string& expert, Index owner) { at(level).experts.statistics(expert, owner, visit); });
  }

  /// The last layers of those experts of the top level that several tasks read.
  template <class Visitor>
  void last_shared_layers(Visitor&& visit) const {
    each_expert(shape_.top(), [&](const std::string& expert, Index owner) {
      if (owner == shared_owner) at(shape_.top()).experts.last_layer(expert, visit);
    });
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Flat<S> statistics, Random& random) const {
    for (Index level = 0; level < shape_.levels; ++level) {
      at(level).experts.initialize(of_experts(parameters, level), statistics_of(statistics, level), random);
      for (Index unit = 0; unit < shape_.units(level); ++unit) {
        at(level).gate(unit).initialize(of_unit(parameters, level, unit), random);
        auto weights = of_native(parameters, level, unit);
        const double limit = 1 / std::sqrt(static_cast<double>((std::max)(weights.size(), Index{1})));
        for (S& weight : weights) weight = static_cast<S>(random.uniform(-limit, limit));
      }
    }
  }

  template <Scalar S>
  ConstColumns<S> representation(const Flat<S>& memory, Index samples, Index task) const {
    return read_only<S>(Unit<S>(*this, memory, samples, shape_.top(), task).mixture);
  }

  template <Scalar S>
  Columns<S> representation_gradient(const Flat<S>& memory, Index samples, Index task) const {
    return Unit<S>(*this, memory, samples, shape_.top(), task).gradient;
  }

  /// The shares of the experts in what a task's gate at the top mixed, after a forward pass in which the task was
  /// active: gate_choices(task) x samples, each column sums to 1.
  template <Scalar S>
  ConstColumns<S> gate(const Flat<S>& memory, Index samples, Index task) const {
    return at(shape_.top()).task_gate.shares(Unit<S>(*this, memory, samples, shape_.top(), task).gate, samples);
  }

  Index gate_choices(Index task) const { return shape_.choices(task); }

  /// "shared expert 0", "click's expert 1"
  std::string choice_name(Index task, Index choice) const {
    const Index expert = shape_.expert_of(task, choice);
    const Index branch = shape_.branch_of(expert);
    return branch_name(branch) + (branch == shape_.tasks ? "" : "'s") + " expert " +
           std::to_string(expert - shape_.first_expert(branch));
  }

  template <Scalar S>
  void forward(const SharingForward<S>& pass) const {
    if (!any_active(pass.active)) return;
    const Index samples = pass.inputs.samples;
    for (Index level = 0; level < shape_.levels; ++level) {
      const auto& experts = at(level).experts;
      const auto random = pass.random.stream(static_cast<std::uint64_t>(level));
      for (Index expert = 0; expert < experts.count(); ++expert) {
        const Index branch = shape_.branch_of(expert);
        if (shape_.takes_part(shape_.expert_owner(level, branch), pass.active))
          experts.forward(expert, of_experts(pass.parameters, level), read_by(pass, level, branch),
                          expert_memory(pass.memory, samples, level), statistics_of(pass.statistics, level), random,
                          pass.training);
      }
      for (Index unit = 0; unit < shape_.units(level); ++unit)
        if (shape_.takes_part(shape_.unit_owner(level, unit), pass.active)) mix(pass, level, unit);
    }
  }

  template <Scalar S>
  void backward(const SharingBackward<S>& pass) const {
    if (!any_active(pass.active)) {
      if (pass.reach != Reach::last_layer) pass.input_gradient.write(0).setZero();
      return;
    }
    for (Index level = shape_.top(); level >= 0; --level) {
      backward_units(pass, level);
      backward_branches(pass, level);
      if (pass.reach == Reach::last_layer) return;
    }
  }

 protected:
  void connect_levels(Index inputs, Span<const std::string_view> task_names, const ExtractionShape& shape) {
    shape_ = shape;
    task_names_.assign(task_names.begin(), task_names.end());
    levels_.assign(static_cast<std::size_t>(shape.levels), Level{});
    Index read = inputs;
    Index parameters = 0;
    Index statistics = 0;
    for (Index number = 0; number < shape.levels; ++number) {
      Level& level = levels_[static_cast<std::size_t>(number)];
      level.tasks = shape.tasks;
      level.experts.connect(network, read, shape.experts());
      level.task_gate.connect(read, shape.choices(0));
      level.shared_gate.connect(read, shape.choices(shape.tasks));
      level.parameters_before = parameters;
      level.statistics_before = statistics;
      parameters += level.experts.parameter_size();
      for (Index unit = 0; unit < shape.units(number); ++unit) parameters += unit_parameter_size(number, unit);
      statistics += level.experts.statistic_size();
      read = level.experts.outputs();
    }
  }

 private:
  struct Level {
    Index tasks = 0;
    Networks<N> experts;
    Gate task_gate;
    Gate shared_gate;
    Index parameters_before = 0;
    Index statistics_before = 0;

    const Gate& gate(Index unit) const { return unit == tasks ? shared_gate : task_gate; }
  };

  const Level& at(Index level) const { return levels_[static_cast<std::size_t>(level)]; }
  Index width() const { return levels_.front().experts.outputs(); }

  std::string branch_name(Index branch) const {
    return branch == shape_.tasks ? "shared" : task_names_[static_cast<std::size_t>(branch)];
  }
  std::string prefix(Index level, Index branch) const {
    return branch_name(branch) + "/extraction/" + std::to_string(level) + "/";
  }

  /// Calls use(prefix, owner) for the experts of a level.
  template <class Use>
  void each_expert(Index level, Use&& use) const {
    for (Index expert = 0; expert < shape_.experts(); ++expert) {
      const Index branch = shape_.branch_of(expert);
      use(prefix(level, branch) + "experts/" + std::to_string(expert - shape_.first_expert(branch)) + "/",
          shape_.expert_owner(level, branch));
    }
  }

  // Parameters of a level: its experts', then for each unit its gate's and the weights of its native experts.

  Index unit_parameter_size(Index level, Index unit) const {
    return at(level).gate(unit).parameter_size() + piece_size(shape_.native_weights(unit));
  }

  template <class View>
  View statistics_of(const View& statistics, Index level) const {
    return slice(statistics, at(level).statistics_before, at(level).experts.statistic_size());
  }
  template <class View>
  View of_experts(const View& parameters, Index level) const {
    return slice(parameters, at(level).parameters_before, at(level).experts.parameter_size());
  }
  template <class View>
  View of_unit(const View& parameters, Index level, Index unit) const {
    const Index before = at(level).experts.parameter_size() + unit * unit_parameter_size(level, 0);  // shared is last
    return slice(parameters, at(level).parameters_before + before, unit_parameter_size(level, unit));
  }
  template <class View>
  View of_native(const View& parameters, Index level, Index unit) const {
    return slice(of_unit(parameters, level, unit), at(level).gate(unit).parameter_size(), shape_.native_weights(unit));
  }

  // Memory of a level: its experts', then for each unit its gate's, its mixture and the mixture's gradient.

  Index unit_memory_size(Index level, Index unit, Index samples) const {
    return at(level).gate(unit).memory_size(samples) + 2 * piece_size(width() * samples);
  }
  Index memory_before(Index level, Index samples) const {
    Index size = 0;
    for (Index below = 0; below < level; ++below) {
      size += at(below).experts.memory_size(samples);
      for (Index unit = 0; unit < shape_.units(below); ++unit) size += unit_memory_size(below, unit, samples);
    }
    return size;
  }
  template <Scalar S>
  Flat<S> expert_memory(const Flat<S>& memory, Index samples, Index level) const {
    return slice(memory, memory_before(level, samples), at(level).experts.memory_size(samples));
  }

  template <Scalar S>
  struct Unit {
    Unit(const ExtractionLevels& all, const Flat<S>& memory, Index samples, Index level, Index unit)
        : Unit(all.at(level).gate(unit).memory_size(samples), all.width(), samples,
               slice(memory,
                     all.memory_before(level, samples) + all.at(level).experts.memory_size(samples) +
                         unit * all.unit_memory_size(level, 0, samples),
                     all.unit_memory_size(level, unit, samples))) {}

    Flat<S> gate;
    Columns<S> mixture;
    Columns<S> gradient;

   private:
    Unit(Index gate_size, Index width, Index samples, Pieces<S> pieces)
        : gate(pieces.flat(gate_size)),
          mixture(pieces.matrix(width, samples)),
          gradient(pieces.matrix(width, samples)) {}
  };

  /// What the experts and the unit of a branch read.
  template <class Pass>
  auto read_by(const Pass& pass, Index level, Index branch) const {
    using S = typename decltype(pass.memory)::Scalar;
    return level == 0 ? pass.inputs[0]
                      : read_only<S>(Unit<S>(*this, pass.memory, pass.inputs.samples, level - 1, branch).mixture);
  }

  /// Calls use(expert, number, weight) for the experts of which a unit adds a combination.
  template <Scalar S, class Use>
  void each_native(const ConstFlat<S>& parameters, Index level, Index unit, Use&& use) const {
    if (!shape_.adds_native) return;
    const auto weights = of_native(parameters, level, unit);
    for (Index number = 0; number < shape_.expert_count(unit); ++number)
      use(shape_.first_expert(unit) + number, number, weights.size() > 0 ? weights[number] : S(1));
  }

  /// y = sum over choices c of g_c(x) E_c + sum over native experts n of v_n E_n, g = softmax(W x + b)
  template <Scalar S>
  void mix(const SharingForward<S>& pass, Index level, Index unit) const {
    const Index samples = pass.inputs.samples;
    const Gate& gate = at(level).gate(unit);
    const auto outputs = [&, memory = expert_memory(pass.memory, samples, level)](Index expert) {
      return at(level).experts.outputs(memory, samples, expert);
    };
    Unit<S> place(*this, pass.memory, samples, level, unit);
    gate.forward(of_unit(pass.parameters, level, unit), read_by(pass, level, unit), place.gate);
    place.mixture.setZero();
    for (Index choice = 0; choice < gate.choices(); ++choice)
      add_share(place.mixture, outputs(shape_.expert_of(unit, choice)), gate.shares(place.gate, samples), choice);
    each_native(pass.parameters, level, unit,
                [&](Index expert, Index, S weight) { place.mixture += weight * outputs(expert); });
  }

  /// Whether the gradients of a branch's experts are to be worked.
  template <Scalar S>
  bool wanted(const SharingBackward<S>& pass, Index level, Index branch) const {
    const Index owner = shape_.expert_owner(level, branch);
    return shape_.takes_part(owner, pass.active) && (pass.reach != Reach::last_layer || owner == shared_owner);
  }

  /// From the gradients of a level's mixtures to those of its experts' outputs, of the shares and of native weights.
  template <Scalar S>
  void backward_units(const SharingBackward<S>& pass, Index level) const {
    const Index samples = pass.inputs.samples;
    const bool whole_way = pass.reach != Reach::last_layer;
    const auto& experts = at(level).experts;
    const Flat<S> memory = expert_memory(pass.memory, samples, level);
    for (Index expert = 0; expert < experts.count(); ++expert)
      if (wanted(pass, level, shape_.branch_of(expert))) experts.gradient(memory, samples, expert).setZero();
    for (Index unit = 0; unit < shape_.units(level); ++unit) {
      if (!shape_.takes_part(shape_.unit_owner(level, unit), pass.active)) continue;
      const Gate& gate = at(level).gate(unit);
      const Unit<S> place(*this, pass.memory, samples, level, unit);
      const auto arriving = read_only<S>(place.gradient);
      for (Index choice = 0; choice < gate.choices(); ++choice) {
        const Index expert = shape_.expert_of(unit, choice);
        if (!wanted(pass, level, shape_.branch_of(expert))) continue;
        // dL/dE_c += g_c dL/dy, dL/dg_c = <E_c, dL/dy>
        add_share(experts.gradient(memory, samples, expert), arriving, gate.shares(place.gate, samples), choice);
        if (whole_way)
          share_gradient_of(gate.share_gradient(place.gate, samples), choice, experts.outputs(memory, samples, expert),
                            arriving);
      }
      if (!wanted(pass, level, unit)) continue;
      auto native_gradient = of_native(pass.parameter_gradient, level, unit);
      each_native(pass.parameters, level, unit, [&](Index expert, Index number, S weight) {
        // dL/dE_n += v_n dL/dy, dL/dv_n += sum over samples of <E_n, dL/dy>
        experts.gradient(memory, samples, expert) += weight * arriving;
        if (whole_way && native_gradient.size() > 0)
          native_gradient[number] += experts.outputs(memory, samples, expert).cwiseProduct(arriving).sum();
      });
    }
  }

  /// Through a level's experts and gates to what the branches read: the inputs, or mixtures one level below. A mixture
  /// of which a gradient is needed has a reader that takes part, so that it is written.
  template <Scalar S>
  void backward_branches(const SharingBackward<S>& pass, Index level) const {
    const Index samples = pass.inputs.samples;
    const bool whole_way = pass.reach != Reach::last_layer;
    const auto& experts = at(level).experts;
    const Flat<S> memory = expert_memory(pass.memory, samples, level);
    Pieces<S> behind(slice(pass.memory, memory_before(shape_.levels, samples), experts.inputs() * samples));
    const Columns<S> scratch = behind.matrix(experts.inputs(), samples);
    GradientSum<S> inputs(whole_way && level == 0 ? pass.input_gradient.write(0) : no_columns<S>(), scratch);
    for (Index branch = 0; branch <= shape_.tasks; ++branch) {
      GradientSum<S> mixture(whole_way && level > 0 && branch < shape_.units(level - 1)
                                 ? Unit<S>(*this, pass.memory, samples, level - 1, branch).gradient
                                 : no_columns<S>(),
                             scratch);
      GradientSum<S>& read = level == 0 ? inputs : mixture;
      if (wanted(pass, level, branch)) {
        const bool last = level == shape_.top() && shape_.expert_owner(level, branch) == shared_owner;
        const Index first = shape_.first_expert(branch);
        for (Index expert = first; expert < first + shape_.expert_count(branch); ++expert)
          read.add([&](const Columns<S>& gradient) {
            experts.backward(expert, of_experts(pass.parameters, level), read_by(pass, level, branch), memory,
                             of_experts(pass.parameter_gradient, level), gradient, last ? pass.reach : Reach::whole);
          });
      }
      if (whole_way && branch < shape_.units(level) && shape_.takes_part(shape_.unit_owner(level, branch), pass.active))
        read.add([&](const Columns<S>& gradient) {
          at(level).gate(branch).backward(of_unit(pass.parameters, level, branch), read_by(pass, level, branch),
                                          Unit<S>(*this, pass.memory, samples, level, branch).gate,
                                          of_unit(pass.parameter_gradient, level, branch), gradient);
        });
    }
  }

  ExtractionShape shape_{};
  std::vector<std::string> task_names_;
  std::vector<Level> levels_;
};

}  // namespace polytask
