/// @file
/// Absolute penalty (lasso): makes weights exactly zero.
#pragma once

#include "polytask/core/runs.hpp"
#include "polytask/regularization/regularization.hpp"

#include <string>

namespace polytask {

/// strength * sum of absolute values, by a proximal step after the optimizer's (Daubechies et al. 2004).
struct L1 {
  double strength = 1e-4;
  std::string segments = "*weights";

  static constexpr std::string_view name = "l1";

  template <Scalar S>
  double value(ConstFlat<S> values) const {
    return strength * absolute_sum<S>(values);
  }

  /// Moves every value towards zero by rate * strength, and to zero where it is nearer than that.
  template <Scalar S>
  void shrink(Flat<S> values, double rate) const {
    const S threshold = static_cast<S>(rate * strength);
    // v - clamp(v, -t, t): exactly 0 within the threshold; a NaN stays one.
    values.array() -= ((values.array().max)(-threshold).min)(threshold);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("strength", self.strength);
    visit("segments", self.segments);
  }
};

}  // namespace polytask
