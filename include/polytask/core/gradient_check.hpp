/// @file
/// Compares a gradient with finite differences: for the authors of layers, losses and policies.
#pragma once

#include "polytask/core/views.hpp"

#include <algorithm>
#include <cmath>

namespace polytask {

/// Where a gradient and the finite differences are furthest apart.
struct GradientCheck {
  double error = 0;       ///< largest |gradient - difference| / max(1, |gradient|, |difference|)
  Index place = -1;       ///< index of that number
  double gradient = 0;    ///< the gradient there
  double difference = 0;  ///< the central difference there

  /// Keeps the worse of two; what is not a number is the worst.
  GradientCheck& merge(const GradientCheck& other) {
    if (!std::isnan(error) && !(other.error <= error)) *this = other;
    return *this;
  }
};

/// Compares `gradient` with central differences of `value` round `point`.
///
/// @param point    changed and put back, one number after the other
/// @param gradient the derivative of value() in each number of `point`
/// @param value    double(): the function at `point` as it stands
/// @param width    half the distance of the two evaluations; fourth-order differences allow a wide one
template <class Value>
GradientCheck check_gradient(Flat<double> point, ConstFlat<double> gradient, Value&& value, double width = 3e-4) {
  GradientCheck worst;
  for (Index place = 0; place < point.size(); ++place) {
    const double middle = point[place];
    const auto at = [&](double steps) {
      point[place] = middle + steps * width;
      return static_cast<double>(value());
    };
    // f'(x) = (8 (f(x + h) - f(x - h)) - (f(x + 2h) - f(x - 2h))) / 12h + O(h^4)
    const double difference = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / (12 * width);
    point[place] = middle;
    const double scale = (std::max)({1.0, std::abs(gradient[place]), std::abs(difference)});
    worst.merge({std::abs(gradient[place] - difference) / scale, place, gradient[place], difference});
  }
  return worst;
}

}  // namespace polytask
