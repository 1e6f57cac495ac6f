/// @file
/// The sum of the logarithms of the losses in place of their sum.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/weighting/loss_logarithms.hpp"
#include "polytask/weighting/weighting.hpp"

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// The state of scale-invariant weights: the last ones.
class ScaleInvariantState {
 public:
  explicit ScaleInvariantState(const WeightedTasks& tasks)
      : names_(owned_names(tasks)), weights_(names_.size(), 1.0), logarithms_(names_.size()) {}

  Span<const double> weights() const { return weights_; }

  /// @throws TrainingError when a loss is below 0
  void prepare(const StepSignals& signals) {
    take_logarithms("scale_invariant", names_, signals, logarithms_);
    // d log L / d L = 1 / L
    for (std::size_t task = 0; task < weights_.size(); ++task)
      if (!std::isnan(logarithms_[task])) weights_[task] = weight_of_logarithm(-logarithms_[task]);
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

/// The loss is sum log L, whose gradient does not change with the units in which a loss is measured; a baseline of
/// Navon et al. (Nash-MTL, ICML 2022). The weights are w = 1 / L, parallel to those of GeometricMean.
///
/// Scale: the products w L are all 1; the weights have no sum of their own, and are at most 1e15. A task without a
/// label in the batch keeps its weight. Losses must be at least 0; a task whose loss is exactly 0 is left out of that
/// step. The losses are needed before the step.
struct ScaleInvariant {
  static constexpr std::string_view name = "scale_invariant";
  static constexpr WeightingNeeds needs() { return {.losses_first = true}; }

  ScaleInvariantState begin(const WeightedTasks& tasks) const { return ScaleInvariantState(tasks); }
};

}  // namespace polytask
