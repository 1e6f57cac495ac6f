/// @file
/// Least squares with amounts that are not negative, from inner products alone.
#pragma once

#include "polytask/aggregation/cholesky.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace polytask {

/// Finds the x >= 0 that minimises 1/2 x'Ax - b'x, for a symmetric A without negative eigenvalues and with a diagonal
/// of about 1: the inner products of vectors of about length 1. With the slopes s = b - Ax it is the x with
///
///   x >= 0,  s <= 0,  x's = 0.
///
/// It is found by an active set (Lawson, Hanson 1974, "Solving Least Squares Problems"), to rounding. A vector whose
/// square, without its part along those already used, is below a `least` square is not used next to them, so A may be
/// singular: amounts stay below about the root of 1 / least, and slopes are met to the root of it where vectors are
/// that near to dependent. A row of zeros gets the amount 0. Takes some 2 T rounds of T^2 operations, at most
/// 10 T + 20; allocates nothing.
template <Scalar S>
class NonNegativeLeastSquares {
 public:
  /// @param most largest number of amounts that there will be
  explicit NonNegativeLeastSquares(Index most)
      : matrix_(most, most),
        right_(most),
        factor_(most, most),
        amounts_(most),
        slopes_(most),
        solution_(most),
        used_(static_cast<std::size_t>(most)),
        barred_(static_cast<std::size_t>(most)) {}

  /// How many amounts there are; matrix() and right() then are to be written, and stay as they are.
  /// @param least  see above; at least 1e-13, what double has
  void resize(Index size, S least = 0) {
    size_ = size;
    least_ = (std::max)(least, 1e-13);
  }
  auto matrix() { return matrix_.topLeftCorner(size_, size_); }  ///< A, both triangles
  auto right() { return right_.head(size_); }                    ///< b

  /// @param magnitude of what b was computed of: slopes below 1e-14 (magnitude + sum x) are rounding
  /// @return x
  auto solve(S magnitude) {
    amounts_.head(size_).setZero();
    slopes_.head(size_) = right_.head(size_);
    std::fill(barred_.begin(), barred_.end(), char(0));
    count_ = 0;
    const Index most_rounds = 10 * size_ + 20;  // some 2 * size are enough
    for (Index round = 0; round < most_rounds; ++round) {
      const Index steepest = find_steepest(1e-14 * (magnitude + amounts_.head(size_).sum()));
      if (steepest < 0) break;
      if (!use(steepest)) {
        barred_[at(steepest)] = 1;
        continue;
      }
      advance();
      find_slopes();
      std::fill(barred_.begin(), barred_.end(), char(0));
    }
    return amounts_.head(size_);
  }

 private:
  static std::size_t at(Index index) { return static_cast<std::size_t>(index); }

  void find_slopes() {
    auto slopes = slopes_.head(size_);
    slopes = right_.head(size_);
    for (Index index = 0; index < size_; ++index)
      if (amounts_[index] > 0) slopes -= amounts_[index] * matrix_.col(index).head(size_);
  }

  /// Which unused amount the sum falls most with, -1 if with none.
  Index find_steepest(S rounding) const {
    const auto end = used_.begin() + count_;
    Index found = -1;
    for (Index index = 0; index < size_; ++index)
      if (slopes_[index] > rounding && !barred_[at(index)] && (found < 0 || slopes_[index] > slopes_[found]) &&
          std::find(used_.begin(), end, index) == end)
        found = index;
    return found;
  }

  /// Row `place` of the Cholesky factor over the used, from the rows before.
  /// @return the square that is left of the vector without its part along those before
  S factorize(Index place) {
    for (Index before = 0; before <= place; ++before)
      factor_(place, before) = matrix_(used_[at(place)], used_[at(before)]);
    const S left = factor_cholesky_row(factor_, place);
    factor_(place, place) = std::sqrt((std::max)(left, least_));
    return left;
  }

  /// solution = (A of the used)^-1 b
  void solve_used() {
    for (Index place = 0; place < count_; ++place) solution_[place] = right_[used_[at(place)]];
    solve_cholesky(factor_, count_, solution_);
  }

  /// Takes an amount among the used; not one whose vector is a combination of theirs.
  bool use(Index index) {
    used_[at(count_)] = index;
    if (factorize(count_) < least_) return false;
    ++count_;
    solve_used();
    if (solution_[count_ - 1] > 0) return true;
    --count_;
    return false;
  }

  /// From the amounts towards the solution, leaving out those that would fall below 0.
  void advance() {
    while (true) {
      S way = 1;
      Index first = -1;  // the place that falls to 0 first
      for (Index place = 0; place < count_; ++place) {
        if (solution_[place] > 0) continue;
        const S now = amounts_[used_[at(place)]];
        const S part = now > 0 ? now / (now - solution_[place]) : 0;
        if (first < 0 || part < way) {
          way = part;
          first = place;
        }
      }
      for (Index place = 0; place < count_; ++place) {
        S& now = amounts_[used_[at(place)]];
        now = first < 0 ? solution_[place] : (std::max)(now + way * (solution_[place] - now), 0.0);
      }
      if (first < 0) return;
      amounts_[used_[at(first)]] = 0;
      --count_;
      for (Index place = first; place < count_; ++place) {
        used_[at(place)] = used_[at(place + 1)];
        factorize(place);
      }
      solve_used();
    }
  }

  Matrix<S> matrix_;  ///< A
  Vector<S> right_;   ///< b
  Matrix<S> factor_;  ///< lower triangle: Cholesky factor over the used
  Vector<S> amounts_;
  Vector<S> slopes_;
  Vector<S> solution_;        ///< of the used, by place
  std::vector<Index> used_;   ///< whose amount is above 0: by place
  std::vector<char> barred_;  ///< not to be tried again before the amounts change
  Index count_ = 0;           ///< of the used
  Index size_ = 0;
  S least_ = 0;  ///< square that a vector has left at least, to be used
};

}  // namespace polytask
