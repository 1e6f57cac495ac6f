/// @file
/// UPGrad: every gradient gives way to the others before they are averaged.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/dual_cone.hpp"

#include <string_view>

namespace polytask {

/// What UPGrad works in; nothing is remembered between steps.
template <Scalar S>
class UpGradState {
 public:
  explicit UpGradState(Index tasks) : cone_(tasks), start_(tasks), nearest_(tasks) {}

  void weigh(const StepGradients& step, Flat<S> coefficients) {
    const Index size = step.size();
    cone_.set(step.gram, step.precision);
    coefficients.setZero();
    start_.setZero();
    for (Index task = 0; task < size; ++task) {
      start_[task] = 1 / static_cast<double>(size);
      cone_.project(Flat<S>(start_.data(), size), Flat<S>(nearest_.data(), size));
      start_[task] = 0;
      coefficients += nearest_.head(size);
    }
  }

  template <class Self, class Visitor>
  static void configuration(Self&, Visitor&&) {}

 private:
  DualCone<S> cone_;
  Vector<S> start_;
  Vector<S> nearest_;
};

/// Unconflicting projection of gradients (Quinton, Rey 2024, "Jacobian Descent for Multi-Objective Optimization"). Each
/// gradient is projected on the directions that no task's gradient opposes, and the projections are averaged:
///
///   d = 1/T sum_i proj(g_i),  proj(g_i) = sum_j w_j g_j with min w'Gw, w >= e_i.
///
/// So no task's loss grows (to first order), d is linear in the length of every gradient, and d is zero only where the
/// tasks have no common way down.
///
/// Scale: the mean over the tasks with a label, as in the paper; with no conflict all coefficients are 1 / T. For two
/// tasks it is half of PCGrad's sum. One task: its gradient. A task without a label takes no part. Cost: the Gram
/// matrix and T projections; for 64 tasks in conflict some milliseconds.
struct UpGrad {
  static constexpr std::string_view name = "upgrad";
  static constexpr AggregationNeeds needs() { return {.gram = true}; }

  UpGradState<double> begin(const AggregatedTasks& tasks) const {
    return UpGradState<double>(static_cast<Index>(tasks.names.size()));
  }
};

}  // namespace polytask
