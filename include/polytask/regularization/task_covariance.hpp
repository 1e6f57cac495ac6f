/// @file
/// Task covariance: learns how the tasks are related, also negatively, and draws related tasks together.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/member_visitor.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/symmetric_eigen.hpp"
#include "polytask/regularization/regularization.hpp"
#include "polytask/regularization/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace polytask {

/// covariance = (W'W + epsilon I)^(1/2), divided by its trace: symmetric, without negative eigenvalues. Makes no
/// allocation if `covariance` has its size.
/// @param weights numbers x tasks, at most 64
template <Scalar S>
void learn_covariance(const Matrix<S>& weights, double epsilon, Matrix<S>& covariance) {
  auto spectrum = spectrum_of(whole(weights));
  auto& roots = spectrum.singular_values;
  roots = (roots.array().square() + epsilon).sqrt();
  covariance = from_spectrum(spectrum.vectors, [&](Index which) { return roots[which]; }) / roots.sum();
}

template <Scalar S>
class TaskCovarianceState;

/// Multi-task relationship learning (Zhang, Yeung, UAI 2010, "A Convex Formulation for Learning Task Relationships in
/// Multi-Task Learning"): strength / 2 * tr(W Omega^-1 W'), whose lambda_2 is `strength`, where column t of W are the
/// chosen segments of task t and Omega is the covariance of the tasks, of trace 1. It begins as I / T, with which the
/// penalty is strength * T / 2 * |W|^2, and is learnt anew after every `every`-th step as what makes the penalty least
/// for the W of then:
///
///   Omega = (W'W + epsilon I)^(1/2) / tr((W'W + epsilon I)^(1/2)).
///
/// Omega is always the covariance, never the precision. With it learnt the penalty is strength / 2 times the square of
/// W's trace norm, if epsilon is small.
///
/// By a proximal step after the optimizer's, W <- W Omega (Omega + rate * strength I)^-1, and not by the gradient,
/// strength * W Omega^-1: as tasks become alike, eigenvalues of Omega go to 0 and the gradient's steps would overshoot
/// with any rate. The step takes the learning rate as it is, as L1 does. Training reads Omega by relations(); a model
/// by itself has it by task_relations(), as Omega follows from W. Up to 64 tasks.
struct TaskCovariance {
  double strength = 1e-3;
  Index every = 10;                    ///< steps from one learning of Omega to the next
  double epsilon = 1e-8;               ///< singular values of W below its root count as nothing; above 0
  std::string segments = "*/weights";  ///< of those the tasks' own, which every task must have in one shape

  static constexpr std::string_view name = "task_covariance";
  static constexpr Arrangement arrangement = Arrangement::tasks;

  /// @throws ArgumentError when `every` is below 1, epsilon not above 0 or not finite, or there are too many tasks
  TaskCovarianceState<double> begin(Span<const std::string_view> tasks) const;

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("strength", self.strength);
    visit("every", self.every);
    visit("epsilon", self.epsilon);
    visit("segments", self.segments);
  }
};

/// TaskCovariance in a training run.
template <Scalar S>
class TaskCovarianceState {
 public:
  TaskCovarianceState(const TaskCovariance& rule, Index tasks)
      : strength_(rule.strength),
        every_(rule.every),
        epsilon_(rule.epsilon),
        covariance_(tasks, tasks),
        vectors_(tasks, tasks),
        diagonal_(tasks, tasks) {
    for (Index column = 0; column < tasks; ++column)
      for (Index row = 0; row < tasks; ++row) {
        vectors_(row, column) = row == column ? 1 : 0;
        covariance_(row, column) = diagonal_(row, column) = vectors_(row, column) / static_cast<double>(tasks);
      }
  }

  /// @param weights numbers x tasks
  double value(const Matrix<S>& weights) const {
    double sum = 0;
    for (Index which = 0; which < vectors_.cols(); ++which)
      sum += (weights * vectors_.col(which)).squaredNorm() / eigenvalue(which);
    return 0.5 * strength_ * sum;
  }

  void shrink(const Matrix<S>& weights, double rate, Matrix<S>& shrunk) const {
    // W Omega (Omega + rate strength I)^-1
    shrunk.noalias() = weights.lazyProduct(from_spectrum(
        vectors_, [&](Index which) { return eigenvalue(which) / (eigenvalue(which) + rate * strength_); }));
  }

  bool due() {
    if (++steps_ < every_) return false;
    steps_ = 0;
    return true;
  }

  void learn(const Matrix<S>& weights) {
    learn_covariance(weights, epsilon_, covariance_);
    decompose();
  }

  const Matrix<S>& relations() const { return covariance_; }

  /// @throws ArgumentError when the visitor brings what is no covariance of trace 1
  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    std::vector<double> covariance(self.covariance_.data(), self.covariance_.data() + self.covariance_.size());
    visit("steps", self.steps_);
    visit_sized(visit, "covariance", covariance);
    if constexpr (!std::is_const_v<Self>) {
      self.covariance_ = ConstColumns<double>(covariance.data(), self.covariance_.rows(), self.covariance_.cols());
      self.decompose();
      require(self.steps_ >= 0 && self.steps_ < self.every_ && self.is_covariance(),
              "the relations of the tasks are not what training can have learnt");
    }
  }

 private:
  static constexpr double rounding = 1e-12;

  bool is_covariance() const {
    return covariance_.allFinite() &&  // the largest of numbers with NaN among them may be any
           (covariance_.array() - covariance_.transpose().array()).abs().maxCoeff() <= rounding &&
           std::abs(covariance_.trace() - 1) <= rounding && diagonal_.diagonal().minCoeff() >= -rounding;
  }

  /// Everything follows from the covariance, so that a run which goes on from a file is the same bit for bit.
  void decompose() {
    diagonal_ = covariance_;
    diagonalize(diagonal_, vectors_);
  }

  /// Kept above what is rounding.
  double eigenvalue(Index which) const { return (std::max)(diagonal_(which, which), 1e-2 * rounding); }

  double strength_;
  Index every_;
  double epsilon_;
  Index steps_ = 0;  ///< since the covariance was learnt
  Matrix<S> covariance_;
  Matrix<S> vectors_;   ///< its eigenvectors, as columns
  Matrix<S> diagonal_;  ///< its eigenvalues, on the diagonal
};

inline TaskCovarianceState<double> TaskCovariance::begin(Span<const std::string_view> tasks) const {
  require(every >= 1, "task_covariance: every is ", every, "; it must be at least 1");
  require(epsilon > 0 && std::isfinite(epsilon), "task_covariance: epsilon is ", epsilon, "; it must be above 0");
  require(static_cast<Index>(tasks.size()) <= most_trace_norm_columns, "task_covariance relates up to ",
          most_trace_norm_columns, " tasks, not ", tasks.size());
  return TaskCovarianceState<double>(*this, static_cast<Index>(tasks.size()));
}

}  // namespace polytask
