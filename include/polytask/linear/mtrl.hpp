/// @file
/// MTRL: multi-task relationship learning, which learns the tasks' covariance.
#pragma once

#include "polytask/linear/proximal_gradient.hpp"
#include "polytask/linear/spectrum.hpp"

#include <cmath>

namespace polytask::linear {

/// ridge/2 * ||W||^2 + strength/2 * tr(W Omega^-1 W') with the best covariance Omega of the tasks, tr Omega = 1 (Zhang
/// and Yeung 2010, where they are lambda 1 and lambda 2). The paper alternates between W and Omega = (W'W)^(1/2) / tr
/// (W'W)^(1/2), with a little added before the root because Omega^-1 need not exist. With that Omega the second term is
/// strength/2 times the squared trace norm of W, whose proximal map is known: so W is found at once, with nothing
/// added, and Omega from it.
struct Mtrl {
  static constexpr std::string_view name = "mtrl";
  static constexpr double smallest_part = 1e-6;  ///< of largest_strength, where a path ends
  double strength = 0.1;
  double ridge = 0;

  double largest_strength(const Prepared& prepared) const { return 100 * prepared.curvature(); }
};

/// The solution's `relation` is Omega, tasks x tasks.
inline Solution solve(const Prepared& prepared, const Mtrl& penalty, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  check_strength(Mtrl::name, "strength", penalty.strength);
  check_strength(Mtrl::name, "ridge", penalty.ridge);
  const LearnedCovariance covariance{.strength = penalty.strength};
  Coupling coupling;
  if (penalty.ridge > 0) coupling.between = penalty.ridge * Matrix<double>::Identity(prepared.size(), prepared.size());
  auto solution = minimize(
      prepared, 1, coupling, [&](Index, auto block, double step) { return covariance.proximal(block, step); }, options,
      start);
  solution.relation = covariance.relation(solution.coefficients);
  return solution;
}

/// Correlations from a covariance, from -1 to 1; 0 with a task of variance 0.
inline Matrix<double> correlations(const Matrix<double>& covariance) {
  Matrix<double> found = covariance;
  for (Index column = 0; column < found.cols(); ++column)
    for (Index row = 0; row < found.rows(); ++row) {
      const double scale = std::sqrt(covariance(row, row) * covariance(column, column));
      found(row, column) = scale > 0 ? covariance(row, column) / scale : row == column ? 1.0 : 0.0;
    }
  return found;
}

}  // namespace polytask::linear
