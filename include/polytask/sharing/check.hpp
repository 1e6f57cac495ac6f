/// @file
/// A gradient check for the authors of sharing policies.
#pragma once

#include "polytask/core/gradient_check.hpp"
#include "polytask/sharing/sharing.hpp"

#include <string>
#include <vector>

namespace polytask {

/// What the check of a sharing policy runs it with.
struct SharingCheck {
  Index inputs = 5;
  Index samples = 7;
  std::vector<std::uint8_t> active = {};  ///< one byte a task; empty: all
  Matrix<double> membership = {};         ///< tasks x samples; empty: every sample has a label of every task
  std::uint64_t seed = 1;
};

/// A sharing policy with numbers in it, and passes through it in double: all that a model would do with it.
template <Sharing P>
class SharingProbe {
 public:
  P policy;
  SharingCheck options;
  Index tasks;
  Vector<double> parameters;
  Vector<double> statistics;
  Vector<double> gradient;
  Vector<double> memory;
  Vector<double> inputs;
  Vector<double> input_gradient;
  std::vector<Matrix<double>> directions;  ///< the gradient that each task's head sends back

  /// Random parameters, inputs and directions.
  SharingProbe(P of, const std::vector<std::string_view>& task_names, SharingCheck with = {})
      : policy(std::move(of)), options(std::move(with)), tasks(static_cast<Index>(task_names.size())) {
    policy.connect(options.inputs, task_names);
    if (options.active.empty()) options.active.assign(task_names.size(), 1);
    if (options.membership.size() == 0) options.membership = Matrix<double>::Ones(tasks, options.samples);
    require(static_cast<Index>(options.active.size()) == tasks, "of ", tasks, " tasks, ", options.active.size(),
            " are said to be active or not");
    require(options.membership.rows() == tasks && options.membership.cols() == options.samples, "the membership of ",
            options.samples, " samples in ", tasks, " tasks is ", options.membership.rows(), " x ",
            options.membership.cols());
    const auto count = [](Index& size) {
      return [&size](const std::string&, Index, Index rows, Index columns) { size += piece_size(rows * columns); };
    };
    Index parameter_count = 0;
    Index statistic_count = 0;
    policy.parameters(count(parameter_count));
    policy.statistics(count(statistic_count));
    parameters.setZero(parameter_count);
    statistics.setZero(statistic_count);
    gradient.setZero(parameter_count);
    memory.setZero(policy.memory_size(options.samples));
    stride_ = piece_size(options.inputs * options.samples);
    inputs.setZero(policy.input_copies() * stride_);
    input_gradient.setZero(inputs.size());
    Random random(options.seed);
    policy.initialize(flat(parameters), flat(statistics), random);
    Pieces<double> pieces(parameters.data());
    policy.parameters([&](const std::string&, Index, Index rows, Index columns) {
      for (double& value : pieces.flat(rows * columns)) value += 0.3 * random.normal();
    });
    for (double& value : inputs) value = random.normal();
    for (Index task = 0; task < tasks; ++task) {
      Matrix<double> direction(policy.representation_width(task), options.samples);
      for (double& value : numbers_of(direction)) value = random.normal();
      directions.push_back(std::move(direction));
    }
  }

  /// A training forward pass, with the same noise each time; statistics do not move.
  void forward() {
    Vector<double> moved = statistics;
    policy.forward(SharingForward<double>{fixed(parameters), views(inputs), options.active, flat(memory), flat(moved),
                                          Random(options.seed + 1), true, options.samples,
                                          ConstColumns<double>(options.membership.data(), tasks, options.samples)});
  }

  /// A backward pass of the given tasks, from `directions`. Gradients of parameters are added.
  void backward(ActiveTasks active, Reach reach = Reach::whole, bool own_terms = true) {
    for (Index task = 0; task < tasks; ++task)
      if (active[static_cast<std::size_t>(task)])
        policy.representation_gradient(flat(memory), options.samples, task) =
            directions[static_cast<std::size_t>(task)];
    policy.backward(SharingBackward<double>{fixed(parameters), views(inputs), active, flat(memory), flat(gradient),
                                            views(input_gradient), reach, own_terms});
  }

  /// Sum over the active tasks of <direction, representation>, and the policy's own terms and penalty.
  double value() {
    forward();
    double sum = 0;
    for (Index task = 0; task < tasks; ++task)
      if (options.active[static_cast<std::size_t>(task)])
        sum += directions[static_cast<std::size_t>(task)]
                   .cwiseProduct(policy.representation(flat(memory), options.samples, task))
                   .sum();
    if constexpr (requires { policy.own_terms(flat(memory), Index{}); })
      sum += policy.own_terms(flat(memory), options.samples);
    if constexpr (requires { policy.penalty(fixed(parameters)); }) sum += policy.penalty(fixed(parameters));
    return sum;
  }

  /// The gradient of value() in `gradient` and `input_gradient`.
  void differentiate() {
    forward();
    gradient.setZero();
    backward(options.active);
    if constexpr (requires { policy.penalty(fixed(parameters)); })
      policy.add_penalty_gradient(fixed(parameters), ActiveTasks(options.active), flat(gradient));
  }

  static Flat<double> flat(Vector<double>& values) { return {values.data(), values.size()}; }
  static ConstFlat<double> fixed(const Vector<double>& values) { return {values.data(), values.size()}; }

 private:
  Inputs<double> views(Vector<double>& values) {
    return {values.data(), options.inputs, options.samples, policy.input_copies() > 1 ? stride_ : 0};
  }

  Index stride_ = 0;
};

/// Compares the backward pass of a sharing policy with central differences: the gradients of its inputs and parameters,
/// its own terms and penalty included, for a random linear function of the active tasks' representations. A policy that
/// stops or reverses gradients on purpose cannot pass where it does.
///
/// @return the furthest apart; `error` below 1e-7 is what a right gradient reaches away from kinks
template <Sharing P>
GradientCheck check_sharing(P policy, const std::vector<std::string_view>& task_names, SharingCheck options = {}) {
  SharingProbe<P> probe(std::move(policy), task_names, std::move(options));
  probe.differentiate();
  const Vector<double> gradient = probe.gradient;
  const Vector<double> input_gradient = probe.input_gradient;
  const auto value = [&] { return probe.value(); };
  GradientCheck check = check_gradient(probe.flat(probe.parameters), probe.fixed(gradient), value);
  check.merge(check_gradient(probe.flat(probe.inputs), probe.fixed(input_gradient), value));
  return check;
}

}  // namespace polytask
