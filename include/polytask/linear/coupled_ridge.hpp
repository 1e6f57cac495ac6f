/// @file
/// Quadratic penalties, solved as linear equations: ridge, and tasks that pull at each other.
#pragma once

#include "polytask/core/products.hpp"
#include "polytask/linear/prepared.hpp"
#include "polytask/linear/proximal_gradient.hpp"
#include "polytask/linear/solution.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace polytask::linear {

/// The equations G_t w_t + (W C)_t = r_t, which minimise squared losses + 1/2 tr(W C W').
class CoupledEquations {
 public:
  /// @param between C, symmetric, without negative eigenvalues
  CoupledEquations(const Prepared& prepared, Matrix<double> between)
      : prepared_(prepared), between_(std::move(between)) {}

  Solution solve(const SolverOptions& options, const Solution* start) const {
    Solution solution;
    if (between_.isDiagonal(0))
      solution.coefficients = task_by_task();
    else if (prepared_.groups().size() == 1)
      solution.coefficients = by_eigenvectors();
    else
      return by_conjugate_gradients(options, start);
    const Matrix<double> residual = prepared_.correlations() - apply(solution.coefficients);
    solution.iterations = 1;
    finish(solution, residual, options);
    return solution;
  }

 private:
  Matrix<double> apply(const Matrix<double>& coefficients) const {
    return prepared_.moments_times(coefficients) + product_of(factor(coefficients), factor(between_));
  }

  static Matrix<double> gram(const Prepared::Group& group) {
    return group.has_gram() ? group.gram : Prepared::moments(group.root);
  }

  /// matrix + ridge * I
  static Matrix<double> plus(Matrix<double> matrix, double ridge) {
    for (Index place = 0; place < matrix.rows(); ++place) matrix(place, place) += ridge;
    return matrix;
  }

  void finish(Solution& solution, const Matrix<double>& residual, const SolverOptions& options) const {
    const double size = prepared_.correlations().norm();
    solution.accuracy = size > 0 ? residual.norm() / size : 0;
    solution.converged = solution.accuracy <= (std::max)(options.tolerance, 1e-10);
    solution.objective = value(solution.coefficients, residual);
    solution.objectives.push_back(solution.objective);
    solution.intercepts = prepared_.intercepts(solution.coefficients, Vector<double>::Zero(prepared_.size()));
  }

  /// 1/2 <W, AW> - <R, W> + v/2 with the residual R - AW
  double value(const Matrix<double>& coefficients, const Matrix<double>& residual) const {
    return 0.5 *
           (prepared_.label_squares().sum() - coefficients.cwiseProduct(prepared_.correlations() + residual).sum());
  }

  /// Inverse of what is not rounding beside the largest, 0 for the rest: of the many solutions the shortest.
  static double inverse(double value, double largest) { return value > 1e-13 * largest ? 1 / value : 0.0; }

  Matrix<double> task_by_task() const {
    Matrix<double> found(prepared_.features(), prepared_.size());
    for (const auto& group : prepared_.groups()) {
      const Matrix<double> moments = gram(group);
      std::optional<Eigen::LLT<Matrix<double>>> cholesky;
      std::optional<Eigen::SelfAdjointEigenSolver<Matrix<double>>> spectrum;
      double factored_for = -1;
      for (const Index task : group.tasks) {
        const double ridge = between_(task, task);
        const auto right = prepared_.correlations().col(task);
        if (factored_for != ridge) cholesky.emplace(plus(moments, ridge));
        factored_for = ridge;
        bool exact = cholesky->info() == Eigen::Success && cholesky->rcond() > 1e-12;
        if (exact) {
          found.col(task) = cholesky->solve(right);
          exact = found.col(task).allFinite();
        }
        if (exact) continue;
        if (!spectrum) spectrum.emplace(moments);
        const double largest = spectrum->eigenvalues().maxCoeff() + ridge;
        Vector<double> parts = product_of(transposed(spectrum->eigenvectors()), factor(right));
        for (Index which = 0; which < parts.size(); ++which)
          parts[which] *= inverse(spectrum->eigenvalues()[which] + ridge, largest);
        found.col(task) = product_of(factor(spectrum->eigenvectors()), factor(parts));
      }
    }
    return found;
  }

  /// One G for all tasks: with G = Q g Q' and C = U c U' the equations are (g_i + c_k) (Q'WU)_ik = (Q'RU)_ik.
  Matrix<double> by_eigenvectors() const {
    const Eigen::SelfAdjointEigenSolver<Matrix<double>> of_features(gram(prepared_.groups().front()));
    const Eigen::SelfAdjointEigenSolver<Matrix<double>> of_tasks(between_);
    const Matrix<double> rows = product_of(transposed(of_features.eigenvectors()), factor(prepared_.correlations()));
    Matrix<double> turned = product_of(factor(rows), factor(of_tasks.eigenvectors()));
    const double largest = of_features.eigenvalues().maxCoeff() + of_tasks.eigenvalues().maxCoeff();
    for (Index task = 0; task < turned.cols(); ++task)
      for (Index feature = 0; feature < turned.rows(); ++feature)
        turned(feature, task) *= inverse(of_features.eigenvalues()[feature] + of_tasks.eigenvalues()[task], largest);
    const Matrix<double> back = product_of(factor(of_features.eigenvectors()), factor(turned));
    return product_of(factor(back), transposed(of_tasks.eigenvectors()));
  }

  /// Conjugate gradients, preconditioned by the equations of each task alone, (G_t + C_tt) w_t = r_t.
  Solution by_conjugate_gradients(const SolverOptions& options, const Solution* start) const {
    const Index features = prepared_.features();
    const Index tasks = prepared_.size();
    Solution solution;
    solution.coefficients =
        start != nullptr ? start->coefficients : Matrix<double>(Matrix<double>::Zero(features, tasks));
    prepared_.check_start(solution.coefficients);
    const double floor = 1e-12 * prepared_.curvature();
    std::vector<Eigen::LLT<Matrix<double>>> factors;
    constexpr double most_numbers = 3e7;
    const bool whole = static_cast<double>(features * features) * static_cast<double>(tasks) <= most_numbers;
    if (whole)
      for (Index task = 0; task < tasks; ++task)
        factors.emplace_back(plus(gram(prepared_.group_of(task)), between_(task, task) + floor));
    Matrix<double> diagonal(features, tasks);
    if (!whole)
      for (Index task = 0; task < tasks; ++task) {
        const auto& group = prepared_.group_of(task);
        diagonal.col(task) = group.has_gram() ? Vector<double>(group.gram.diagonal())
                                              : Vector<double>(group.root.rowwise().squaredNorm());
        diagonal.col(task).array() += between_(task, task) + floor;
      }
    const auto precondition = [&](const Matrix<double>& residual) {
      Matrix<double> better(features, tasks);
      if (!whole) better = residual.cwiseQuotient(diagonal.cwiseMax(1e-300));
      for (Index task = 0; whole && task < tasks; ++task)
        better.col(task) = factors[static_cast<std::size_t>(task)].solve(residual.col(task));
      return better;
    };
    Matrix<double> residual = prepared_.correlations() - apply(solution.coefficients);
    Matrix<double> better = precondition(residual);
    Matrix<double> direction = better;
    double length = residual.cwiseProduct(better).sum();
    const double size = prepared_.correlations().norm();
    while (solution.iterations < options.iterations && residual.norm() > options.tolerance * size) {
      solution.objectives.push_back(value(solution.coefficients, residual));
      ++solution.iterations;
      const Matrix<double> image = apply(direction);
      const double bend = direction.cwiseProduct(image).sum();
      if (!(bend > 0)) break;
      const double step = length / bend;
      solution.coefficients += step * direction;
      residual -= step * image;
      better = precondition(residual);
      const double next = residual.cwiseProduct(better).sum();
      direction = better + next / length * direction;
      length = next;
    }
    finish(solution, prepared_.correlations() - apply(solution.coefficients), options);
    solution.converged = solution.accuracy <= 1.5 * options.tolerance;  // the residual is worked out anew
    return solution;
  }

  const Prepared& prepared_;
  Matrix<double> between_;
};

/// Minimises losses + 1/2 tr(W (C + ridge I) W'): squared losses by linear equations, others by proximal_gradient.
/// @param between C, tasks x tasks; empty for none
inline Solution coupled_ridge(const Prepared& prepared, double ridge, const Matrix<double>& between,
                              const SolverOptions& options, const Solution* start) {
  check(options);
  Matrix<double> whole = ridge * Matrix<double>::Identity(prepared.size(), prepared.size());
  if (between.size() > 0) whole += between;
  if (start != nullptr) prepared.check_start(start->coefficients);
  if (prepared.all_squared()) return CoupledEquations(prepared, std::move(whole)).solve(options, start);
  return minimize(
      prepared, 1, {std::move(whole)}, [](Index, auto, double) { return 0.0; }, options, start);
}

}  // namespace polytask::linear
