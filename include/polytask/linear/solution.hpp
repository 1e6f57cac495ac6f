/// @file
/// What the solvers of linear models are told, and what they answer.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/views.hpp"

#include <string_view>
#include <vector>

namespace polytask::linear {

/// When a solver stops.
struct SolverOptions {
  double tolerance = 1e-6;   ///< of Solution::accuracy
  Index iterations = 10000;  ///< at most
};

/// @throws ArgumentError unless the options can be kept
inline void check(const SolverOptions& options) {
  require(options.tolerance > 0, "the tolerance must be above 0, not ", options.tolerance);
  require(options.iterations >= 1, "a solver needs at least one iteration, not ", options.iterations);
}

/// @throws ArgumentError unless a setting is a finite number of at least 0
inline void check_strength(std::string_view method, std::string_view setting, double value) {
  require(value >= 0 && value < 1e300, method, ": ", setting, " must be a finite number of at least 0, not ", value);
}

/// Fitted coefficients, and how well the problem was solved.
struct Solution {
  Matrix<double> coefficients = {};  ///< features x tasks
  Vector<double> intercepts = {};    ///< one a task
  double objective = 0;              ///< what was minimised, losses and penalty

  /// How far from the minimum, relative. For row_descent (l21, elastic net, lasso) the duality gap, divided by the
  /// losses of the best constants; for proximal_gradient the norm of the gradient mapping, divided by that of the
  /// gradient at 0 (for GO-MTL of its two parts, in the units of its LatentTasks); for closed forms and conjugate
  /// gradients the norm of the residual, divided by that of the right side.
  double accuracy = 0;
  Index iterations = 0;
  bool converged = false;               ///< accuracy reached the tolerance within the iterations
  std::vector<double> objectives = {};  ///< as the solver went; they do not rise but by rounding

  Matrix<double> relation = {};  ///< tasks x tasks, where a method learns one: the covariance of MTRL, the clusters' M
  Matrix<double> common = {};    ///< the part of the coefficients that tasks share: of dirty and robust; L of GO-MTL
  Matrix<double> own = {};       ///< what is each task's own: of dirty and robust; S of GO-MTL
};

}  // namespace polytask::linear
