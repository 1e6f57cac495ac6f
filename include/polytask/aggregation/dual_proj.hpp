/// @file
/// DualProj: the mean gradient gives way to every task's gradient.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/dual_cone.hpp"

#include <string_view>

namespace polytask {

/// What DualProj works in; nothing is remembered between steps.
template <Scalar S>
class DualProjState {
 public:
  explicit DualProjState(Index tasks) : cone_(tasks), start_(tasks) {}

  void weigh(const StepGradients& step, Flat<S> coefficients) {
    const Index size = step.size();
    if (size == 0) return;
    cone_.set(step.gram, step.precision);
    start_.setConstant(1 / static_cast<double>(size));
    cone_.project(Flat<S>(start_.data(), size), coefficients);
  }

  template <class Self, class Visitor>
  static void configuration(Self&, Visitor&&) {}

 private:
  DualCone<S> cone_;
  Vector<S> start_;
};

/// The projection of the mean gradient on the directions that no task's gradient opposes (as GEM projects on those that
/// hurt no earlier task: Lopez-Paz, Ranzato, NeurIPS 2017):
///
///   d = sum w_j g_j with min w'Gw, w >= 1/T.
///
/// Scale: the mean over the tasks with a label; with no conflict all coefficients are 1 / T. One task: its gradient.
/// A task without a label takes no part. Cost: the Gram matrix and one projection.
struct DualProj {
  static constexpr std::string_view name = "dual_proj";
  static constexpr AggregationNeeds needs() { return {.gram = true}; }

  DualProjState<double> begin(const AggregatedTasks& tasks) const {
    return DualProjState<double>(static_cast<Index>(tasks.names.size()));
  }
};

}  // namespace polytask
