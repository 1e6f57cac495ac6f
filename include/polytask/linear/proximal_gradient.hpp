/// @file
/// Accelerated proximal gradient descent: a smooth function plus one whose proximal map is known.
#pragma once

#include "polytask/core/products.hpp"
#include "polytask/linear/prepared.hpp"
#include "polytask/linear/solution.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

namespace polytask::linear {

/// What is minimised: smooth(point) + penalty(point).
struct Composite {
  /// The value at a point, and its gradient, written.
  std::function<double(const Matrix<double>& point, Matrix<double>& gradient)> smooth;

  /// Moves a point to argmin over x of 1/2 |x - point|^2 + step * penalty(x); with step 0 it stays.
  /// @return penalty(x)
  std::function<double(Matrix<double>& point, double step)> proximal;

  double curvature;  ///< about the largest second derivative of the smooth function; steps are checked
};

/// What proximal_gradient answers.
struct Minimum {
  Matrix<double> point;
  double objective = 0;
  double accuracy = 0;  ///< norm of the gradient mapping, divided by `scale`
  Index iterations = 0;
  bool converged = false;
  std::vector<double> objectives = {};
};

/// FISTA (Beck and Teboulle 2009) with backtracking and with a restart of the momentum whenever it points uphill or the
/// objective would rise (O'Donoghue and Candes 2015), so that the objective never does, but by rounding.
/// @param scale what the norm of the gradient mapping L |x_next - y| is measured by, for example the norm of the smooth
///              gradient at 0
inline Minimum proximal_gradient(const Composite& problem, Matrix<double> start, double scale,
                                 const SolverOptions& options) {
  check(options);
  Minimum found;
  found.point = std::move(start);
  Matrix<double> gradient(found.point.rows(), found.point.cols());
  Matrix<double> next_gradient = gradient;
  double smooth = problem.smooth(found.point, gradient);
  const auto rounding = [size = std::abs(smooth)](double value) { return 1e-13 * (1e-3 * size + std::abs(value)); };
  found.objective = smooth + problem.proximal(found.point, 0);
  found.objectives.push_back(found.objective);
  double curvature = problem.curvature > 0 ? problem.curvature * 1.02 : 1;
  scale = scale > 0 ? scale : 1;
  Matrix<double> ahead = found.point;  // where the gradient is taken
  Matrix<double> next;
  Matrix<double> momentum;
  double pace = 1;
  bool from_point = true;
  while (found.iterations < options.iterations) {
    ++found.iterations;
    double next_objective = 0;
    for (int attempt = 0; attempt < 60; ++attempt) {
      next = ahead - gradient / curvature;
      const double penalty = problem.proximal(next, 1 / curvature);
      const double next_smooth = problem.smooth(next, next_gradient);
      next_objective = next_smooth + penalty;
      // enough curvature: smooth(next) <= smooth(ahead) + gradient'(next - ahead) + L/2 |next - ahead|^2
      const double model =
          smooth + gradient.cwiseProduct(next - ahead).sum() + 0.5 * curvature * (next - ahead).squaredNorm();
      if (next_smooth <= model + rounding(smooth)) break;
      curvature *= 1.5;
    }
    found.accuracy = curvature * (next - ahead).norm() / scale;
    if (next_objective > found.objective + rounding(found.objective)) {
      if (from_point) break;  // a step from the point itself can only rise by rounding: there is nothing left to gain
      ahead = found.point;
      smooth = problem.smooth(ahead, gradient);
      pace = 1;
      from_point = true;
      continue;
    }
    momentum = next - found.point;
    const bool uphill = (ahead - next).cwiseProduct(momentum).sum() > 0;
    found.point = next;
    found.objective = next_objective;
    found.objectives.push_back(next_objective);
    if (found.accuracy <= options.tolerance) {
      found.converged = true;
      break;
    }
    if (uphill) pace = 1;
    const double next_pace = 0.5 * (1 + std::sqrt(1 + 4 * pace * pace));
    const double speed = uphill ? 0 : (pace - 1) / next_pace;
    pace = next_pace;
    from_point = speed == 0;
    if (from_point) {
      ahead = found.point;
      std::swap(gradient, next_gradient);
      smooth = problem.smooth(ahead, gradient);
    } else {
      ahead = found.point + speed * momentum;
      smooth = problem.smooth(ahead, gradient);
    }
  }
  return found;
}

/// A penalty on parts of the coefficients whose sum is W: proximal(part, block, step) as in Composite.
using PartProximal = std::function<double(Index part, Eigen::Ref<Matrix<double>> block, double step)>;

/// A smooth penalty 1/2 tr(W C W'), C tasks x tasks and without negative eigenvalues.
struct Coupling {
  Matrix<double> between = {};  ///< C; empty for none

  /// At least the largest eigenvalue.
  double curvature() const { return between.size() > 0 ? between.cwiseAbs().colwise().sum().maxCoeff() : 0; }
};

/// Minimises losses of any kind over W = part 0 + part 1 + ..., each under its own penalty.
/// @param coupling of W
inline Solution minimize(const Prepared& prepared, Index parts, const Coupling& coupling, const PartProximal& proximal,
                         const SolverOptions& options, const Solution* start) {
  const Index features = prepared.features();
  const Index tasks = prepared.size();
  // The last row holds the intercepts of logistic losses, in the first part's columns.
  Matrix<double> point = Matrix<double>::Zero(features + 1, parts * tasks);
  point.leftCols(tasks) = prepared.null_point();
  if (start != nullptr) {
    prepared.check_start(start->coefficients);
    if (parts == 2 && start->common.cols() == tasks && start->own.cols() == tasks) {
      point.topLeftCorner(features, tasks) = start->common;
      point.topRightCorner(features, tasks) = start->own;
    } else {
      point.topLeftCorner(features, tasks) = start->coefficients;
    }
    if (start->intercepts.size() == tasks)
      point.row(features).head(tasks) = prepared.centred_intercepts(start->coefficients, start->intercepts).transpose();
  }
  Matrix<double> sum(features + 1, tasks);
  Matrix<double> sum_gradient(features + 1, tasks);
  const Composite problem{[&](const Matrix<double>& at, Matrix<double>& gradient) {
                            sum = at.leftCols(tasks);
                            for (Index part = 1; part < parts; ++part) sum += at.middleCols(part * tasks, tasks);
                            double value = prepared.losses(sum, sum_gradient);
                            if (coupling.between.size() > 0) {
                              const Matrix<double> pulled =
                                  product_of(factor(sum.topRows(features)), factor(coupling.between));
                              value += 0.5 * pulled.cwiseProduct(sum.topRows(features)).sum();
                              sum_gradient.topRows(features) += pulled;
                            }
                            for (Index part = 0; part < parts; ++part)
                              gradient.middleCols(part * tasks, tasks) = sum_gradient;
                            if (parts > 1) gradient.bottomRightCorner(1, (parts - 1) * tasks).setZero();
                            return value;
                          },
                          [&](Matrix<double>& at, double step) {
                            double value = 0;
                            for (Index part = 0; part < parts; ++part)
                              value += proximal(part, at.block(0, part * tasks, features, tasks), step);
                            return value;
                          },
                          static_cast<double>(parts) * (prepared.curvature() + coupling.curvature())};
  auto minimum = proximal_gradient(problem, std::move(point),
                                   std::sqrt(static_cast<double>(parts)) * prepared.gradient_scale(), options);
  Solution solution;
  solution.coefficients = Matrix<double>::Zero(features, tasks);
  for (Index part = 0; part < parts; ++part)
    solution.coefficients += minimum.point.block(0, part * tasks, features, tasks);
  if (parts == 2) {
    solution.common = minimum.point.topLeftCorner(features, tasks);
    solution.own = minimum.point.topRightCorner(features, tasks);
  }
  solution.intercepts = prepared.intercepts(solution.coefficients, minimum.point.row(features).head(tasks).transpose());
  solution.objective = minimum.objective;
  solution.accuracy = minimum.accuracy;
  solution.iterations = minimum.iterations;
  solution.converged = minimum.converged;
  solution.objectives = std::move(minimum.objectives);
  return solution;
}

}  // namespace polytask::linear
