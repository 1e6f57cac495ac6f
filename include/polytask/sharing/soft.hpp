/// @file
/// Soft parameter sharing: a tower a task, tied to the others by a penalty on how far apart they are.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/member_visitor.hpp"
#include "polytask/core/span.hpp"
#include "polytask/sharing/networks.hpp"
#include "polytask/sharing/separate.hpp"
#include "polytask/sharing/tables.hpp"
#include "polytask/sharing/trace_norm.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace polytask {

/// What soft sharing keeps small. With theta_t the tied parameters of task t's tower, of T towers:
enum class Tie {
  pairs,      ///< sum over s < t of |theta_s - theta_t|^2 (Duong et al. 2015)
  mean,       ///< sum over t of |theta_t - mean|^2: a T-th of `pairs`
  trace_norm  ///< sum over the layers' weights W of the trace norm of (vec W_1, ..., vec W_T) (Yang, Hospedales 2017)
};

inline constexpr std::array<std::string_view, 3> tie_names{"pairs", "mean", "trace_norm"};

/// How strongly the towers of soft sharing are tied, and where.
struct SoftSettings {
  double strength = 0.1;           ///< factor of the penalty; at 0 the towers know nothing of each other
  Tie tie = Tie::pairs;            ///< what the penalty measures
  Index layers = 0;                ///< how many layers are tied, from the inputs on, of those with parameters; 0: all
  Tables tables = Tables::shared;  ///< whether the towers read the same embedding tables or each its own

  /// @throws ArgumentError naming the setting that is out of range
  void check() const {
    require(strength >= 0 && std::isfinite(strength),
            "the strength of soft sharing must be a number of at least 0, not ", strength);
    require(layers >= 0, "soft sharing ties at least one layer, or all (0), not ", layers);
  }
};

/// A tower a task, of one description, whose parameters (weights, biases, gains, shifts) a penalty draws together: from
/// towers that know nothing of each other (strength 0; with own tables that is Separate) to nearly one tower (a large
/// strength, nearly HardSharing). The trace norm ties weights only, and does not ask them to be alike but to be
/// combinations of few; at most 64 tasks.
///
/// A tower belongs to its task. A batch without a label of a task leaves its tower where it is, and draws the others
/// to it. The penalty ties towers and never embedding tables, which are either shared or a task's own. It is not
/// divided by the number of parameters, so wider towers want a smaller strength.
template <Network N>
struct SoftSharing : SharingDefaults {
  static constexpr std::string_view name = "soft";
  static constexpr bool balances_own_copies = true;

  N network;  ///< of each tower
  SoftSettings settings;

  SoftSharing() = default;

  /// @throws ArgumentError when the strength is negative or not finite, or the number of layers negative
  explicit SoftSharing(N layers, SoftSettings with = {}) : network(std::move(layers)), settings(with) {
    settings.check();
  }

  bool couples_samples() const { return N::couples_samples; }

  /// @throws ArgumentError when a setting is out of range, a tower has fewer layers than are to be tied, or there are
  /// too
  ///         many tasks
  void connect(Index inputs, Span<const std::string_view> task_names) {
    settings.check();
    task_names_.assign(task_names.begin(), task_names.end());
    towers_.connect(network, inputs, static_cast<Index>(task_names.size()));
    require(settings.tie != Tie::trace_norm || towers_.count() <= most_trace_norm_columns, "the trace norm ties up to ",
            most_trace_norm_columns, " tasks, not ", towers_.count());
    tied_ = 0;
    stacks_.clear();
    Index layers = 0;
    Index offset = 0;
    std::string last;
    towers_.parameters("", shared_owner, [&](const std::string& part, Index, Index rows, Index columns) {
      const std::string layer = part.substr(0, part.find('/'));  // "2/weights"
      if (layer != last) ++layers;
      last = layer;
      const Index size = rows * columns;
      if (settings.layers == 0 || layers <= settings.layers) {
        tied_ = offset + piece_size(size);
        if (part.ends_with("/weights")) stacks_.push_back({offset, size});
      }
      offset += piece_size(size);
    });
    require(settings.layers <= layers, "soft sharing is to tie ", settings.layers, " layers, but a tower has only ",
            layers, " with parameters");
  }

  /// The single-task models of the same widths.
  Separate<N> baseline() const { return Separate<N>(network); }

  Index input_copies() const { return own_tables() ? towers_.count() : 1; }
  Index input_copy_owner(Index copy) const { return own_tables() ? copy : shared_owner; }
  std::string input_copy_name(Index copy) const { return own_tables() ? prefix(copy) : ""; }
  bool reads_copy(Index copy, ActiveTasks active) const {
    return own_tables() ? active[static_cast<std::size_t>(copy)] != 0 : any_active(active);
  }
  Index representation_width(Index) const { return towers_.outputs(); }

  /// The towers, and the gradient of the inputs of one of several that read them.
  Index memory_size(Index samples) const {
    return towers_.memory_size(samples) + (own_tables() ? 0 : piece_size(towers_.inputs() * samples));
  }

  template <class Visitor>
  void parameters(Visitor&& visit) const {
    for (Index task = 0; task < towers_.count(); ++task) towers_.parameters(prefix(task) + "tower/", task, visit);
  }

  template <class Visitor>
  void statistics(Visitor&& visit) const {
    for (Index task = 0; task < towers_.count(); ++task) towers_.statistics(prefix(task) + "tower/", task, visit);
  }

  /// Of each tower the last layer: each task's own copy of what hard sharing has once.
  template <class Visitor>
  void last_shared_layers(Visitor&& visit) const {
    for (Index task = 0; task < towers_.count(); ++task) towers_.last_layer(prefix(task) + "tower/", visit);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("strength", self.settings.strength);
    visit_choice(visit, "tie", self.settings.tie, tie_names);
    visit("layers", self.settings.layers);
    visit_choice(visit, "tables", self.settings.tables, tables_names);
    if constexpr (!std::is_const_v<Self>) self.settings.check();
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Flat<S> statistics, Random& random) const {
    towers_.initialize(parameters, statistics, random);
  }

  template <Scalar S>
  ConstColumns<S> representation(const Flat<S>& memory, Index samples, Index task) const {
    return towers_.outputs(memory, samples, task);
  }

  template <Scalar S>
  Columns<S> representation_gradient(const Flat<S>& memory, Index samples, Index task) const {
    return towers_.gradient(memory, samples, task);
  }

  template <Scalar S>
  void forward(const SharingForward<S>& pass) const {
    for (Index task = 0; task < towers_.count(); ++task)
      if (pass.active[static_cast<std::size_t>(task)])
        towers_.forward(task, pass.parameters, pass.inputs[copy_of(task)], pass.memory, pass.statistics, pass.random,
                        pass.training);
  }

  template <Scalar S>
  void backward(const SharingBackward<S>& pass) const {
    const Index samples = pass.inputs.samples;
    const auto one = [&](Index task, const Columns<S>& input_gradient) {
      towers_.backward(task, pass.parameters, pass.inputs[copy_of(task)], pass.memory, pass.parameter_gradient,
                       input_gradient, pass.reach);
    };
    Pieces<S> pieces(pass.memory);
    pieces.flat(towers_.memory_size(samples));
    GradientSum<S> sum(own_tables() ? no_columns<S>() : pass.input_gradient.write(0),
                       own_tables() ? no_columns<S>() : pieces.matrix(towers_.inputs(), samples));
    for (Index task = 0; task < towers_.count(); ++task) {
      if (!pass.active[static_cast<std::size_t>(task)]) continue;
      if (own_tables())
        one(task, pass.input_gradient.write(task));
      else
        sum.add([&](const Columns<S>& input_gradient) { one(task, input_gradient); });
    }
    sum.finish();
  }

  /// strength times what the tie says, added up in double.
  template <Scalar S>
  double penalty(const ConstFlat<S>& parameters) const {
    double sum = 0;
    if (settings.strength == 0) return sum;
    if (settings.tie == Tie::trace_norm) {
      for (const auto& stack : stacks_) sum += trace_norm<S>(apart(parameters, stack));
      return settings.strength * sum;
    }
    each_deviation(parameters,
                   [&](Index, Index, const auto& deviation) { sum += static_cast<double>(deviation.squaredNorm()); });
    return factor() * sum;
  }

  /// Adds the gradient of penalty() for all towers: the optimizer leaves those of inactive tasks alone. Allocates
  /// nothing; a tower's parameters are read three times for `pairs` and `mean`, T times for the trace norm.
  template <Scalar S>
  void add_penalty_gradient(const ConstFlat<S>& parameters, ActiveTasks, const Flat<S>& gradient) const {
    if (settings.strength == 0) return;
    if (settings.tie == Tie::trace_norm) {
      for (const auto& stack : stacks_)
        add_trace_norm_gradient<S>(apart(parameters, stack), settings.strength, apart(gradient, stack));
      return;
    }
    // d/dtheta_s of sum_t |theta_t - mean|^2 = 2 (theta_s - mean), since the deviations add up to 0
    each_deviation(parameters, [&](Index tower, Index begin, const auto& deviation) {
      towers_.parameters_of(gradient, tower).segment(begin, deviation.size()) +=
          static_cast<S>(2 * factor()) * deviation;
    });
  }

 private:
  /// A layer's weights in the parameters of a tower.
  struct Stacked {
    Index offset;
    Index size;
  };

  bool own_tables() const { return settings.tables == Tables::own; }
  Index copy_of(Index task) const { return own_tables() ? task : 0; }
  std::string prefix(Index task) const { return task_names_[static_cast<std::size_t>(task)] + "/"; }

  /// Of the squared distances to the mean: the sum over s < t of |theta_s - theta_t|^2 is T times theirs.
  double factor() const {
    return settings.strength * (settings.tie == Tie::pairs ? static_cast<double>(towers_.count()) : 1.0);
  }

  /// Calls function(tower, begin, theta - mean) for pieces of every tower, from place `begin` of its parameters on. All
  /// is measured from the first tower, so that rounding is that of the differences: alike towers have none. The room
  /// between segments is 0 in every tower.
  template <Scalar S, class Function>
  void each_deviation(const ConstFlat<S>& parameters, Function&& function) const {
    constexpr Index most = 256;
    for (Index begin = 0; begin < tied_; begin += most) {
      const Index size = (std::min)(most, tied_ - begin);
      const auto from_first = [&](Index tower) {
        return towers_.parameters_of(parameters, tower).segment(begin, size) -
               towers_.parameters_of(parameters, 0).segment(begin, size);
      };
      Eigen::Matrix<S, Eigen::Dynamic, 1, 0, most, 1> mean = from_first(0);
      for (Index tower = 1; tower < towers_.count(); ++tower) mean += from_first(tower);
      mean /= static_cast<S>(towers_.count());
      for (Index tower = 0; tower < towers_.count(); ++tower) function(tower, begin, from_first(tower) - mean);
    }
  }

  /// One layer's weights of all towers, a column a task.
  template <class View>
  auto apart(const View& all, const Stacked& stack) const {
    using S = typename View::Scalar;
    using Plain = std::conditional_t<std::is_same_v<View, ConstFlat<S>>, const Matrix<S>, Matrix<S>>;
    return Apart<Plain>(const_cast<S*>(all.data()) + stack.offset, stack.size, towers_.count(),
                        Eigen::OuterStride<>(towers_.parameter_size() / towers_.count()));
  }

  std::vector<std::string> task_names_;
  Networks<N> towers_;
  Index tied_ = 0;               ///< numbers at the beginning of a tower's parameters that are tied
  std::vector<Stacked> stacks_;  ///< the weights among them
};

}  // namespace polytask
