/// @file
/// IMTL-G: the direction that has the same part in each gradient's direction.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/unit_gram.hpp"
#include "polytask/core/symmetric_eigen.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

namespace polytask {

template <Scalar S>
class ImtlGState;

/// Impartial multi-task learning, the part for gradients (Liu, Li, Kuang, Xue, Chen, Yang, Liao, Zhang, ICLR 2021): d .
/// g / |g| is the same for all tasks. With the cosines C and the lengths l of the gradients, coefficients are c = x / l
/// for C x = 1, brought to the sum 1. The paper inverts a matrix that is singular for parallel gradients; here x is the
/// pseudo-inverse of C times 1 (eigenvalues below 1e-10 of the largest, for gradients of float below T times 1.2e-7,
/// count as 0), so parallel gradients share. Where no direction has the same part in all, it is the nearest in least
/// squares. For two gradients x is 1 whatever their cosine, so that what nearly opposite ones have in common is not
/// lost, unless it is below the rounding of their numbers (of float).
///
/// Coefficients may be below 0 with three tasks or more. Their sum may be, too: a sum of 1 would then turn the
/// direction against every task, so they are divided by its absolute value. Where the sum is less than a millionth of
/// its terms, the coefficients are 0; short of that the direction may be longer than all gradients.
///
/// Scale: the coefficients sum to 1 (or -1). One task: its gradient. A task whose gradient is 0 has coefficient 0. A
/// task without a label takes no part. Cost: the Gram matrix and the eigenvalues of C.
struct ImtlG {
  static constexpr std::string_view name = "imtl_g";
  static constexpr AggregationNeeds needs() { return {.gram = true}; }

  ImtlGState<double> begin(const AggregatedTasks& tasks) const;
};

/// What IMTL-G works in; nothing is remembered between steps.
template <Scalar S>
class ImtlGState {
 public:
  explicit ImtlGState(Index tasks) : unit_(tasks), cosines_(tasks, tasks), vectors_(tasks, tasks) {}

  void weigh(const StepGradients& step, Flat<S> coefficients) {
    const Index size = step.size();
    if (size == 0) return;
    unit_.set(step.gram);
    if (two_gradients(step, coefficients)) return scale(coefficients);
    auto values = cosines_.topLeftCorner(size, size);
    auto vectors = vectors_.topLeftCorner(size, size);
    values = unit_.cosines();
    diagonalize(values, vectors);
    const double rounding = (std::max)(1e-10, step.rounding()) * values.diagonal().maxCoeff();
    coefficients.setZero();
    for (Index which = 0; which < size; ++which) {
      if (!(values(which, which) > rounding)) continue;
      double sum = 0;  // of the right side, 1 where there is a gradient
      for (Index task = 0; task < size; ++task)
        if (unit_.length(task) > 0) sum += vectors(task, which);
      coefficients += sum / values(which, which) * vectors.col(which);
    }
    // what is left of 1s that no direction reaches
    if (coefficients.cwiseAbs().sum() <= 1e-6) {
      coefficients.setZero();
      return;
    }
    scale(coefficients);
  }

  template <class Self, class Visitor>
  static void configuration(Self&, Visitor&&) {}

 private:
  /// Whether there are two gradients that are not 0: then x, in closed form.
  bool two_gradients(const StepGradients& step, Flat<S> x) const {
    x.setZero();
    double cosine = 0;
    Index count = 0;
    Index first = 0;
    for (Index task = 0; task < step.size(); ++task) {
      if (unit_.length(task) == 0) continue;
      if (++count == 1) first = task;
      if (count == 2) cosine = unit_.cosine(first, task);
      x[task] = 1;
    }
    if (count != 2) return false;
    // the length of the sum of both directions, squared; a cosine is no better than double
    const double common = 2 * (1 + cosine) + std::numeric_limits<double>::epsilon();
    if (common < step.rounding() * step.rounding()) x.setZero();
    return true;
  }

  /// From x of C x = 1 to coefficients.
  void scale(Flat<S> coefficients) const {
    const Index size = coefficients.size();
    double shortest = 0;
    for (Index task = 0; task < size; ++task)
      if (unit_.length(task) > 0 && (shortest == 0 || unit_.length(task) < shortest)) shortest = unit_.length(task);
    for (Index task = 0; task < size; ++task)
      coefficients[task] *= unit_.length(task) > 0 ? shortest / unit_.length(task) : 0;
    const double sum = std::abs(coefficients.sum());
    if (sum > 1e-6 * coefficients.cwiseAbs().sum())
      coefficients /= sum;
    else
      coefficients.setZero();
  }

  UnitGram<S> unit_;
  Matrix<S> cosines_;
  Matrix<S> vectors_;
};

inline ImtlGState<double> ImtlG::begin(const AggregatedTasks& tasks) const {
  return ImtlGState<double>(static_cast<Index>(tasks.names.size()));
}

}  // namespace polytask
