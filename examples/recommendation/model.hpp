/// @file
/// The model of a customer and a product: three tasks of the coming eight weeks.
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
  return multi_task_model(features, std::move(sharing), task<"buys">(BinaryCrossEntropy{}),
                          task<"quantity">(ZeroInflatedLogNormal{}),  // of what is bought
                          task<"returns">(BinaryCrossEntropy{}));     // of what is bought
}

}  // namespace polytask::examples
