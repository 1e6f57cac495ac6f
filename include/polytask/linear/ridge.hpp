/// @file
/// Ridge regression of each task alone.
#pragma once

#include "polytask/linear/coupled_ridge.hpp"

namespace polytask::linear {

/// strength / 2 * ||W||^2 (Hoerl and Kennard 1970): each task alone. Strength 0 is least squares, the shortest of them
/// where there are several.
struct Ridge {
  static constexpr std::string_view name = "ridge";
  static constexpr double smallest_part = 1e-6;  ///< of largest_strength, where a path ends
  double strength = 0.1;

  /// Where every coefficient is a small part of what it could be; no strength makes it 0.
  double largest_strength(const Prepared& prepared) const { return 100 * prepared.curvature(); }
};

inline Solution solve(const Prepared& prepared, const Ridge& penalty, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  check_strength(Ridge::name, "strength", penalty.strength);
  return coupled_ridge(prepared, penalty.strength, {}, options, start);
}

}  // namespace polytask::linear
