/// @file
/// What is asked of a person, with any sharing policy.
#pragma once

#include "policy.hpp"
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"

#include <utility>

namespace polytask::examples {

inline auto tower() { return mlp({64, 32}); }
inline auto expert() { return mlp({32}); }

inline constexpr Experts experts{.mixture = 4, .shared = 2, .own = 1};

template <class SharingPolicy>
auto example_model(const Features& features, SharingPolicy sharing) {
  return multi_task_model(features, std::move(sharing), task<"income">(BinaryCrossEntropy{}, {"over_50k"}),
                          task<"education">(SoftmaxCrossEntropy{}),
                          task<"marital_status">(SoftmaxCrossEntropy{}, {"marital_stat"}));
}

}  // namespace polytask::examples
