/// @file
/// ExcessMTL: tasks are weighted by how far their loss is from the least it could be.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/task_gradients.hpp"
#include "polytask/core/errors.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

namespace polytask {

template <Scalar S>
class ExcessMtlState;

/// ExcessMTL (He, Zhou, Zhang and others, ICML 2024, "Robust Multi-Task Learning with Excess Risks"). The excess risk
/// of a task, its loss less the least it could be, which noise in the labels raises, is estimated to second order with
/// a diagonal of squared gradients in place of the Hessian, and weights are updated by multiplication:
///
///   S_i <- S_i + g_i^2 (at each parameter),  e_i = sum g_i^2 / sqrt(S_i + epsilon),
///   w_i <- w_i exp(rate e_i / e_i(first)).
///
/// e(first) is that of the task's first gradient that is not 0; until then its weight is not raised.
///
/// Scale: the weights of all tasks sum to T (LibMTL; TorchJD: to 1), so d is near the sum of the gradients and begins
/// there. One task: its gradient. A task without a label keeps S and its weight; the others keep the sum of theirs.
/// Weights are kept as logarithms, so that a large e ends in weights of 0 and T, which can change again. Embedding
/// tables are combined with the same weights, which follow from the other parameters. Cost: a gradient a task is held
/// and another remembered.
struct ExcessMtl {
  double rate = 0.01;     ///< of the weights
  double epsilon = 1e-7;  ///< added to the sum of squares, above 0

  static constexpr std::string_view name = "excess_mtl";
  static constexpr AggregationNeeds needs() { return {.gradients = true}; }

  /// @throws ArgumentError when the rate is negative or not finite, or epsilon not from 1e-30 to 1
  template <Scalar S>
  ExcessMtlState<S> begin(const AggregatedTasks& tasks) const;
};

/// What ExcessMTL remembers in a training run.
template <Scalar S>
class ExcessMtlState {
 public:
  ExcessMtlState(const ExcessMtl& settings, const AggregatedTasks& tasks)
      : settings_(settings),
        squares_(tasks.parameters, static_cast<Index>(tasks.names.size())),
        first_(tasks.names.size(), 0.0),
        logarithms_(tasks.names.size(), 0.0) {}

  void combine(const StepGradients& step, const ConstColumns<S>& gradients, Flat<double> coefficients,
               Flat<S> direction) {
    direction.setZero();
    if (step.size() == 0) return;
    const double before = logarithm_of_sum(step);
    for (Index place = 0; place < step.size(); ++place) {
      const Index task = step.tasks[static_cast<std::size_t>(place)];
      auto squares = squares_[task].array();
      const auto gradient = gradients.col(place).array();
      squares += gradient.square();
      // g (g / sqrt(S + epsilon)): the second factor is at most 1, and so nothing is lost that is very large
      const double excess =
          (gradient * (gradient / (squares + static_cast<S>(settings_.epsilon)).sqrt())).template cast<double>().sum();
      double& first = first_[static_cast<std::size_t>(task)];
      if (!(first > 0)) first = excess;
      if (first > 0) logarithm(step, place) += settings_.rate * (excess / first);
    }
    // the largest first, so that nothing is lost beside it where it is very large
    const double largest = largest_logarithm(step);
    for (Index place = 0; place < step.size(); ++place) logarithm(step, place) -= largest;
    const double after = logarithm_of_sum(step);
    for (Index place = 0; place < step.size(); ++place) {
      logarithm(step, place) += before - after;
      coefficients[place] = std::exp(logarithm(step, place));
      direction += static_cast<S>(coefficients[place]) * gradients.col(place);
    }
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "rate", self.settings_.rate);
    visit_setting(visit, "epsilon", self.settings_.epsilon);
    visit_sized(visit, "squares", self.squares_.buffer());
    visit_sized(visit, "first", self.first_);
    visit_sized(visit, "logarithms", self.logarithms_);
  }

 private:
  double& logarithm(const StepGradients& step, Index place) {
    return logarithms_[static_cast<std::size_t>(step.tasks[static_cast<std::size_t>(place)])];
  }

  /// of the weights of the tasks that have a label
  double largest_logarithm(const StepGradients& step) {
    double largest = logarithm(step, 0);
    for (Index place = 1; place < step.size(); ++place) largest = (std::max)(largest, logarithm(step, place));
    return largest;
  }

  /// log of the sum of the weights of the tasks that have a label
  double logarithm_of_sum(const StepGradients& step) {
    const double largest = largest_logarithm(step);
    double sum = 0;
    for (Index place = 0; place < step.size(); ++place) sum += std::exp(logarithm(step, place) - largest);
    return largest + std::log(sum);
  }

  ExcessMtl settings_;
  TaskGradients<S> squares_;        ///< sums of the squares of the gradients
  std::vector<double> first_;       ///< the first excess of each task; 0 until there is one
  std::vector<double> logarithms_;  ///< of the weights of all tasks, which sum to T
};

template <Scalar S>
ExcessMtlState<S> ExcessMtl::begin(const AggregatedTasks& tasks) const {
  require(std::isfinite(rate) && rate >= 0, "ExcessMTL: the rate is ", rate, "; it must be at least 0");
  require(epsilon >= 1e-30 && epsilon <= 1, "ExcessMTL: epsilon is ", epsilon, "; it must be from 1e-30 to 1");
  return ExcessMtlState<S>(*this, tasks);
}

}  // namespace polytask
