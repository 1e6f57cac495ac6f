/// @file
/// The sum and the mean of the tasks' gradients: what training does without aggregation, and the mean of it.
#pragma once

#include "polytask/aggregation/aggregation.hpp"

namespace polytask {

/// The state of a rule that remembers nothing and gives all tasks the same coefficient.
class SameCoefficients {
 public:
  explicit SameCoefficients(bool mean) : mean_(mean) {}

  template <Scalar S>
  void weigh(const StepGradients& step, Flat<S> coefficients) {
    for (S& coefficient : numbers_of(coefficients)) coefficient = mean_ ? S(1) / static_cast<S>(step.size()) : S(1);
  }

  template <class Self, class Visitor>
  static void configuration(Self&, Visitor&&) {}

 private:
  bool mean_;
};

/// The direction is the sum of the gradients; coefficients are 1, also when a task has no label in the batch. It asks
/// for nothing: one backward pass for all tasks. A single task's direction is its gradient.
struct Sum {
  static constexpr std::string_view name = "sum";
  static constexpr AggregationNeeds needs() { return {}; }

  SameCoefficients begin(const AggregatedTasks&) const { return SameCoefficients(false); }
};

/// The direction is the mean of the gradients; coefficients are 1 / T for the T tasks that have a label in the batch,
/// so they sum to 1. It costs a backward pass a task, so that terms which are no task's stay as they are. A single
/// task's direction is its gradient.
struct Mean {
  static constexpr std::string_view name = "mean";
  static constexpr AggregationNeeds needs() { return {.gram = true}; }

  SameCoefficients begin(const AggregatedTasks&) const { return SameCoefficients(true); }
};

}  // namespace polytask
