/// @file
/// The model of a delivery that has been scheduled: how late it will be, and what it will weigh and cost.
#pragma once

#include "policy.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"

#include <utility>

namespace polytask::examples {

/// The network that the tasks share, or that each has of its own.
inline auto tower() { return sequence(dense(64), dropout(0.2), dense(32), dropout(0.2)); }

/// One of several experts.
inline auto expert() { return sequence(dense(32), dropout(0.2)); }

inline constexpr Experts experts{.mixture = 4, .shared = 2, .own = 1};

/// The levels at which days late are predicted.
inline const std::vector<double> predicted_levels{0.1, 0.25, 0.5, 0.75, 0.9, 0.95};

template <class SharingPolicy>
auto example_model(const Features& features, SharingPolicy sharing) {
  return multi_task_model(
      features, std::move(sharing), task<"days_late">(Quantile{predicted_levels}),   // negative: early
      task<"late">(BinaryCrossEntropy{}), task<"freight">(ZeroInflatedLogNormal{}),  // of the shipment
      task<"weight">(ZeroInflatedLogNormal{}));
}

}  // namespace polytask::examples
