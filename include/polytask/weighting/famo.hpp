/// @file
/// Weights under which the losses of all tasks fall at the same relative pace (FAMO).
#pragma once

#include "polytask/core/by_name.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/weighting/learnt_numbers.hpp"
#include "polytask/weighting/softmax.hpp"
#include "polytask/weighting/task_values.hpp"
#include "polytask/weighting/weighting.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask {

class FamoState;

/// Fast adaptive multitask optimization (Liu, Feng, Stone, Liu, NeurIPS 2023). With z the softmax of one learnt logit
/// a task, and D = L - b + epsilon the loss above its lower bound b, the step is taken down sum z log D, times a
/// constant for which the weights w = c z / D sum to T. After the step the losses of the same samples say how much
/// log D has fallen for each task: the logits take a step of their own Adam down z (d - sum z d) with d = log
/// D_before - log D_after, so that the task which has gained most is weighted down. Weight decay gamma leads the
/// logits back to equality.
///
/// Scale: the weights of the T tasks with a label in the batch sum to T; the paper's sum to 1. A task without a label
/// keeps its logit and its weight, and the others are balanced among themselves. Costs another forward pass after the
/// step, and the losses before it.
struct Famo {
  double rate = 0.025;               ///< learning rate of the logits
  double gamma = 1e-3;               ///< weight decay of the logits
  double epsilon = 1e-8;             ///< added to L - b
  ByName<double> lower_bounds = {};  ///< b by task name; 0 for a task that is not named

  static constexpr std::string_view name = "famo";
  static constexpr WeightingNeeds needs() { return {.losses_first = true, .losses_after = true}; }

  /// @throws ArgumentError when a setting is out of range, or a lower bound is given for no task or is not finite
  FamoState begin(const WeightedTasks& tasks) const;
};

/// What FAMO remembers in a training run.
class FamoState {
 public:
  FamoState(const Famo& settings, const WeightedTasks& tasks)
      : rate_(settings.rate),
        gamma_(settings.gamma),
        epsilon_(settings.epsilon),
        names_(tasks.names.begin(), tasks.names.end()),
        lower_bounds_(by_task(tasks, settings.lower_bounds, 0.0, "famo: a lower bound")),
        logits_(names_.size(), 0),
        weights_(names_.size(), 1.0),
        shares_(names_.size()),
        gains_(names_.size()) {}

  Span<const double> weights() const { return weights_; }
  Span<const double> logits() const { return logits_.values(); }

  /// @throws TrainingError when a loss is below the lower bound of its task
  void prepare(const StepSignals& signals) {
    // w = c z / D with sum w = T is T softmax(logit - log D)
    for (std::size_t task = 0; task < weights_.size(); ++task)
      shares_[task] = logits_[task] - log_above_bound(task, signals.losses[task], signals.step);
    softmax_of_mean_one(shares_);
    for (std::size_t task = 0; task < weights_.size(); ++task)
      if (!std::isnan(shares_[task])) weights_[task] = shares_[task];
  }

  /// @throws TrainingError when a loss is below the lower bound of its task
  void update(const StepSignals& signals) {
    for (std::size_t task = 0; task < weights_.size(); ++task) {
      gains_[task] = log_above_bound(task, signals.losses[task], signals.step) -
                     log_above_bound(task, signals.losses_after[task], signals.step);
      shares_[task] = std::isnan(gains_[task]) ? gains_[task] : logits_[task];
    }
    const auto count = static_cast<double>(softmax_of_mean_one(shares_));
    double mean_gain = 0;
    for (std::size_t task = 0; task < weights_.size(); ++task)
      if (!std::isnan(gains_[task])) mean_gain += shares_[task] / count * gains_[task];
    for (std::size_t task = 0; task < weights_.size(); ++task) {
      if (std::isnan(gains_[task])) continue;
      // the Jacobian of the softmax, diag(z) - z z', times the gains
      logits_.step(task, shares_[task] / count * (gains_[task] - mean_gain), rate_, gamma_);
    }
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "rate", self.rate_);
    visit_setting(visit, "gamma", self.gamma_);
    visit_setting(visit, "epsilon", self.epsilon_);
    visit_setting(visit, "lower_bounds", self.lower_bounds_);
    visit("logits", self.logits_);
    visit_sized(visit, "weights", self.weights_);
  }

 private:
  /// log D; NaN where there is no finite loss.
  double log_above_bound(std::size_t task, double loss, Index step) const {
    if (!std::isfinite(loss)) return std::numeric_limits<double>::quiet_NaN();
    require<TrainingError>(loss >= lower_bounds_[task], "famo: the loss of task '", names_[task], "' is ", loss,
                           " in step ", step, ", below its lower bound of ", lower_bounds_[task],
                           "; give a lower one in lower_bounds");
    return std::log(loss - lower_bounds_[task] + epsilon_);
  }

  double rate_;
  double gamma_;
  double epsilon_;
  std::vector<std::string> names_;
  std::vector<double> lower_bounds_;  ///< b
  LearntNumbers logits_;
  std::vector<double> weights_;
  std::vector<double> shares_;  ///< scratch
  std::vector<double> gains_;   ///< scratch
};

inline FamoState Famo::begin(const WeightedTasks& tasks) const {
  require(std::isfinite(rate) && rate >= 0, "famo: the rate is ", rate, "; it must be at least 0");
  require(std::isfinite(gamma) && gamma >= 0, "famo: gamma is ", gamma, "; it must be at least 0");
  require(std::isfinite(epsilon) && epsilon > 0, "famo: epsilon is ", epsilon, "; it must be above 0");
  for (const auto& [task, bound] : lower_bounds)
    require(std::isfinite(bound), "famo: the lower bound of '", task, "' is ", bound, "; it must be finite");
  return FamoState(*this, tasks);
}

}  // namespace polytask
