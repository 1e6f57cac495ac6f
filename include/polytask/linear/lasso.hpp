/// @file
/// The lasso of each task alone.
#pragma once

#include "polytask/linear/coupled_ridge.hpp"
#include "polytask/linear/row_descent.hpp"
#include "polytask/linear/shrinkage.hpp"

namespace polytask::linear {

/// strength * sum of |coefficient| (Tibshirani 1996): each task alone, scikit-learn's Lasso, where strength is alpha.
struct Lasso {
  static constexpr std::string_view name = "lasso";
  static constexpr double smallest_part = 1e-3;  ///< of largest_strength, where a path ends
  double strength = 0.1;

  /// From here on all coefficients are 0.
  double largest_strength(const Prepared& prepared) const { return prepared.null_gradient().cwiseAbs().maxCoeff(); }
};

inline Solution solve(const Prepared& prepared, const Lasso& penalty, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  check_strength(Lasso::name, "strength", penalty.strength);
  const double strength = penalty.strength;
  if (strength == 0) return coupled_ridge(prepared, 0, {}, options, start);
  if (prepared.all_squared()) return row_descent(prepared, strength, 0, false, options, start);
  return minimize(
      prepared, 1, {},
      [&](Index, auto block, double step) { return strength * shrink_entries(block, step * strength); }, options,
      start);
}

}  // namespace polytask::linear
