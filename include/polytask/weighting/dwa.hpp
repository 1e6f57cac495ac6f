/// @file
/// Weights from how fast each task's loss fell over the last two epochs (dynamic weight average).
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/weighting/softmax.hpp"
#include "polytask/weighting/weighting.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <vector>

namespace polytask {

class DynamicWeightAverageState;

/// Dynamic weight average (Liu, Johns, Davison, CVPR 2019). With L(t) the mean over the batches of epoch t, the ratio
/// r = L(t - 1) / L(t - 2) says how slowly a task learns, and w = T softmax(r / temperature) in epoch t. Weights are
/// 1 in the first two epochs.
///
/// Scale: the weights sum to the number of tasks T, as in the paper. A task without any label in an epoch keeps its
/// last ratio (1 at first); its next ratio is that of the last two epochs in which it had labels. So does one whose
/// L(t - 2) is not above 0. Costs nothing.
struct DynamicWeightAverage {
  double temperature = 2;  ///< of the softmax; larger is more equal

  static constexpr std::string_view name = "dwa";
  static constexpr WeightingNeeds needs() { return {}; }

  /// @throws ArgumentError when the temperature is not above 0
  DynamicWeightAverageState begin(const WeightedTasks& tasks) const;
};

/// What dynamic weight average remembers in a training run.
class DynamicWeightAverageState {
 public:
  DynamicWeightAverageState(const DynamicWeightAverage& settings, std::size_t tasks)
      : temperature_(settings.temperature),
        sums_(tasks, 0.0),
        counts_(tasks, 0),
        means_(tasks, std::numeric_limits<double>::quiet_NaN()),
        ratios_(tasks, 1.0),
        weights_(tasks, 1.0) {}

  Span<const double> weights() const { return weights_; }

  /// The first step of an epoch ends the one before.
  void prepare(const StepSignals& signals) {
    if (signals.epoch == epoch_) return;
    for (std::size_t task = 0; task < weights_.size(); ++task) {
      if (counts_[task] == 0) continue;
      const double mean = sums_[task] / static_cast<double>(counts_[task]);
      if (means_[task] > 0) ratios_[task] = (std::min)(mean / means_[task], (std::numeric_limits<double>::max)());
      means_[task] = mean;
      sums_[task] = 0;
      counts_[task] = 0;
    }
    epoch_ = signals.epoch;
    weigh();
  }

  void update(const StepSignals& signals) {
    for (std::size_t task = 0; task < weights_.size(); ++task) {
      if (!std::isfinite(signals.losses[task])) continue;
      sums_[task] += signals.losses[task];
      ++counts_[task];
    }
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "temperature", self.temperature_);
    visit("epoch", self.epoch_);
    visit_sized(visit, "sums", self.sums_);
    visit_sized(visit, "counts", self.counts_);
    visit_sized(visit, "means", self.means_);
    visit_sized(visit, "ratios", self.ratios_);
    if constexpr (!std::is_const_v<Self>) self.weigh();
  }

 private:
  void weigh() {
    for (std::size_t task = 0; task < weights_.size(); ++task)
      weights_[task] = (std::min)((std::max)(ratios_[task] / temperature_, -bound), bound);
    softmax_of_mean_one(weights_);
  }

  static constexpr double bound = 1e300;  // a softmax takes finite numbers

  double temperature_;
  Index epoch_ = 0;
  std::vector<double> sums_;    ///< of this epoch
  std::vector<Index> counts_;   ///< of this epoch
  std::vector<double> means_;   ///< of the last epoch with a label; NaN before
  std::vector<double> ratios_;  ///< L(t - 1) / L(t - 2)
  std::vector<double> weights_;
};

inline DynamicWeightAverageState DynamicWeightAverage::begin(const WeightedTasks& tasks) const {
  require(std::isfinite(temperature) && temperature > 0, "dwa: the temperature is ", temperature,
          "; it must be above 0");
  return DynamicWeightAverageState(*this, tasks.names.size());
}

}  // namespace polytask
