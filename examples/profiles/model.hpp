/// @file
/// What is asked of a visit, with any sharing policy.
#pragma once

#include "policy.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"

#include <utility>

namespace polytask::examples {

inline auto tower() { return sequence(dense(64), dropout(0.2), dense(32), dropout(0.2)); }
inline auto expert() { return sequence(dense(32), dropout(0.2)); }

inline constexpr Experts experts{.mixture = 4, .shared = 2, .own = 1};

template <class SharingPolicy>
auto example_model(const Features& features, SharingPolicy sharing) {
  return multi_task_model(features, std::move(sharing), task<"purchase">(BinaryCrossEntropy{}, {"Revenue"}),
                          task<"visitor">(SoftmaxCrossEntropy{}, {"VisitorType"}),
                          task<"page_value">(ZeroInflatedLogNormal{}, {"PageValues"}));
}

}  // namespace polytask::examples
