/// @file
/// FairGrad: shares of the progress that are fair, from no fairness to that of the worst-off.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/fair_shares.hpp"

#include <cmath>
#include <string_view>

namespace polytask {

template <Scalar S>
class FairGradState;

/// FairGrad (Ban, Ji, ICML 2024). The direction maximises the alpha-fair sum over the tasks of (g . d)^(1 - alpha) / (1
/// - alpha); its coefficients solve G c = c^(-1/alpha), c > 0, for the Gram matrix G: g . d = c^(-1/alpha) > 0, so no
/// task is hurt. alpha = 1 is Nash-MTL's equation, larger ones approach the same progress for all. alpha = 0 is the
/// paper's case without fairness: coefficients 1, the direction of the mean, as long as the sum. That is the limit of a
/// small alpha while the sum hurts no task; where it does, the limit is the direction nearest to the sum that hurts
/// none.
///
/// Solved by Newton's method (see FairShares, also for gradients that depend on each other: the direction then goes to
/// 0 where they are stationary, and may hurt a task by 1e-6 sqrt(T) of its length, of float by 4e-4 sqrt(T)).
///
/// Scale: the paper's. k times the gradients make k^((1 - alpha) / (1 + alpha)) times the direction: for alpha = 1 its
/// length is always the root of the number of tasks, however small the gradients are. One task: its gradient times
/// |g|^(-2 alpha / (1 + alpha)). A task whose gradient is 0 has coefficient 0 (for alpha = 0: 1). A task without a
/// label takes no part. Cost: the Gram matrix, and some 10 solutions of a system of T equations.
struct FairGrad {
  double alpha = 1;  ///< how fair: from 0 (not) to 100 (nearly the same progress for all)

  static constexpr std::string_view name = "fairgrad";
  static constexpr AggregationNeeds needs() { return {.gram = true}; }

  /// @throws ArgumentError when alpha is not from 0 to 100
  FairGradState<double> begin(const AggregatedTasks& tasks) const;
};

/// What FairGrad works in; nothing is remembered between steps.
template <Scalar S>
class FairGradState {
 public:
  FairGradState(const FairGrad& settings, Index tasks) : settings_(settings), shares_(tasks) {}

  void weigh(const StepGradients& step, Flat<S> coefficients) {
    if (step.size() == 0) return;
    if (settings_.alpha == 0) {
      coefficients.setOnes();
      return;
    }
    shares_.solve(step.gram, step.precision, settings_.alpha, coefficients);
    const double power = -2 * settings_.alpha / (1 + settings_.alpha);
    if (shares_.longest() > 0) coefficients *= std::pow(shares_.longest(), power);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "alpha", self.settings_.alpha);
  }

 private:
  FairGrad settings_;
  FairShares<S> shares_;
};

inline FairGradState<double> FairGrad::begin(const AggregatedTasks& tasks) const {
  require(alpha >= 0 && alpha <= 100, "FairGrad: alpha is ", alpha, "; it must be from 0 to 100");
  return FairGradState<double>(*this, static_cast<Index>(tasks.names.size()));
}

}  // namespace polytask
