/// @file
/// Weights under which all tasks pull at the shared layer at the right pace (GradNorm).
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/weighting/weighting.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

namespace polytask {

class GradNormState;

/// GradNorm (Chen, Badrinarayanan, Lee, Rabinovich, ICML 2018). W are the weights of the last shared layer, as the
/// sharing policy defines it, without bias. With G_t = |grad_W (w_t L_t)|, its mean G over the tasks, and the
/// relative inverse training rate r_t = (L_t / L_t(0)) / mean (L_s / L_s(0)), the weights take gradient steps on
/// sum_t |G_t - G r_t^alpha| with the target G r_t^alpha held constant: a task that has learnt less (r_t > 1) is to
/// pull harder. As d|grad_W w L| / dw = |grad_W L| no second derivative is needed. That is as long as the gradient,
/// whatever is missing to the target: beside a gradient of length 100 the paper's step would be of 2.5, and a weight
/// that should be 0.02 would go to and fro between almost 0 and more than 1. No step changes a weight by more than the
/// share `most_change` of it; with a huge share the rule is the paper's. After each step the weights are brought above
/// `least` and scaled so that they sum to the number of tasks.
///
/// L(0) is the mean loss of a task's first batches with a label, one as in the paper unless `first_batches` says more:
/// one batch with a handful of labels may begin near 0 by luck, and its task would count as slow for good. The rate of
/// a task that begins at 0 or below counts as 1. A batch
/// without a label of some task leaves that task's weight out: the others are balanced among themselves and keep
/// their sum. So does a step that another rule, such as Bounded, has taken with a weight of 0 for the task: |grad_W
/// L| is not to be had from it. Heads receive the gradient of the weighted loss.
///
/// Scale: the weights sum to the number of tasks, as in the paper. Costs a product with the last shared layer more a
/// task.
struct GradNorm {
  double alpha = 1.5;        ///< how hard slower tasks are favoured; 0: equal gradient norms
  double rate = 0.025;       ///< learning rate of the weights
  double least = 1e-4;       ///< below this no weight is stepped; scaling comes after that
  double most_change = 0.1;  ///< of a weight in a step, as a share of the weight
  Index first_batches = 1;   ///< whose mean loss is L(0); until they are over, that of those there were

  static constexpr std::string_view name = "gradnorm";
  static constexpr WeightingNeeds needs() { return {.gradient_norms = true}; }

  /// @throws ArgumentError when a setting is negative or not finite, or first_batches is below 1
  GradNormState begin(const WeightedTasks& tasks) const;
};

/// What GradNorm remembers in a training run.
class GradNormState {
 public:
  GradNormState(const GradNorm& settings, std::size_t tasks)
      : settings_(settings),
        weights_(tasks, 1.0),
        first_losses_(tasks, 0.0),
        first_counts_(tasks, 0),
        norms_(tasks),
        ratios_(tasks) {}

  Span<const double> weights() const { return weights_; }

  void update(const StepSignals& signals) {
    double mean_norm = 0;
    double mean_ratio = 0;
    double sum_before = 0;
    double count = 0;
    for (std::size_t task = 0; task < weights_.size(); ++task) {
      norms_[task] = std::numeric_limits<double>::quiet_NaN();
      if (!std::isfinite(signals.losses[task])) continue;
      if (first_counts_[task] < settings_.first_batches)
        first_losses_[task] +=
            (signals.losses[task] - first_losses_[task]) / static_cast<double>(++first_counts_[task]);
      // L / L(0); a task that began without loss is as far as it was
      ratios_[task] = first_losses_[task] > 0 ? signals.losses[task] / first_losses_[task] : 1.0;
      if (!(signals.weights[task] > 0)) continue;
      // G = w |grad_W L|, where the step was taken with a weight that need not have been w
      norms_[task] = signals.gradient_norms[task] * (weights_[task] / signals.weights[task]);
      mean_norm += norms_[task];
      mean_ratio += ratios_[task];
      sum_before += weights_[task];
      count += 1;
    }
    if (count < 2) return;
    mean_norm /= count;
    mean_ratio /= count;
    double sum_after = 0;
    for (std::size_t task = 0; task < weights_.size(); ++task) {
      const double norm = norms_[task];
      if (std::isnan(norm)) continue;
      const double relative = mean_ratio > 0 ? (std::max)(ratios_[task] / mean_ratio, 0.0) : 1.0;
      const double apart = norm - mean_norm * std::pow(relative, settings_.alpha);
      // dL_grad / dw = |grad_W L| sign(G - G r^alpha); G = w |grad_W L|
      const double slope = norm / weights_[task] * (apart > 0 ? 1.0 : apart < 0 ? -1.0 : 0.0);
      const double most = settings_.most_change * weights_[task];
      weights_[task] = (std::max)(weights_[task] - std::clamp(settings_.rate * slope, -most, most), settings_.least);
      sum_after += weights_[task];
    }
    for (std::size_t task = 0; task < weights_.size(); ++task)
      if (!std::isnan(norms_[task])) weights_[task] *= sum_before / sum_after;
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "alpha", self.settings_.alpha);
    visit_setting(visit, "rate", self.settings_.rate);
    visit_setting(visit, "least", self.settings_.least);
    visit_setting(visit, "most_change", self.settings_.most_change);
    visit_sized(visit, "weights", self.weights_);
    visit_setting(visit, "first_batches", self.settings_.first_batches);
    visit_sized(visit, "first_losses", self.first_losses_);
    visit_sized(visit, "first_counts", self.first_counts_);
  }

 private:
  GradNorm settings_;
  std::vector<double> weights_;
  std::vector<double> first_losses_;  ///< mean of so many:
  std::vector<Index> first_counts_;
  std::vector<double> norms_;   ///< scratch; NaN for a task that is left out
  std::vector<double> ratios_;  ///< scratch
};

inline GradNormState GradNorm::begin(const WeightedTasks& tasks) const {
  const auto check = [](double value, const char* setting) {
    require(std::isfinite(value) && value >= 0, "GradNorm: ", setting, " is ", value, "; it must be at least 0");
  };
  check(alpha, "alpha");
  check(rate, "rate");
  check(least, "least");
  check(most_change, "most_change");
  require(least > 0, "GradNorm: least is 0; a weight of 0 could not grow again");
  require(first_batches >= 1, "GradNorm: first_batches is ", first_batches, "; it must be at least 1");
  return GradNormState(*this, tasks.names.size());
}

}  // namespace polytask
