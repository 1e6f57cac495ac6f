/// @file
/// GO-MTL: every task a sparse combination of few latent tasks, so that groups of tasks may overlap.
#pragma once

#include "polytask/linear/coupled_ridge.hpp"
#include "polytask/linear/proximal_gradient.hpp"
#include "polytask/linear/shrinkage.hpp"
#include "polytask/linear/spectrum.hpp"

#include <utility>

namespace polytask::linear {

/// W = L S with L features x latent and S latent x tasks: strength * sum of |S| + ridge/2 * ||L||^2 (Kumar and Daume
/// 2012). This is not convex: the answer is a point from which neither L nor S alone can better, reached from the ridge
/// solution's largest singular directions, and `accuracy` is the larger of the two blocks' gradient mappings.
struct GoMtl {
  static constexpr std::string_view name = "go_mtl";
  static constexpr double smallest_part = 1e-3;  ///< of largest_strength, where a path ends
  double strength = 0.1;
  Index latent = 3;
  double ridge = 0.1;

  /// Of the order of what a task's coefficients are worth; no strength need make them 0.
  double largest_strength(const Prepared& prepared) const {
    return prepared.null_gradient().colwise().norm().maxCoeff();
  }
};

/// The alternation of GO-MTL: S by accelerated proximal gradient, then L, both from where they were.
class LatentTasks {
 public:
  LatentTasks(const Prepared& prepared, const GoMtl& penalty)
      : prepared_(prepared),
        penalty_(penalty),
        features_(prepared.features()),
        tasks_(prepared.size()),
        curvature_(prepared.curvature()) {}

  Solution solve(const SolverOptions& options, const Solution* start) {
    begin(start);
    const double scale = prepared_.null_gradient().norm();
    Solution solution;
    SolverOptions inner{options.tolerance * 0.3, 1};
    while (solution.iterations < options.iterations) {
      inner.iterations = (std::min)(Index{50}, options.iterations - solution.iterations);
      const auto of_tasks = move_tasks(scale, inner);
      solution.iterations += of_tasks.iterations;
      inner.iterations = (std::max)(Index{1}, (std::min)(Index{50}, options.iterations - solution.iterations));
      const auto of_latent = move_latent(scale, inner);
      solution.iterations += of_latent.iterations;
      // What one block gained can only be lost to the other's first step: both are measured where they start.
      solution.accuracy = (std::max)(of_tasks.first_accuracy, of_latent.first_accuracy);
      solution.objective = of_latent.objective + penalty_.strength * weights_.topRows(penalty_.latent).cwiseAbs().sum();
      solution.objectives.push_back(solution.objective);
      if (solution.accuracy <= options.tolerance) {
        solution.converged = true;
        break;
      }
    }
    solution.common = latent_;
    solution.own = weights_.topRows(penalty_.latent);
    solution.coefficients = product_of(factor(latent_), factor(solution.own));
    solution.intercepts = prepared_.intercepts(solution.coefficients, weights_.row(penalty_.latent).transpose());
    return solution;
  }

 private:
  /// latent x tasks with the intercepts below, and features x latent.
  void begin(const Solution* start) {
    const Index latent = penalty_.latent;
    weights_.setZero(latent + 1, tasks_);
    weights_.row(latent) = prepared_.null_point().row(features_);
    if (start != nullptr) {
      prepared_.check_start(start->coefficients);
      if (start->common.rows() == features_ && start->common.cols() == latent && start->own.rows() == latent &&
          start->own.cols() == tasks_ && !start->common.isZero(0) && !start->own.isZero(0)) {
        latent_ = start->common;
        weights_.topRows(latent) = start->own;
        if (start->intercepts.size() == tasks_)
          weights_.row(latent) = prepared_.centred_intercepts(start->coefficients, start->intercepts).transpose();
        return;
      }
    }
    const auto ridge = coupled_ridge(prepared_, 1e-2 * curvature_, {}, {.tolerance = 1e-3}, nullptr);
    const Eigen::SelfAdjointEigenSolver<Matrix<double>> spectrum(Prepared::moments(ridge.coefficients));
    latent_.setZero(features_, latent);
    for (Index which = 0; which < (std::min)(latent, features_); ++which) {
      const Index from = features_ - 1 - which;  // the largest come last
      const Vector<double> direction = spectrum.eigenvectors().col(from);
      const double root = std::pow((std::max)(spectrum.eigenvalues()[from], 0.0), 0.25);  // of the singular value
      latent_.col(which) = root * direction;
      if (root > 0) weights_.row(which) = product_of(transposed(direction), factor(ridge.coefficients)) / root;
    }
  }

  static double largest(const Matrix<double>& symmetric) {
    return Eigen::SelfAdjointEigenSolver<Matrix<double>>(symmetric, Eigen::EigenvaluesOnly).eigenvalues().maxCoeff();
  }

  /// losses of L S and intercepts; leaves their gradient in gradient_
  double losses(const Matrix<double>& latent, const Matrix<double>& weights) {
    point_.resize(features_ + 1, tasks_);
    point_.topRows(features_) = product_of(factor(latent), factor(weights.topRows(penalty_.latent)));
    point_.row(features_) = weights.row(penalty_.latent);
    return prepared_.losses(point_, gradient_);
  }

  Minimum move_tasks(double scale, const SolverOptions& options) {
    const Index latent = penalty_.latent;
    const Composite problem{[&](const Matrix<double>& at, Matrix<double>& gradient) {
                              const double value = losses(latent_, at);
                              gradient.topRows(latent) =
                                  product_of(transposed(latent_), factor(gradient_.topRows(features_)));
                              gradient.row(latent) = gradient_.row(features_);
                              return value;
                            },
                            [&](Matrix<double>& at, double step) {
                              return penalty_.strength * shrink_entries(at.topRows(latent), step * penalty_.strength);
                            },
                            curvature_ * (std::max)(largest(product_of(transposed(latent_), factor(latent_))),
                                                    prepared_.all_squared() ? 0.0 : 1.0)};
    auto minimum = proximal_gradient(problem, weights_, scale, options);
    weights_ = minimum.point;
    return minimum;
  }

  Minimum move_latent(double scale, const SolverOptions& options) {
    const Index latent = penalty_.latent;
    const Composite problem{[&](const Matrix<double>& at, Matrix<double>& gradient) {
                              const double value = losses(at, weights_) + 0.5 * penalty_.ridge * at.squaredNorm();
                              gradient = product_of(factor(gradient_.topRows(features_)),
                                                    transposed(weights_.topRows(latent)));
                              gradient += penalty_.ridge * at;
                              return value;
                            },
                            [](Matrix<double>&, double) { return 0.0; },
                            curvature_ * largest(Prepared::moments(weights_.topRows(latent))) + penalty_.ridge};
    auto minimum = proximal_gradient(problem, latent_, scale, options);
    latent_ = minimum.point;
    return minimum;
  }

  const Prepared& prepared_;
  const GoMtl& penalty_;
  Index features_;
  Index tasks_;
  double curvature_;
  Matrix<double> latent_;
  Matrix<double> weights_;
  Matrix<double> point_;
  Matrix<double> gradient_;
};

/// The solution's `common` is L, its `own` S.
inline Solution solve(const Prepared& prepared, const GoMtl& penalty, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  check(options);
  check_strength(GoMtl::name, "strength", penalty.strength);
  check_strength(GoMtl::name, "ridge", penalty.ridge);
  require(penalty.latent >= 1, "go_mtl: there must be at least one latent task, not ", penalty.latent);
  return LatentTasks(prepared, penalty).solve(options, start);
}

}  // namespace polytask::linear
