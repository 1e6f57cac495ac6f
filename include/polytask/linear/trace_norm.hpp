/// @file
/// The trace norm: coefficients of low rank.
#pragma once

#include "polytask/linear/proximal_gradient.hpp"
#include "polytask/linear/spectrum.hpp"

namespace polytask::linear {

/// strength * sum of the singular values of W (Argyriou, Evgeniou, Pontil 2008; Ji and Ye 2009).
struct TraceNorm {
  static constexpr std::string_view name = "trace_norm";
  static constexpr double smallest_part = 1e-3;  ///< of largest_strength, where a path ends
  double strength = 0.1;

  /// From here on all coefficients are 0.
  double largest_strength(const Prepared& prepared) const {
    return Spectrum(prepared.null_gradient()).values().maxCoeff();
  }
};

inline Solution solve(const Prepared& prepared, const TraceNorm& penalty, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  check_strength(TraceNorm::name, "strength", penalty.strength);
  const double strength = penalty.strength;
  return minimize(
      prepared, 1, {},
      [&](Index, auto block, double step) { return strength * shrink_spectrum(block, step * strength); }, options,
      start);
}

}  // namespace polytask::linear
