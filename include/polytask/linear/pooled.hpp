/// @file
/// One set of coefficients for all tasks.
#pragma once

#include "polytask/core/products.hpp"
#include "polytask/linear/coupled_ridge.hpp"

#include <utility>

namespace polytask::linear {

/// The same w for all tasks, each with an intercept of its own; strength / 2 * ||w||^2. The other end of ridge.
struct Pooled {
  static constexpr std::string_view name = "pooled";
  static constexpr double smallest_part = 1e-6;  ///< of largest_strength, where a path ends
  double strength = 0.1;

  double largest_strength(const Prepared& prepared) const {
    return 100 * static_cast<double>(prepared.size()) * prepared.curvature();
  }
};

inline Solution solve(const Prepared& prepared, const Pooled& penalty, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  check(options);
  check_strength(Pooled::name, "strength", penalty.strength);
  const Index features = prepared.features();
  const Index tasks = prepared.size();
  if (start != nullptr) prepared.check_start(start->coefficients);
  // (features + 1) x tasks as everywhere, of which the first column holds w and the last row the intercepts
  Matrix<double> point = Matrix<double>::Zero(features + 1, tasks);
  Matrix<double> gradient;
  const auto everywhere = [&](const Matrix<double>& at) {
    Matrix<double> all = at;
    all.topRows(features) = at.col(0).head(features).replicate(1, tasks);
    return all;
  };
  Solution solution;
  Vector<double> intercepts = Vector<double>::Zero(tasks);
  if (prepared.all_squared()) {
    Matrix<double> moments = penalty.strength * Matrix<double>::Identity(features, features);
    for (const auto& group : prepared.groups())
      moments += static_cast<double>(group.tasks.size()) * Prepared::moments(group);
    const Vector<double> right = prepared.correlations().rowwise().sum();
    point.col(0).head(features) = SemidefiniteEquations(moments).solve(right);
    solution.iterations = 1;
    const Vector<double> units = units_of(moments.diagonal());
    const double size = right.cwiseProduct(units).norm();
    const Vector<double> image = product_of(factor(moments), factor(point.col(0).head(features)));
    solution.accuracy = size > 0 ? (image - right).cwiseProduct(units).norm() / size : 0;
    solution.converged = solution.accuracy <= (std::max)(options.tolerance, 1e-10);
    solution.objective = prepared.losses(everywhere(point), gradient) +
                         0.5 * penalty.strength * point.col(0).head(features).squaredNorm();
    solution.objectives.push_back(solution.objective);
  } else {
    point = prepared.null_point();
    Matrix<double> all_gradient;
    const auto smooth = [&](const Matrix<double>& at, Matrix<double>& slope) {
      const double value = prepared.losses(everywhere(at), all_gradient);
      slope.setZero(features + 1, tasks);
      slope.row(features) = all_gradient.row(features);
      slope.col(0).head(features) =
          all_gradient.topRows(features).rowwise().sum() + penalty.strength * at.col(0).head(features);
      return value + 0.5 * penalty.strength * at.col(0).head(features).squaredNorm();
    };
    auto minimum = proximal_gradient({smooth, [](Matrix<double>&, double) { return 0.0; },
                                      static_cast<double>(tasks) * prepared.curvature() + penalty.strength},
                                     point, prepared.gradient_scale(), options);
    point = std::move(minimum.point);
    solution.objective = minimum.objective;
    solution.accuracy = minimum.accuracy;
    solution.iterations = minimum.iterations;
    solution.converged = minimum.converged;
    solution.objectives = std::move(minimum.objectives);
    intercepts = point.row(features).transpose();
  }
  solution.coefficients = everywhere(point).topRows(features);
  solution.intercepts = prepared.intercepts(solution.coefficients, intercepts);
  return solution;
}

}  // namespace polytask::linear
