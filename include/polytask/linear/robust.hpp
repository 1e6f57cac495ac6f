/// @file
/// Robust multi-task learning: related tasks of low rank, and tasks that are apart from them.
#pragma once

#include "polytask/linear/proximal_gradient.hpp"
#include "polytask/linear/shrinkage.hpp"
#include "polytask/linear/spectrum.hpp"

namespace polytask::linear {

/// W = L + S, strength * (trace norm of L + own * sum over tasks of the length of S's column) (Chen, Zhou, Ye 2011). A
/// task whose column of S is not 0 is an outlier. With own >= 1 S stays 0, which is TraceNorm.
struct Robust {
  static constexpr std::string_view name = "robust";
  static constexpr double smallest_part = 1e-3;  ///< of largest_strength, where a path ends
  double strength = 0.1;
  double own = 0.5;

  /// From here on all coefficients are 0.
  double largest_strength(const Prepared& prepared) const {
    const Matrix<double> gradient = prepared.null_gradient();
    const double common = Spectrum(gradient).values().maxCoeff();
    return own > 0 ? (std::max)(common, gradient.colwise().norm().maxCoeff() / own) : common;
  }
};

/// The solution's `common` is L, its `own` S.
inline Solution solve(const Prepared& prepared, const Robust& penalty, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  check_strength(Robust::name, "strength", penalty.strength);
  check_strength(Robust::name, "own", penalty.own);
  const double strength = penalty.strength;
  const double own = penalty.strength * penalty.own;
  return minimize(
      prepared, 2, {},
      [&](Index part, auto block, double step) {
        return part == 0 ? strength * shrink_spectrum(block, step * strength) : own * shrink_columns(block, step * own);
      },
      options, start);
}

}  // namespace polytask::linear
