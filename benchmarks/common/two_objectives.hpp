/// @file
/// The two losses over a plane on which rules of balancing are compared since CAGrad (Liu, Liu, Jin, Stone, Liu,
/// NeurIPS 2021, figure 3), also by Nash-MTL, FAMO and Aligned-MTL.
#pragma once

#include "descent.hpp"

#include "polytask/optimizers/adam.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace benchmark {

/// At a point (x, y) the losses are L1 = s (f1 u + q1 v) and L2 = f2 u + q2 v with
///
///   f1 = log max(|(-x - 7) / 2 - tanh(-y)|, 5e-6) + 6,       q1 = ((7 - x)^2 + 0.1 (-y - 8)^2) / 10 - 20,
///   f2 = log max(|(-x + 3) / 2 + tanh(-y) + 2|, 5e-6) + 6,   q2 = ((-7 - x)^2 + 0.1 (-y - 8)^2) / 10 - 20,
///   u = max(tanh(y / 2), 0),                                 v = max(tanh(-y / 2), 0).
///
/// For y > 0 there are two steep valleys, one a loss; for y < 0 two bowls. No loss can be lowered without raising the
/// other for x from -7 to 7 on a line at y of about -8.36; there, at s = 1, the mean is least at x = 0.
///
/// @param scale s
inline TwoLosses two_objectives(const Point& point, double scale) {
  const double x = point[0];
  const double y = point[1];
  const double turn = std::tanh(-y);
  const double turn_slope = -(1 - turn * turn);
  const double half = std::tanh(y / 2);
  const double half_slope = 0.5 * (1 - half * half);
  // the upper and the lower half of the plane; on the border both have their slope, as in the authors' programs: a
  // descent from there would not begin otherwise
  const double upper = std::max(half, 0.0);
  const double upper_slope = half >= 0 ? half_slope : 0;
  const double lower = std::max(-half, 0.0);
  const double lower_slope = half <= 0 ? -half_slope : 0;

  const std::array<double, 2> inside{0.5 * (-x - 7) - turn, 0.5 * (-x + 3) + turn + 2};
  const std::array<Point, 2> inside_slopes{Point{-0.5, -turn_slope}, Point{-0.5, turn_slope}};
  const std::array<double, 2> bottoms{7, -7};
  const std::array<double, 2> scales{scale, 1};

  TwoLosses found;
  for (std::size_t task = 0; task < 2; ++task) {
    constexpr double least = 5e-6;
    const bool above = std::abs(inside[task]) >= least;
    const double valley = std::log(above ? std::abs(inside[task]) : least) + 6;
    const Point valley_slopes =
        above ? Point{inside_slopes[task][0] / inside[task], inside_slopes[task][1] / inside[task]} : Point{0, 0};
    const double apart = x - bottoms[task];
    const double bowl = (apart * apart + 0.1 * (y + 8) * (y + 8)) / 10 - 20;
    const Point bowl_slopes{0.2 * apart, 0.02 * (y + 8)};
    const double factor = scales[task];
    found.losses[task] = factor * (valley * upper + bowl * lower);
    found.gradients[task] = {
        factor * (valley_slopes[0] * upper + bowl_slopes[0] * lower),
        factor * (valley_slopes[1] * upper + valley * upper_slope + bowl_slopes[1] * lower + bowl * lower_slope)};
  }
  return found;
}

/// The toy with its first loss scaled.
inline Objective two_objectives_scaled(double scale) {
  return [scale](const Point& point) { return two_objectives(point, scale); };
}

/// Whether neither loss can be lowered without raising the other, to a few hundredths.
inline bool on_front(const Point& point) {
  return std::abs(point[0]) <= 7.02 && point[1] >= -8.44 && point[1] <= -8.34;
}

/// Adam with the learning rate that all of the papers took.
inline Descent toy_descent(Index steps, Index keep = 0) {
  return {pt::AnyOptimizer<double>(pt::Adam{.rate = 1e-3}), 1e-3, steps, keep};
}

}  // namespace benchmark
