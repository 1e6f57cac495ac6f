/// @file
/// The model of a customer's letter: three tasks of what it says.
#pragma once

#include "policy.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"

#include <utility>

namespace polytask::examples {

/// The network that the tasks share, or that each has of its own.
inline auto tower() { return sequence(dense(32), dropout(0.3)); }

/// One of several experts.
inline auto expert() { return sequence(dense(16), dropout(0.3)); }

inline constexpr Experts experts{.mixture = 4, .shared = 2, .own = 1};

inline constexpr Index stars = 5;

template <class SharingPolicy>
auto example_model(const Features& features, SharingPolicy sharing) {
  return multi_task_model(features, std::move(sharing), task<"not_recommended">(BinaryCrossEntropy{}),
                          task<"rating">(Ordinal{.levels = stars}),  // stars, from 0
                          task<"feedback">(Poisson{}));              // other customers who found the letter useful
}

}  // namespace polytask::examples
