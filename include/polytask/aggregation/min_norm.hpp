/// @file
/// The shortest vector between the tips of gradients: the point of their convex hull that is nearest to 0.
#pragma once

#include "polytask/aggregation/non_negative_least_squares.hpp"
#include "polytask/aggregation/unit_gram.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>

namespace polytask {

/// Finds the weights a that minimise |sum a g| with a >= 0 and sum a = 1. With the Gram matrix G they are those with
///
///   (Ga)_i >= a'Ga, with equality where a_i > 0.
///
/// In place of the sum's being 1, (sum a - 1)^2 is added to the square of the length: that shrinks a, but leaves its
/// direction, and makes a problem of least squares with a >= 0 (see NonNegativeLeastSquares). It is solved on gradients
/// of length 1, to rounding, so short gradients beside long ones count to the last digit. If some gradients are 0, the
/// shortest vector is 0, and they share the weight.
template <Scalar S>
class MinNorm {
 public:
  /// @param tasks most gradients that there will be
  explicit MinNorm(Index tasks) : unit_(tasks), inverses_(tasks), solver_(tasks) {}

  /// Of the gradients themselves.
  void find(const ConstColumns<S>& gram, Flat<S> weights) {
    weights.head(gram.rows()).setOnes();
    find_divided(gram, weights);
  }

  /// Of each gradient divided by a number above 0, its divisor.
  /// @param weights the divisors; then the weights of the gradients that are divided by them
  void find_divided(const ConstColumns<S>& gram, Flat<S> weights) {
    unit_.set(gram);
    const Index size = unit_.size();
    Index zeros = 0;
    for (Index task = 0; task < size; ++task) {
      const S length = unit_.length(task);
      zeros += length == 0;
      inverses_[task] = length > 0 ? weights[task] / length : 0;
    }
    if (zeros > 0) {
      for (Index task = 0; task < size; ++task) weights[task] = unit_.length(task) > 0 ? 0 : 1 / static_cast<S>(zeros);
      return;
    }
    auto inverses = inverses_.head(size);
    inverses /= inverses.maxCoeff();
    // min b'Cb + (u'b - 1)^2 with b >= 0, for the cosines C, the inverses u, and amounts b of gradients of length 1
    solver_.resize(size);
    solver_.matrix() = unit_.cosines() + inverses.lazyProduct(inverses.transpose());
    solver_.right() = inverses;
    weights.head(size) = solver_.solve(1).cwiseProduct(inverses);
    weights.head(size) /= weights.head(size).sum();
  }

 private:
  UnitGram<S> unit_;
  Vector<S> inverses_;  ///< u: divisors by lengths; the largest is 1
  NonNegativeLeastSquares<S> solver_;
};

}  // namespace polytask
