/// @file
/// The model of demand: the quantiles of four coming weeks, one task each.
#pragma once

#include "policy.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/losses/quantile.hpp"
#include "polytask/models/multi_task_model.hpp"

#include <utility>

namespace polytask::examples {

/// The network that the tasks share, or that each has of its own.
inline auto tower() { return sequence(dense(64), dropout(0.1), dense(32), dropout(0.1)); }

/// One of several experts.
inline auto expert() { return sequence(dense(32), dropout(0.1)); }

inline constexpr Experts experts{.mixture = 4, .shared = 2, .own = 1};

/// The levels that every task predicts.
inline const std::vector<double> predicted_levels{0.1, 0.25, 0.5, 0.75, 0.9};

template <class SharingPolicy>
auto example_model(const Features& features, SharingPolicy sharing) {
  return multi_task_model(features, std::move(sharing), task<"week_1">(Quantile{predicted_levels}),
                          task<"week_2">(Quantile{predicted_levels}), task<"week_3">(Quantile{predicted_levels}),
                          task<"week_4">(Quantile{predicted_levels}));
}

}  // namespace polytask::examples
