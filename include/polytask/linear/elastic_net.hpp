/// @file
/// The elastic net of whole rows.
#pragma once

#include "polytask/linear/coupled_ridge.hpp"
#include "polytask/linear/proximal_gradient.hpp"
#include "polytask/linear/row_descent.hpp"
#include "polytask/linear/shrinkage.hpp"

namespace polytask::linear {

/// strength * (ratio * sum over features of the length of W's row + (1 - ratio)/2 * ||W||^2): scikit-learn's
/// MultiTaskElasticNet, where the two are alpha and l1_ratio.
struct ElasticNet {
  static constexpr std::string_view name = "elastic_net";
  static constexpr double smallest_part = 1e-3;  ///< of largest_strength, where a path ends
  double strength = 0.1;
  double ratio = 0.5;  ///< from 0, the ridge, to 1, the l2,1 norm

  /// Whether a feature can be left out, which is a row of the coefficients.
  bool leaves_rows_out() const { return strength * ratio > 0; }

  /// From here on all coefficients are 0.
  double largest_strength(const Prepared& prepared) const {
    return prepared.null_gradient().rowwise().norm().maxCoeff() / (std::max)(ratio, 1e-3);
  }
};

inline Solution solve(const Prepared& prepared, const ElasticNet& penalty, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  check_strength(ElasticNet::name, "strength", penalty.strength);
  require(penalty.ratio >= 0 && penalty.ratio <= 1, "elastic_net: ratio must be from 0 to 1, not ", penalty.ratio);
  const double rows = penalty.strength * penalty.ratio;
  const double ridge = penalty.strength * (1 - penalty.ratio);
  if (rows == 0) return coupled_ridge(prepared, ridge, {}, options, start);
  if (prepared.all_squared()) return row_descent(prepared, rows, ridge, true, options, start);
  return minimize(
      prepared, 1, {ridge * Matrix<double>::Identity(prepared.size(), prepared.size())},
      [&](Index, auto block, double step) { return rows * shrink_rows(block, step * rows); }, options, start);
}

}  // namespace polytask::linear
