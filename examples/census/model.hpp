/// @file
/// The model of the census with any sharing policy.
#pragma once

#include "policy.hpp"
#include "polytask/losses/binary_cross_entropy.hpp"
#include "polytask/models/multi_task_model.hpp"

#include <utility>

namespace polytask::examples {

inline auto tower() { return mlp({117}); }
inline auto expert() { return mlp({16}); }

inline constexpr Experts experts{.mixture = 8, .shared = 1, .own = 2};

template <class SharingPolicy>
auto example_model(const Features& features, SharingPolicy sharing) {
  return multi_task_model(features, std::move(sharing), task<"over_50k">(BinaryCrossEntropy{}, mlp({8})),
                          task<"never_married">(BinaryCrossEntropy{}, mlp({8})));
}

}  // namespace polytask::examples
