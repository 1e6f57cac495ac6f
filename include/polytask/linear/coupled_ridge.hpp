/// @file
/// Quadratic penalties, solved as linear equations: ridge, and tasks that pull at each other.
#pragma once

#include "polytask/core/products.hpp"
#include "polytask/linear/prepared.hpp"
#include "polytask/linear/proximal_gradient.hpp"
#include "polytask/linear/semidefinite.hpp"
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
      : prepared_(prepared), between_(std::move(between)), units_(prepared.features(), prepared.size()) {
    for (Index task = 0; task < prepared.size(); ++task) {
      Vector<double> diagonal = Prepared::diagonal(prepared.group_of(task));
      diagonal.array() += between_(task, task);
      units_.col(task) = units_of(diagonal);
    }
  }

  Solution solve(const SolverOptions& options, const Solution* start) const {
    Solution solution;
    if (between_.isDiagonal(0))
      solution.coefficients = task_by_task();
    else if (prepared_.groups().size() == 1 && of_like_scales())
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

  /// matrix + ridge * I
  static Matrix<double> plus(Matrix<double> matrix, double ridge) {
    for (Index place = 0; place < matrix.rows(); ++place) matrix(place, place) += ridge;
    return matrix;
  }

  /// Whether eigenvectors tell all features from rounding: those of large numbers would drown the others.
  bool of_like_scales() const {
    constexpr double most_apart = 1e8;  // squared scales
    const auto diagonal = Prepared::diagonal(prepared_.groups().front());
    double smallest = diagonal.maxCoeff();
    for (const double moment : diagonal)
      if (moment > 0) smallest = (std::min)(smallest, moment);
    return diagonal.maxCoeff() <= most_apart * smallest;
  }

  /// The length of a residual, every feature of every task in its unit.
  double length(const Matrix<double>& residual) const { return residual.cwiseProduct(units_).norm(); }

  void finish(Solution& solution, const Matrix<double>& residual, const SolverOptions& options) const {
    const double size = length(prepared_.correlations());
    solution.accuracy = size > 0 ? length(residual) / size : 0;
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
      const Matrix<double> moments = Prepared::moments(group);
      std::optional<SemidefiniteEquations> equations;
      double made_for = -1;
      for (const Index task : group.tasks) {
        const double ridge = between_(task, task);
        if (made_for != ridge) equations.emplace(plus(moments, ridge));
        made_for = ridge;
        found.col(task) = equations->solve(prepared_.correlations().col(task));
      }
    }
    return found;
  }

  /// One G for all tasks: with G = Q g Q' and C = U c U' the equations are (g_i + c_k) (Q'WU)_ik = (Q'RU)_ik.
  Matrix<double> by_eigenvectors() const {
    const Eigen::SelfAdjointEigenSolver<Matrix<double>> of_features(Prepared::moments(prepared_.groups().front()));
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
    constexpr double floor = 1e-12;  // added to a diagonal of 1, so that there is a factor
    std::vector<Eigen::LLT<Matrix<double>>> factors;
    constexpr double most_numbers = 3e7;
    const bool whole = static_cast<double>(features * features) * static_cast<double>(tasks) <= most_numbers;
    if (whole)
      for (Index task = 0; task < tasks; ++task) factors.emplace_back(plus(in_units(task), floor));
    const auto precondition = [&](const Matrix<double>& residual) {
      Matrix<double> better = residual.cwiseProduct(units_);
      for (Index task = 0; whole && task < tasks; ++task)
        better.col(task) = factors[static_cast<std::size_t>(task)].solve(better.col(task)).eval();
      return Matrix<double>(better.cwiseProduct(units_));
    };
    Matrix<double> residual = prepared_.correlations() - apply(solution.coefficients);
    Matrix<double> better = precondition(residual);
    Matrix<double> direction = better;
    double product = residual.cwiseProduct(better).sum();
    const double size = length(prepared_.correlations());
    while (solution.iterations < options.iterations && length(residual) > options.tolerance * size) {
      solution.objectives.push_back(value(solution.coefficients, residual));
      ++solution.iterations;
      const Matrix<double> image = apply(direction);
      const double bend = direction.cwiseProduct(image).sum();
      if (!(bend > 0)) break;
      const double step = product / bend;
      solution.coefficients += step * direction;
      residual -= step * image;
      better = precondition(residual);
      const double next = residual.cwiseProduct(better).sum();
      direction = better + next / product * direction;
      product = next;
    }
    finish(solution, prepared_.correlations() - apply(solution.coefficients), options);
    solution.converged = solution.accuracy <= 1.5 * options.tolerance;  // the residual is worked out anew
    return solution;
  }

  /// G_t + C_tt in units in which its diagonal is 1.
  Matrix<double> in_units(Index task) const {
    Matrix<double> moments = plus(Prepared::moments(prepared_.group_of(task)), between_(task, task));
    const auto units = units_.col(task);
    return units.asDiagonal() * moments * units.asDiagonal();
  }

  const Prepared& prepared_;
  Matrix<double> between_;
  Matrix<double> units_;  ///< of every task's features
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
