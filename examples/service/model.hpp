/// @file
/// The model of a service desk: four tasks of a ticket that has just opened.
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

template <class SharingPolicy>
auto example_model(const Features& features, SharingPolicy sharing) {
  return multi_task_model(features, std::move(sharing), task<"breach">(BinaryCrossEntropy{}),  // of the service level
                          task<"priority">(SoftmaxCrossEntropy{}),   // that the ticket has in the end
                          task<"reassigned">(BinaryCrossEntropy{}),  // to another group
                          task<"hours">(ZeroInflatedLogNormal{}));   // to resolve
}

}  // namespace polytask::examples
