/// @file
/// Elastic net: a mixture of the absolute and the squared penalty.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/runs.hpp"
#include "polytask/regularization/regularization.hpp"

#include <string>

namespace polytask {

/// strength * (ratio * sum of absolute values + (1 - ratio) / 2 * sum of squares) (Zou, Hastie 2005; scikit-learn's
/// alpha is `strength`, its l1_ratio is `ratio`), by one proximal step after the optimizer's.
struct ElasticNet {
  double strength = 1e-4;
  double ratio = 0.5;  ///< from 1, absolute only, to 0, squared only
  std::string segments = "*weights";

  static constexpr std::string_view name = "elastic_net";

  /// @throws ArgumentError when the ratio is out of range
  void check() const { require(ratio >= 0 && ratio <= 1, name, ": the ratio must be from 0 to 1, it is ", ratio); }

  template <Scalar S>
  double value(ConstFlat<S> values) const {
    return strength * (ratio * absolute_sum<S>(values) + 0.5 * (1 - ratio) * squared_norm<S>(values));
  }

  /// Moves every value towards zero by rate * strength * ratio, stopping at zero, then divides it by
  /// 1 + rate * strength * (1 - ratio).
  template <Scalar S>
  void shrink(Flat<S> values, double rate) const {
    const S threshold = static_cast<S>(rate * strength * ratio);
    const S factor = static_cast<S>(1 / (1 + rate * strength * (1 - ratio)));
    values.array() = factor * (values.array() - ((values.array().max)(-threshold).min)(threshold));
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("strength", self.strength);
    visit("ratio", self.ratio);
    visit("segments", self.segments);
  }
};

}  // namespace polytask
