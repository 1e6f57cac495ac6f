/// @file
/// The nearest direction that no task's gradient opposes.
#pragma once

#include "polytask/aggregation/non_negative_least_squares.hpp"
#include "polytask/aggregation/unit_gram.hpp"
#include "polytask/core/views.hpp"

#include <limits>

namespace polytask {

/// Projects directions d = sum u g, given by their coefficients u, on the dual cone of the gradients: the directions
/// with g . d >= 0 for every task. With the Gram matrix G, the coefficients w of the nearest such direction solve
///
///   min w'Gw with w >= u;  they are those with  w >= u,  Gw >= 0,  (w - u)'Gw = 0.
///
/// In x = w - u this is a problem of least squares with x >= 0 (see NonNegativeLeastSquares). It is solved on gradients
/// of length 1, to rounding, without a regularisation that would shift the answer. So Gw >= 0 holds to about 1e-12 in
/// cosines, and to 1e-6 where gradients are opposite but for a millionth. A task without gradient keeps w = u.
///
/// Gradients of float, which opposite ones with large coefficients would turn into a sum of rounding, are not used
/// together when the square that is left of one is below their precision p: then coefficients stay below sqrt(1/p)
/// lengths, the sum's rounding below sqrt(p), and Gw >= 0 holds to sqrt(p), 3e-4, where gradients are that near.
template <Scalar S>
class DualCone {
 public:
  /// @param tasks most gradients that there will be
  explicit DualCone(Index tasks) : unit_(tasks), start_(tasks), solver_(tasks) {}

  /// The gradients of which the cone is made.
  /// @param precision relative rounding error of their numbers
  void set(const ConstColumns<S>& gram, S precision = std::numeric_limits<S>::epsilon()) {
    unit_.set(gram);
    solver_.resize(unit_.size(), precision);
    solver_.matrix() = unit_.cosines();
  }

  /// @param start    coefficients u
  /// @param nearest  coefficients w
  void project(const Flat<S>& start, Flat<S> nearest) {
    const Index size = unit_.size();
    for (Index task = 0; task < size; ++task) start_[task] = start[task] * unit_.length(task);
    // in lengths of the gradients: min 1/2 x'Cx + (C u)'x with x >= 0, for the cosines C
    solver_.right().noalias() = -unit_.cosines().lazyProduct(start_.head(size));
    const auto added = solver_.solve(start_.head(size).template lpNorm<1>());
    for (Index task = 0; task < size; ++task)
      nearest[task] = start[task] + (added[task] > 0 ? added[task] / unit_.length(task) : 0.0);
  }

 private:
  UnitGram<S> unit_;
  Vector<S> start_;  ///< u times the lengths
  NonNegativeLeastSquares<S> solver_;
};

}  // namespace polytask
