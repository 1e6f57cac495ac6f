/// @file
/// Weights under which all weighted losses become alike (the loss balance of impartial multi-task learning).
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

class ImtlLState;

/// IMTL-L (Liu, Li, Kuang, Xue, Chen, Yang, Liao, Zhang, ICLR 2021): the total loss is sum (exp(s) L - s), with s
/// learnt. The weights are exp(s); they settle at 1 / L, where each weighted loss is 1. It is twice the uncertainty
/// weighting of a regression whose log-variance is -s, the bound of whose gradient (10 there) is 20 here.
///
/// Scale: the products w L go to 1, as in the paper; the weights have no sum of their own. A task without a label in a
/// batch keeps its s. The numbers s have an Adam of their own, without weight decay. Costs nothing.
struct ImtlL {
  double rate = 1e-2;   ///< learning rate of s
  double start = 0;     ///< first s of every task
  double largest = 10;  ///< s stays between -largest and largest

  static constexpr std::string_view name = "imtl_l";
  static constexpr WeightingNeeds needs() { return {}; }

  /// @throws ArgumentError when the rate is negative or a setting is not finite
  ImtlLState begin(const WeightedTasks& tasks) const;
};

/// What IMTL-L remembers in a training run.
class ImtlLState {
 public:
  ImtlLState(const ImtlL& settings, std::size_t tasks)
      : rate_(settings.rate), largest_(settings.largest), logarithms_(tasks, settings.start), weights_(tasks) {
    weigh();
  }

  Span<const double> weights() const { return weights_; }

  void update(const StepSignals& signals) {
    for (std::size_t task = 0; task < weights_.size(); ++task) {
      if (!std::isfinite(signals.losses[task])) continue;
      // d/ds (exp(s) L - s)
      logarithms_.step(task, std::clamp(weights_[task] * signals.losses[task] - 1, -steepest, steepest), rate_);
      logarithms_.keep_within(task, largest_);
    }
    weigh();
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "rate", self.rate_);
    visit_setting(visit, "largest", self.largest_);
    visit("logarithms", self.logarithms_);
    if constexpr (!std::is_const_v<Self>) self.weigh();
  }

 private:
  static constexpr double steepest = 20;

  void weigh() {
    for (std::size_t task = 0; task < weights_.size(); ++task) weights_[task] = std::exp(logarithms_[task]);
  }

  double rate_;
  double largest_;
  LearntNumbers logarithms_;  ///< s, the logarithms of the weights
  std::vector<double> weights_;
};

inline ImtlLState ImtlL::begin(const WeightedTasks& tasks) const {
  require(std::isfinite(rate) && rate >= 0, "imtl_l: the rate is ", rate, "; it must be at least 0");
  require(std::isfinite(largest) && largest > 0 && largest <= 34, "imtl_l: largest is ", largest,
          "; it must be above 0 and at most 34, as a weight is at most 1e15");
  require(std::abs(start) <= largest, "imtl_l: the first s is ", start, ", not a number between -largest and largest");
  return ImtlLState(*this, tasks.names.size());
}

}  // namespace polytask
