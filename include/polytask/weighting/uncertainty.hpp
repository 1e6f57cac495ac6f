/// @file
/// Weights from the uncertainty of each task, which is learnt (Kendall, Gal, Cipolla 2018).
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/weighting/learnt_numbers.hpp"
#include "polytask/weighting/weighting.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

namespace polytask {

class UncertaintyState;

/// Each task has a log-variance s. The total loss is the sum of exp(-s) / 2 * loss + s / 2 for regression (a Gaussian
/// with that variance) and exp(-s) * loss + s / 2 for classification (a softmax with that temperature). So the weights
/// are exp(-s) / 2 and exp(-s); they settle at 1 / (2 loss) for both kinds. The total may fall below 0; what training
/// reports are the losses themselves. A loss that is 0 or below, such as a log density, has no such point: its weight
/// grows until s is at -largest.
///
/// The log-variances have an optimizer of their own (Adam, without weight decay, which would pull them towards equal
/// weights). A task without a label in a batch keeps its log-variance. The gradient, 1/2 - weight
/// * loss, counts as -10 or 10 where it is beyond: from a loss of 1e12, or from the end of its range, a log-variance
/// would otherwise take thousands of steps to come back, as Adam divides by the largest gradients that it remembers.
struct Uncertainty {
  double rate = 1e-2;   ///< learning rate of the log-variances
  double start = 0;     ///< first log-variance of every task
  double largest = 10;  ///< log-variances stay between -largest and largest

  static constexpr std::string_view name = "uncertainty";
  static constexpr WeightingNeeds needs() { return {}; }

  /// @throws ArgumentError when the rate is negative or not finite, or largest not above 0 and at most 34
  UncertaintyState begin(const WeightedTasks& tasks) const;
};

/// What uncertainty weighting remembers in a training run.
class UncertaintyState {
 public:
  UncertaintyState(const Uncertainty& settings, Span<const LossKind> kinds)
      : rate_(settings.rate),
        largest_(settings.largest),
        log_variances_(kinds.size(), settings.start),
        weights_(kinds.size()) {
    for (const LossKind kind : kinds) factors_.push_back(kind == LossKind::regression ? 0.5 : 1.0);
    weigh();
  }

  Span<const double> weights() const { return weights_; }
  Span<const double> log_variances() const { return log_variances_.values(); }

  void update(const StepSignals& signals) {
    for (std::size_t task = 0; task < weights_.size(); ++task) {
      if (!std::isfinite(signals.losses[task])) continue;
      // d/ds (factor exp(-s) loss + s / 2)
      const double gradient = std::clamp(0.5 - weights_[task] * signals.losses[task], -steepest, steepest);
      log_variances_.step(task, gradient, rate_);
      log_variances_.keep_within(task, largest_);
    }
    weigh();
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "rate", self.rate_);
    visit_setting(visit, "largest", self.largest_);
    visit("log_variances", self.log_variances_);
    if constexpr (!std::is_const_v<Self>) self.weigh();
  }

 private:
  static constexpr double steepest = 10;

  void weigh() {
    for (std::size_t task = 0; task < weights_.size(); ++task)
      weights_[task] = factors_[task] * std::exp(-log_variances_[task]);
  }

  double rate_;
  double largest_;
  std::vector<double> factors_;
  LearntNumbers log_variances_;
  std::vector<double> weights_;
};

inline UncertaintyState Uncertainty::begin(const WeightedTasks& tasks) const {
  require(std::isfinite(rate) && rate >= 0, "uncertainty weighting: the rate is ", rate, "; it must be at least 0");
  require(largest > 0 && largest <= 34, "uncertainty weighting: largest is ", largest,
          "; it must be above 0, and at most 34, as a weight is at most 1e15");
  require(std::abs(start) <= largest, "uncertainty weighting: the first log-variance is ", start,
          ", not a number between -largest and largest");
  return UncertaintyState(*this, tasks.kinds);
}

}  // namespace polytask
