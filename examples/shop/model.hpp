/// @file
/// The shop's model with any sharing policy.
#pragma once

#include "policy.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"

#include <utility>

namespace polytask::examples {

/// The network that the tasks share, or that each has of its own.
inline auto tower() { return sequence(dense(128), dropout(0.2), dense(64), dropout(0.2)); }

/// One of several experts.
inline auto expert() { return sequence(dense(64), dropout(0.2)); }

inline constexpr Experts experts{.mixture = 4, .shared = 2, .own = 1};

/// The shop's model: seven tasks from the five areas in which a shop decides.
template <class SharingPolicy>
auto example_model(const Features& features, SharingPolicy sharing) {
  return multi_task_model(features, std::move(sharing), task<"segment">(SoftmaxCrossEntropy{}),  // user profiles
                          task<"click">(BinaryCrossEntropy{}),                                   // recommendation
                          task<"purchase">(BinaryCrossEntropy{}),                                // marketing
                          task<"spend">(ZeroInflatedLogNormal{}),                                // marketing
                          task<"demand">(Poisson{}),                                             // supply chain
                          task<"complaint">(BinaryCrossEntropy{}),                               // customer service
                          task<"hours">(ZeroInflatedLogNormal{}));                               // customer service
}

}  // namespace polytask::examples
