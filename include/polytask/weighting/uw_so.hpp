/// @file
/// Weights from the inverse losses under a softmax (UW-SO).
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/weighting/softmax.hpp"
#include "polytask/weighting/weighting.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

class UwSoState;

/// Soft optimal uncertainty weighting (Kirchdorfer, Elich, Kutsche, Stuckenschmidt, Schott, Koehler, 2024, arXiv
/// 2408.07985): the variance that uncertainty weighting learns has a best value for the losses at hand, and with it
/// the weight is 1 / L; a softmax with a temperature makes weights of these: w = T softmax((1 / L) / temperature),
/// the losses held constant.
///
/// Scale: the weights of the T tasks with a label in the batch sum to T, as under Equal; the paper's sum to 1. A task
/// without a label keeps its weight. The losses are needed before the step.
struct UwSo {
  double temperature = 1;  ///< of the softmax, in units of 1 / loss; to be tuned for the data, larger is more equal
  double smallest = 1e-8;  ///< a loss below this counts as this, as 1 / L has no end

  static constexpr std::string_view name = "uw_so";
  static constexpr WeightingNeeds needs() { return {.losses_first = true}; }

  /// @throws ArgumentError when a setting is not above 0
  UwSoState begin(const WeightedTasks& tasks) const;
};

/// What UW-SO remembers in a training run: the last weights.
class UwSoState {
 public:
  UwSoState(const UwSo& settings, const WeightedTasks& tasks)
      : settings_(settings),
        names_(tasks.names.begin(), tasks.names.end()),
        weights_(names_.size(), 1.0),
        shares_(names_.size()) {}

  Span<const double> weights() const { return weights_; }

  /// @throws TrainingError when a loss is below 0
  void prepare(const StepSignals& signals) {
    for (std::size_t task = 0; task < weights_.size(); ++task) {
      const double loss = signals.losses[task];
      require<TrainingError>(!(loss < 0), "uw_so: the loss of task '", names_[task], "' is ", loss, " in step ",
                             signals.step, "; the rule takes its inverse, and needs losses of at least 0");
      shares_[task] = std::isfinite(loss) ? 1 / (std::max)(loss, settings_.smallest) / settings_.temperature
                                          : std::numeric_limits<double>::quiet_NaN();
    }
    softmax_of_mean_one(shares_);
    for (std::size_t task = 0; task < weights_.size(); ++task)
      if (!std::isnan(shares_[task])) weights_[task] = shares_[task];
  }
  void update(const StepSignals&) {}

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "temperature", self.settings_.temperature);
    visit_setting(visit, "smallest", self.settings_.smallest);
    visit_sized(visit, "weights", self.weights_);
  }

 private:
  UwSo settings_;
  std::vector<std::string> names_;
  std::vector<double> weights_;
  std::vector<double> shares_;  ///< scratch
};

inline UwSoState UwSo::begin(const WeightedTasks& tasks) const {
  // above 1e-100, so that 1 / smallest / temperature is finite
  require(std::isfinite(temperature) && temperature > 1e-100, "uw_so: the temperature is ", temperature,
          "; it must be above 0 (1e-100)");
  require(std::isfinite(smallest) && smallest > 1e-100, "uw_so: smallest is ", smallest,
          "; it must be above 0 (1e-100)");
  return UwSoState(*this, tasks);
}

}  // namespace polytask
