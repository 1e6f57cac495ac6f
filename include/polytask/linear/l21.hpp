/// @file
/// The l2,1 norm: features that are used by all tasks or by none.
#pragma once

#include "polytask/linear/elastic_net.hpp"

namespace polytask::linear {

/// strength * sum over features of the length of W's row (Obozinski, Taskar, Jordan 2006): scikit-learn's
/// MultiTaskLasso, where strength is alpha.
struct L21 {
  static constexpr std::string_view name = "l21";
  static constexpr double smallest_part = 1e-3;  ///< of largest_strength, where a path ends
  double strength = 0.1;

  /// Whether a feature can be left out, which is a row of the coefficients.
  bool leaves_rows_out() const { return strength > 0; }

  /// From here on all coefficients are 0.
  double largest_strength(const Prepared& prepared) const {
    return prepared.null_gradient().rowwise().norm().maxCoeff();
  }
};

inline Solution solve(const Prepared& prepared, const L21& penalty, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  check_strength(L21::name, "strength", penalty.strength);
  return solve(prepared, ElasticNet{penalty.strength, 1}, options, start);
}

}  // namespace polytask::linear
