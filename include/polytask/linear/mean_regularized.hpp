/// @file
/// Mean-regularised learning: every task's coefficients near those of all.
#pragma once

#include "polytask/linear/coupled_ridge.hpp"

namespace polytask::linear {

/// strength / 2 * sum over tasks of ||w_t - mean of w||^2 + ridge / 2 * ||W||^2 (Evgeniou and Pontil 2004). The mean is
/// free, so that a large strength gives one set of coefficients for all tasks: the pooled model, but for the
/// intercepts.
struct MeanRegularized {
  static constexpr std::string_view name = "mean_regularized";
  static constexpr double smallest_part = 1e-6;  ///< of largest_strength, where a path ends
  double strength = 0.1;
  double ridge = 0;

  /// Where the tasks differ by a small part of what they could; no strength makes them the same.
  double largest_strength(const Prepared& prepared) const { return 100 * prepared.curvature(); }
};

inline Solution solve(const Prepared& prepared, const MeanRegularized& penalty, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  check_strength(MeanRegularized::name, "strength", penalty.strength);
  check_strength(MeanRegularized::name, "ridge", penalty.ridge);
  const Index tasks = prepared.size();
  // sum ||w_t - mean||^2 = tr(W (I - 11'/T) W')
  const Matrix<double> apart =
      Matrix<double>::Identity(tasks, tasks) - Matrix<double>::Constant(tasks, tasks, 1 / static_cast<double>(tasks));
  return coupled_ridge(prepared, penalty.ridge, penalty.strength * apart, options, start);
}

}  // namespace polytask::linear
