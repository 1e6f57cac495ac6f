/// @file
/// Squared penalty (ridge): keeps all weights small.
#pragma once

#include "polytask/core/runs.hpp"
#include "polytask/regularization/regularization.hpp"

#include <string>

namespace polytask {

/// strength / 2 * sum of squares. Its gradient is strength * weight: for Sgd the same as the optimizer's weight_decay,
/// but only on the segments named, and part of the loss that is reported.
struct L2 {
  double strength = 1e-4;
  std::string segments = "*weights";

  static constexpr std::string_view name = "l2";

  template <Scalar S>
  double value(ConstFlat<S> values) const {
    return 0.5 * strength * squared_norm<S>(values);
  }

  /// Adds strength * values.
  template <Scalar S>
  void add_gradient(ConstFlat<S> values, Flat<S> gradient) const {
    gradient += static_cast<S>(strength) * values;
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("strength", self.strength);
    visit("segments", self.segments);
  }
};

}  // namespace polytask
