/// @file
/// The geometric mean of the losses in place of their sum.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/weighting/loss_logarithms.hpp"
#include "polytask/weighting/weighting.hpp"

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// The state of the geometric mean: the last weights.
class GeometricMeanState {
 public:
  explicit GeometricMeanState(const WeightedTasks& tasks)
      : names_(owned_names(tasks)), weights_(names_.size(), 1.0), logarithms_(names_.size()) {}

  Span<const double> weights() const { return weights_; }

  /// @throws TrainingError when a loss is below 0
  void prepare(const StepSignals& signals) {
    take_logarithms("gls", names_, signals, logarithms_);
    double sum = 0;
    double count = 0;
    for (const double logarithm : logarithms_) {
      if (std::isnan(logarithm)) continue;
      sum += logarithm;
      count += 1;
    }
    // d (prod L)^(1 / T) / d L = exp(mean log L) / (T L); the product itself would run out of the range of a double
    for (std::size_t task = 0; task < weights_.size(); ++task)
      if (!std::isnan(logarithms_[task])) weights_[task] = weight_of_logarithm(sum / count - logarithms_[task]) / count;
  }
  void update(const StepSignals&) {}

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_sized(visit, "weights", self.weights_);
  }

 private:
  std::vector<std::string> names_;
  std::vector<double> weights_;
  std::vector<double> logarithms_;  ///< scratch
};

/// Geometric loss strategy (Chennupati, Sistu, Yogamani, Rawashdeh, CVPR Workshops 2019): the loss is G = (prod
/// L)^(1/T), so that a task whose loss is a thousand times another's is not heard a thousand times as loud. Its
/// gradient is that of the losses under the weights w = G / (T L), here as in the paper.
///
/// Scale: the products w L are all G / T, and the weights of equal losses sum to 1. T and G are those of the tasks
/// with a label in the batch; the others keep their weight. Losses must be at least 0; a task whose loss is exactly
/// 0, where the mean has no gradient, is left out of that step. The losses are needed before the step.
struct GeometricMean {
  static constexpr std::string_view name = "gls";
  static constexpr WeightingNeeds needs() { return {.losses_first = true}; }

  GeometricMeanState begin(const WeightedTasks& tasks) const { return GeometricMeanState(tasks); }
};

}  // namespace polytask
