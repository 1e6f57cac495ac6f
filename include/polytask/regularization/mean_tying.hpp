/// @file
/// Mean tying: draws the tasks' parameters to their mean.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/regularization/regularization.hpp"

#include <string>
#include <string_view>

namespace polytask {

class MeanTyingState;

/// strength / 2 * sum over the tasks of |w_t - mean|^2, where w_t are the chosen segments of task t (Evgeniou, Pontil,
/// KDD 2004, "Regularized Multi-Task Learning", with the common part worked out). By its gradient, strength * (w_t -
/// mean): with Sgd, rate * strength = 1 puts every task at the mean in one step, and above 2 the steps grow.
///
/// On the towers of SoftSharing it is its Tie::mean of half the strength.
struct MeanTying {
  double strength = 1e-2;
  std::string segments = "*/weights";  ///< of those the tasks' own, which every task must have in one shape

  static constexpr std::string_view name = "mean_tying";
  static constexpr Arrangement arrangement = Arrangement::tasks;

  MeanTyingState begin(Span<const std::string_view> tasks) const;

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("strength", self.strength);
    visit("segments", self.segments);
  }
};

/// MeanTying in a training run.
class MeanTyingState {
 public:
  explicit MeanTyingState(double strength) : strength_(strength) {}

  /// @param weights numbers x tasks
  template <Scalar S>
  double value(const Matrix<S>& weights) const {
    Matrix<S> deviations(weights.rows(), weights.cols());
    deviate(weights, deviations);
    return 0.5 * strength_ * deviations.squaredNorm();
  }

  template <Scalar S>
  void gradient(const Matrix<S>& weights, Matrix<S>& result) const {
    deviate(weights, result);
    result *= strength_;
  }

 private:
  /// w_t - mean, measured from the first task, so that tasks which are alike have no deviation.
  template <Scalar S>
  static void deviate(const Matrix<S>& weights, Matrix<S>& deviations) {
    auto first = deviations.col(0);
    first.setZero();
    for (Index task = 1; task < weights.cols(); ++task) first += weights.col(0) - weights.col(task);
    first /= static_cast<double>(weights.cols());
    for (Index task = 1; task < weights.cols(); ++task)
      deviations.col(task) = first + (weights.col(task) - weights.col(0));
  }

  double strength_;
};

inline MeanTyingState MeanTying::begin(Span<const std::string_view>) const { return MeanTyingState(strength); }

}  // namespace polytask
