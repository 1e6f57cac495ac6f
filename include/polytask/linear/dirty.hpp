/// @file
/// The dirty model: features that all tasks use, and features of one task.
#pragma once

#include "polytask/linear/proximal_gradient.hpp"
#include "polytask/linear/shrinkage.hpp"

namespace polytask::linear {

/// W = P + Q, strength * (sum over features of the largest |number| in P's row + own * sum of |number| in Q) (Jalali,
/// Ravikumar, Sanghavi, Ruan 2010). With own >= 1 Q stays 0; with own <= 1 / tasks P does.
struct Dirty {
  static constexpr std::string_view name = "dirty";
  static constexpr double smallest_part = 1e-3;  ///< of largest_strength, where a path ends
  double strength = 0.1;
  double own = 0.5;

  /// From here on all coefficients are 0.
  double largest_strength(const Prepared& prepared) const {
    const Matrix<double> gradient = prepared.null_gradient().cwiseAbs();
    const double common = gradient.rowwise().sum().maxCoeff();
    return own > 0 ? (std::max)(common, gradient.maxCoeff() / own) : common;
  }
};

/// The solution's `common` is P, its `own` Q.
inline Solution solve(const Prepared& prepared, const Dirty& penalty, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  check_strength(Dirty::name, "strength", penalty.strength);
  check_strength(Dirty::name, "own", penalty.own);
  const double strength = penalty.strength;
  const double own = penalty.strength * penalty.own;
  return minimize(
      prepared, 2, {},
      [&](Index part, auto block, double step) {
        return part == 0 ? strength * cut_rows(block, step * strength) : own * shrink_entries(block, step * own);
      },
      options, start);
}

}  // namespace polytask::linear
