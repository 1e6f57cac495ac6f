/// @file
/// GO-MTL: every task a sparse combination of few latent tasks, so that groups of tasks may overlap.
#pragma once

#include "polytask/core/products.hpp"
#include "polytask/linear/coupled_ridge.hpp"
#include "polytask/linear/proximal_gradient.hpp"
#include "polytask/linear/shrinkage.hpp"
#include "polytask/linear/spectrum.hpp"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace polytask::linear {

/// W = L S with L features x latent and S latent x tasks: strength * sum of |S| + ridge/2 * ||L||^2 (Kumar and Daume
/// 2012). This is not convex: the answer is a point from which neither L nor S alone betters, reached from the ridge
/// solution's largest singular directions. The paper alternates between L and S; their product stays nearly the same
/// along a valley in which that takes tens of thousands of steps, so here both move together. Where one of the two
/// settings is 0 there is no minimum: what it leaves free grows, and lets the other part go to 0.
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

/// GO-MTL's L and S as one point of proximal_gradient.
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
    balance();
    const double bend = choose_units();
    const Composite problem{
        [this](const Matrix<double>& point, Matrix<double>& gradient) { return smooth(point, gradient); },
        [this](Matrix<double>& point, double step) { return shrink(point, step); }, bend};
    // the slopes at 0, carried over from those of W to those of L or S
    const double scale = prepared_.gradient_scale() * (curvature_ > 0 ? std::sqrt(bend / curvature_) : 1.0);
    auto minimum = proximal_gradient(problem, joined(latent_ * latent_unit_, weights_ * weights_unit_), scale, options);
    take(minimum.point);
    Solution solution;
    solution.common = latent_;
    solution.own = weights_.topRows(penalty_.latent);
    solution.coefficients = product_of(factor(latent_), factor(solution.own));
    solution.intercepts = prepared_.intercepts(solution.coefficients, weights_.row(penalty_.latent).transpose());
    solution.objective = minimum.objective;
    solution.accuracy = minimum.accuracy;
    solution.iterations = minimum.iterations;
    solution.converged = minimum.converged;
    solution.objectives = std::move(minimum.objectives);
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
          start->own.cols() == tasks_ && uses_all(start->own)) {
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

  /// Whether every latent task has a weight that is not 0: one that has none would get none again.
  static bool uses_all(const Matrix<double>& weights) {
    for (Index which = 0; which < weights.rows(); ++which)
      if (weights.row(which).isZero(0)) return false;
    return true;
  }

  /// Makes each latent task as long, and its weights as short, as costs least: their product stays.
  void balance() {
    for (Index which = 0; which < penalty_.latent; ++which) {
      const double cost_of_weights = penalty_.strength * weights_.row(which).cwiseAbs().sum();
      const double cost_of_length = penalty_.ridge * latent_.col(which).squaredNorm();
      if (!(cost_of_weights > 0 && cost_of_length > 0)) continue;
      const double longer = std::cbrt(cost_of_weights / cost_of_length);
      if (!std::isfinite(longer)) continue;
      latent_.col(which) *= longer;
      weights_.row(which) /= longer;
    }
  }

  /// Measures L and S in units in which the losses bend alike along both.
  /// @return how much they bend
  double choose_units() {
    const auto longest = [](const auto& matrix) { return Spectrum(matrix).values().maxCoeff(); };
    const double length_of_latent = longest(latent_);
    const double length_of_weights = longest(weights_.topRows(penalty_.latent));
    const double along_weights =
        curvature_ * (std::max)(length_of_latent * length_of_latent, prepared_.all_squared() ? 0.0 : 1.0);
    const double along_latent = curvature_ * length_of_weights * length_of_weights + penalty_.ridge;
    const double most = (std::max)(along_weights, along_latent);
    constexpr double smallest = 1e-12;  // where one of the two does not bend at all
    const auto unit = [&](double along) { return most > 0 ? std::sqrt((std::max)(along / most, smallest)) : 1.0; };
    latent_unit_ = unit(along_latent);
    weights_unit_ = unit(along_weights);
    return most;
  }

  /// One column of both, in that order.
  static Matrix<double> joined(const Matrix<double>& latent, const Matrix<double>& weights) {
    Matrix<double> point(latent.size() + weights.size(), 1);
    std::copy_n(latent.data(), latent.size(), point.data());
    std::copy_n(weights.data(), weights.size(), point.data() + latent.size());
    return point;
  }

  /// Takes L and S from a point.
  void take(const Matrix<double>& point) {
    latent_ = ConstColumns<double>(point.data(), latent_.rows(), latent_.cols()) / latent_unit_;
    weights_ = ConstColumns<double>(point.data() + latent_.size(), weights_.rows(), weights_.cols()) / weights_unit_;
  }

  /// The losses and the ridge at a point, and their gradient.
  double smooth(const Matrix<double>& point, Matrix<double>& gradient) {
    take(point);
    const Index latent = penalty_.latent;
    coefficients_.resize(features_ + 1, tasks_);
    coefficients_.topRows(features_) = product_of(factor(latent_), factor(weights_.topRows(latent)));
    coefficients_.row(features_) = weights_.row(latent);
    const double value = prepared_.losses(coefficients_, slopes_) + 0.5 * penalty_.ridge * latent_.squaredNorm();
    const auto slopes = factor(slopes_.topRows(features_));
    Matrix<double> of_latent = product_of(slopes, transposed(weights_.topRows(latent)));
    of_latent += penalty_.ridge * latent_;
    Matrix<double> of_weights(latent + 1, tasks_);
    of_weights.topRows(latent) = product_of(transposed(latent_), slopes);
    of_weights.row(latent) = slopes_.row(features_);
    gradient = joined(of_latent / latent_unit_, of_weights / weights_unit_);
    return value;
  }

  /// The proximal map of the weights' sizes, see Composite::proximal.
  double shrink(Matrix<double>& point, double step) const {
    const double strength = penalty_.strength / weights_unit_;
    Columns<double> weights(point.data() + latent_.size(), weights_.rows(), weights_.cols());
    return strength * shrink_entries(weights.topRows(penalty_.latent), step * strength);
  }

  const Prepared& prepared_;
  const GoMtl& penalty_;
  Index features_;
  Index tasks_;
  double curvature_;
  Matrix<double> latent_;   ///< L
  Matrix<double> weights_;  ///< S, and the intercepts of logistic losses below
  double latent_unit_ = 1;
  double weights_unit_ = 1;
  Matrix<double> coefficients_;  ///< L S and the intercepts
  Matrix<double> slopes_;        ///< the losses' gradient there
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
