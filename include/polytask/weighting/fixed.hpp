/// @file
/// Weights that do not change: one for every task alike, or the user's own.
#pragma once

#include "polytask/core/by_name.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/weighting/task_values.hpp"
#include "polytask/weighting/weighting.hpp"

#include <cmath>
#include <utility>
#include <vector>

namespace polytask {

/// The state of a weighting that never changes.
class ConstantWeights {
 public:
  explicit ConstantWeights(std::vector<double> weights) : weights_(std::move(weights)) {}

  Span<const double> weights() const { return weights_; }
  void update(const StepSignals&) {}

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "weights", self.weights_);
  }

 private:
  std::vector<double> weights_;
};

/// Every task's loss counts once.
struct Equal {
  static constexpr std::string_view name = "equal";
  static constexpr WeightingNeeds needs() { return {}; }

  ConstantWeights begin(const WeightedTasks& tasks) const {
    return ConstantWeights(std::vector<double>(tasks.names.size(), 1.0));
  }
};

/// The user's weights by task name, taken as they are (they need not sum to the number of tasks):
/// Fixed{{{"click", 1}, {"spend", 0.2}}}. A task that is not named counts once.
struct Fixed {
  static constexpr std::string_view name = "fixed";
  static constexpr WeightingNeeds needs() { return {}; }

  ByName<double> weights = {};

  /// @throws ArgumentError when a name is no task's, or a weight is negative or not finite
  ConstantWeights begin(const WeightedTasks& tasks) const {
    for (const auto& [task, weight] : weights)
      require(std::isfinite(weight) && weight >= 0, "the fixed weight of '", task, "' is ", weight,
              "; it must be finite and at least 0");
    return ConstantWeights(by_task(tasks, weights, 1.0, "a fixed weight"));
  }
};

}  // namespace polytask
