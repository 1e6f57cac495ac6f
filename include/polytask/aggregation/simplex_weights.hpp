/// @file
/// Weights that an aggregation moves from step to step, of whatever tasks have a label.
#pragma once

#include "polytask/aggregation/aggregation.hpp"

#include <cstddef>
#include <vector>

namespace polytask {

/// Weights of all tasks, at least 0 and with sum 1. In a step those of the tasks that have a label are lent as weights
/// with sum 1, and taken back so that their sum is what it was: a task without a label keeps its own.
class SimplexWeights {
 public:
  explicit SimplexWeights(std::size_t tasks) : numbers_(tasks, 1 / static_cast<double>(tasks)) {}

  /// @param weights written, one a task of the step; equal ones where the tasks' own are all 0
  /// @return the sum of the tasks' own, for take_back()
  double lend(const StepGradients& step, Flat<double> weights) const {
    for (Index place = 0; place < step.size(); ++place) weights[place] = numbers_[task(step, place)];
    const double sum = weights.sum();
    if (sum > 0)
      weights /= sum;
    else
      weights.setConstant(1 / static_cast<double>(step.size()));
    return sum;
  }

  void take_back(const StepGradients& step, const Flat<double>& weights, double sum) {
    for (Index place = 0; place < step.size(); ++place) numbers_[task(step, place)] = sum * weights[place];
  }

  /// One a task, for files.
  std::vector<double>& numbers() { return numbers_; }
  const std::vector<double>& numbers() const { return numbers_; }

 private:
  static std::size_t task(const StepGradients& step, Index place) {
    return static_cast<std::size_t>(step.tasks[static_cast<std::size_t>(place)]);
  }

  std::vector<double> numbers_;
};

}  // namespace polytask
