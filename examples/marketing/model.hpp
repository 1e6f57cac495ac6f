/// @file
/// Three outcomes under three arms of a randomised test, with any sharing policy: a task for each outcome and arm,
/// which has labels in the rows of its arm alone. What the arms share is learnt from all rows (as TARNet, Shalit et al.
/// 2017).
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
  return multi_task_model(features, std::move(sharing), task<"visit_none">(BinaryCrossEntropy{}),
                          task<"visit_first">(BinaryCrossEntropy{}), task<"visit_second">(BinaryCrossEntropy{}),
                          task<"conversion_none">(BinaryCrossEntropy{}), task<"conversion_first">(BinaryCrossEntropy{}),
                          task<"conversion_second">(BinaryCrossEntropy{}), task<"spend_none">(ZeroInflatedLogNormal{}),
                          task<"spend_first">(ZeroInflatedLogNormal{}), task<"spend_second">(ZeroInflatedLogNormal{}));
}

}  // namespace polytask::examples
