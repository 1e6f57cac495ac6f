/// @file
/// DB-MTL: losses are balanced by their logarithm, gradients by their length.
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
class DbMtlState;

/// Dual-balancing multi-task learning (Lin, Jiang, Ye and others, 2023). Each task has a moving average y of the
/// gradients of its log L, and all averages are brought to the length of the longest:
///
///   b = beta / k^beta_decay,  k: steps in which task i had a label,
///   y_i <- b y_i + (1 - b) g_i / max(|L_i|, epsilon),  d = sum_i (max_j |y_j| / |y_i|) y_i.
///
/// g_i is the gradient of the weighted loss w_i L_i, so g_i / L_i is w_i times that of log L_i. A weight falls out of
/// the direction of y_i; what it moves is which length is the longest, and, where it changes, what counts in the
/// average. A loss below 0 has no logarithm: |L_i| keeps the step downhill. Other than in the paper, y begins at the
/// first gradient, not at 0.
///
/// Scale: the sum over the tasks with a label of vectors of one length: d grows with T, as in the paper, and is about
/// that of log L, not of L. One task: its average; in the first step g / L. A task without a label keeps its average,
/// which takes no part; one whose average is 0 has the coefficient 0. Averages are of parameters without embedding
/// tables; these are combined of the step's gradients with coefficients max |y| / |y_i| / |L_i|, at most 1e15 (1 /
/// |L_i| where tasks share nothing but tables). Cost: a gradient a task is held and another remembered.
struct DbMtl {
  double beta = 0.9;        ///< what is kept of the average in a step, at least 0 and below 1
  double beta_decay = 0.5;  ///< how that falls with the steps; 0: not at all
  double epsilon = 1e-8;    ///< a smaller loss counts as this, above 0

  static constexpr std::string_view name = "db_mtl";
  static constexpr AggregationNeeds needs() { return {.gradients = true}; }

  /// @throws ArgumentError when beta is not in [0, 1), beta_decay is negative or epsilon not from 1e-20 to 1
  template <Scalar S>
  DbMtlState<S> begin(const AggregatedTasks& tasks) const;
};

/// What DB-MTL remembers in a training run.
template <Scalar S>
class DbMtlState {
 public:
  DbMtlState(const DbMtl& settings, const AggregatedTasks& tasks)
      : settings_(settings),
        averages_(tasks.parameters, static_cast<Index>(tasks.names.size())),
        steps_(tasks.names.size(), 0),
        lengths_(static_cast<Index>(tasks.names.size())) {}

  void combine(const StepGradients& step, const ConstColumns<S>& gradients, Flat<double> coefficients,
               Flat<S> direction) {
    direction.setZero();
    double longest = 0;
    for (Index place = 0; place < step.size(); ++place) {
      const Index task = step.tasks[static_cast<std::size_t>(place)];
      const auto count = static_cast<double>(++steps_[static_cast<std::size_t>(task)]);
      const double kept = count > 1 ? settings_.beta / std::pow(count, settings_.beta_decay) : 0;
      const double added = (1 - kept) / loss(step, place);
      averages_[task] = static_cast<S>(kept) * averages_[task] + static_cast<S>(added) * gradients.col(place);
      lengths_[place] = std::sqrt(averages_.product(task, task));
      longest = (std::max)(longest, lengths_[place]);
    }
    for (Index place = 0; place < step.size(); ++place) {
      coefficients[place] = longest > 0 ? 0 : 1 / loss(step, place);
      if (!(lengths_[place] > 1e-30 * longest)) continue;
      const double factor = longest / lengths_[place];
      coefficients[place] = (std::min)(factor / loss(step, place), 1e15);
      direction += static_cast<S>(factor) * averages_[step.tasks[static_cast<std::size_t>(place)]];
    }
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "beta", self.settings_.beta);
    visit_setting(visit, "beta_decay", self.settings_.beta_decay);
    visit_setting(visit, "epsilon", self.settings_.epsilon);
    visit_sized(visit, "averages", self.averages_.buffer());
    visit_sized(visit, "steps", self.steps_);
  }

 private:
  double loss(const StepGradients& step, Index place) const {
    return (std::max)(std::abs(step.losses[static_cast<std::size_t>(place)]), settings_.epsilon);
  }

  DbMtl settings_;
  TaskGradients<S> averages_;  ///< of the gradients of log L
  std::vector<Index> steps_;   ///< in which the task had a label
  Vector<double> lengths_;     ///< scratch
};

template <Scalar S>
DbMtlState<S> DbMtl::begin(const AggregatedTasks& tasks) const {
  require(beta >= 0 && beta < 1, "DB-MTL: beta is ", beta, "; it must be at least 0 and below 1");
  require(std::isfinite(beta_decay) && beta_decay >= 0, "DB-MTL: beta_decay is ", beta_decay,
          "; it must be at least 0");
  require(epsilon >= 1e-20 && epsilon <= 1, "DB-MTL: epsilon is ", epsilon, "; it must be from 1e-20 to 1");
  return DbMtlState<S>(*this, tasks);
}

}  // namespace polytask
