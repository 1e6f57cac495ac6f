/// @file
/// MetaBalance: auxiliary gradients are brought to the length of the main task's.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/core/errors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

template <Scalar S>
class MetaBalanceState;

/// MetaBalance (He, Feng, Cheng, Ji, Guo, Caverlee, WWW 2022), which both shortens and lengthens auxiliary gradients.
/// With m_i the moving mean of |g_i|,
///
///   m_i <- beta m_i + (1 - beta) |g_i|,  c_i = relax m_main / m_i + 1 - relax,  c_main = 1.
///
/// A mean begins at the first length of its task. The paper does this layer by layer; here a gradient is that of all
/// parameters that tasks share.
///
/// Scale: the sum of the gradients; with relax 0 it is that. One task: its gradient if it is the main task, or if the
/// main task has not had a label yet; else as above. A task without a label leaves its mean as it was, and the main
/// task counts with the mean it has. A coefficient is at most 1e15; that of a task whose mean is 0 is 1. Cost: of the
/// Gram matrix only the diagonal is used.
struct MetaBalance {
  std::string main = {};  ///< name of the main task; empty: the first
  double beta = 0.9;      ///< what is kept of the mean length in a step
  double relax = 0.7;     ///< 0: gradients as they are; 1: all as long as the main task's

  static constexpr std::string_view name = "metabalance";
  static constexpr AggregationNeeds needs() { return {.gram = true}; }

  /// @throws ArgumentError when main is no task's name, beta is not in [0, 1) or relax not in [0, 1]
  MetaBalanceState<double> begin(const AggregatedTasks& tasks) const;
};

/// What MetaBalance remembers in a training run.
template <Scalar S>
class MetaBalanceState {
 public:
  MetaBalanceState(const MetaBalance& settings, Index main, Index tasks)
      : settings_(settings), main_(main), lengths_(static_cast<std::size_t>(tasks), none) {}

  void weigh(const StepGradients& step, Flat<S> coefficients) {
    const ConstColumns<S>& gram = step.gram;
    for (Index place = 0; place < step.size(); ++place) {
      double& mean = length(step.tasks[static_cast<std::size_t>(place)]);
      const double now = std::sqrt((std::max)(gram(place, place), 0.0));
      mean = std::isnan(mean) ? now : settings_.beta * mean + (1 - settings_.beta) * now;
    }
    const double target = length(main_);
    for (Index place = 0; place < step.size(); ++place) {
      const Index task = step.tasks[static_cast<std::size_t>(place)];
      const double mean = length(task);
      const bool as_it_is = task == main_ || std::isnan(target) || !(mean > 0);
      const double ratio = mean > 1e-30 * target ? (std::min)(target / mean, 1e15) : 1e15;
      coefficients[place] = as_it_is ? 1 : settings_.relax * ratio + (1 - settings_.relax);
    }
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "main", self.main_);
    visit_setting(visit, "beta", self.settings_.beta);
    visit_setting(visit, "relax", self.settings_.relax);
    visit_sized(visit, "lengths", self.lengths_);
  }

 private:
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();

  double& length(Index task) { return lengths_[static_cast<std::size_t>(task)]; }

  MetaBalance settings_;
  Index main_;
  std::vector<double> lengths_;  ///< moving means; NaN until the task has had a label
};

inline MetaBalanceState<double> MetaBalance::begin(const AggregatedTasks& tasks) const {
  require(beta >= 0 && beta < 1, "MetaBalance: beta is ", beta, "; it must be at least 0 and below 1");
  require(relax >= 0 && relax <= 1, "MetaBalance: relax is ", relax, "; it must be from 0 to 1");
  Index found = main.empty() ? 0 : -1;
  for (std::size_t task = 0; task < tasks.names.size(); ++task)
    if (tasks.names[task] == main) found = static_cast<Index>(task);
  require(found >= 0, "MetaBalance: the main task is '", main,
          "', which is no task; the tasks are: ", list_of(tasks.names));
  return MetaBalanceState<double>(*this, found, static_cast<Index>(tasks.names.size()));
}

}  // namespace polytask
