/// @file
/// The shortest vector between the tips of gradients: the point of their convex hull that is nearest to 0.
#pragma once

#include "polytask/aggregation/unit_gram.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace polytask {

/// Finds the weights a that minimise |sum a g| with a >= 0 and sum a = 1. With the Gram matrix G they are those with
///
///   (Ga)_i >= a'Ga, with equality where a_i > 0.
///
/// In place of the sum's being 1, (sum a - 1)^2 is added to the square of the length: that shrinks a, but leaves its
/// direction, and makes a problem of least squares with a >= 0. It is solved by an active set (Lawson, Hanson 1974,
/// "Solving Least Squares Problems") on gradients of length 1, to rounding, so short gradients beside long ones count
/// to the last digit. A gradient whose square, without its part along those already used, is below 1e-13 is not used
/// next to them. If some gradients are 0, the shortest vector is 0, and they share the weight.
class MinNorm {
 public:
  /// @param tasks most gradients that there will be
  explicit MinNorm(Index tasks)
      : unit_(tasks),
        factor_(tasks, tasks),
        inverses_(tasks),
        amounts_(tasks),
        slopes_(tasks),
        solution_(tasks),
        used_(static_cast<std::size_t>(tasks)),
        barred_(static_cast<std::size_t>(tasks)) {}

  /// Of the gradients themselves.
  void find(const ConstColumns<double>& gram, Flat<double> weights) {
    unit_.set(gram);
    for (Index task = 0; task < unit_.size(); ++task) weights[task] = 1;
    find_divided(weights);
  }

  /// Of each gradient divided by a number above 0, its divisor.
  /// @param weights the divisors; then the weights of the gradients that are divided by them
  void find_divided(const ConstColumns<double>& gram, Flat<double> weights) {
    unit_.set(gram);
    find_divided(weights);
  }

 private:
  static std::size_t at(Index task) { return static_cast<std::size_t>(task); }

  void find_divided(Flat<double> weights) {
    const Index size = unit_.size();
    Index zeros = 0;
    double largest = 0;
    for (Index task = 0; task < size; ++task) {
      const double length = unit_.length(task);
      zeros += length == 0;
      inverses_[task] = length > 0 ? weights[task] / length : 0;
      largest = (std::max)(largest, inverses_[task]);
    }
    if (zeros > 0) {
      for (Index task = 0; task < size; ++task)
        weights[task] = unit_.length(task) > 0 ? 0 : 1 / static_cast<double>(zeros);
      return;
    }
    inverses_.head(size) /= largest;
    solve_least_squares();
    // amounts are of gradients of length 1
    double sum = 0;
    for (Index task = 0; task < size; ++task) sum += amounts_[task] * inverses_[task];
    for (Index task = 0; task < size; ++task) weights[task] = amounts_[task] * inverses_[task] / sum;
  }

  /// min b'Cb + (u'b - 1)^2 with b >= 0, for the cosines C and the inverses u of the lengths.
  void solve_least_squares() {
    const Index size = unit_.size();
    for (Index task = 0; task < size; ++task) {
      amounts_[task] = 0;
      barred_[at(task)] = false;
    }
    count_ = 0;
    find_slopes();
    const Index most_rounds = 10 * size + 20;  // some 2 * size are enough
    for (Index round = 0; round < most_rounds; ++round) {
      const Index steepest = find_steepest(1e-14 * (1 + amounts_.head(size).sum()));
      if (steepest < 0) break;
      if (!use(steepest)) {
        barred_[at(steepest)] = true;
        continue;
      }
      advance();
      find_slopes();
      for (Index task = 0; task < size; ++task) barred_[at(task)] = false;
    }
  }

  /// Element of C + uu'.
  double element(Index row, Index column) const {
    return unit_.cosine(row, column) + inverses_[row] * inverses_[column];
  }

  /// How fast the square falls with each amount, halved: u (1 - u'b) - Cb.
  void find_slopes() {
    const Index size = unit_.size();
    slopes_.head(size) = (1 - inverses_.head(size).dot(amounts_.head(size))) * inverses_.head(size);
    for (Index task = 0; task < size; ++task)
      if (amounts_[task] > 0) slopes_.head(size) -= amounts_[task] * unit_.cosines().col(task);
  }

  bool is_used(Index task) const {
    return std::find(used_.begin(), used_.begin() + count_, task) != used_.begin() + count_;
  }

  Index find_steepest(double rounding) const {
    Index found = -1;
    for (Index task = 0; task < unit_.size(); ++task)
      if ((slopes_[task] > rounding || (count_ == 0 && slopes_[task] > 0)) && !barred_[at(task)] &&
          (found < 0 || slopes_[task] > slopes_[found]) && !is_used(task))
        found = task;
    return found;
  }

  /// Row `place` of the Cholesky factor over the used tasks, from the rows before.
  /// @return the square that is left of the task's vector without its part along those before
  double factorize(Index place) {
    double left = element(used_[at(place)], used_[at(place)]);
    for (Index before = 0; before < place; ++before) {
      double value = element(used_[at(place)], used_[at(before)]);
      for (Index other = 0; other < before; ++other) value -= factor_(place, other) * factor_(before, other);
      factor_(place, before) = value / factor_(before, before);
      left -= factor_(place, before) * factor_(place, before);
    }
    factor_(place, place) = std::sqrt((std::max)(left, least_left));
    return left;
  }

  /// solution = (C + uu' of the used tasks)^-1 u
  void solve() {
    for (Index place = 0; place < count_; ++place) {
      double value = inverses_[used_[at(place)]];
      for (Index before = 0; before < place; ++before) value -= factor_(place, before) * solution_[before];
      solution_[place] = value / factor_(place, place);
    }
    for (Index place = count_ - 1; place >= 0; --place) {
      double value = solution_[place];
      for (Index after = place + 1; after < count_; ++after) value -= factor_(after, place) * solution_[after];
      solution_[place] = value / factor_(place, place);
    }
  }

  /// Takes a task among the used; not one whose vector is a combination of theirs.
  bool use(Index task) {
    used_[at(count_)] = task;
    if (factorize(count_) < least_left) return false;
    ++count_;
    solve();
    if (solution_[count_ - 1] > 0) return true;
    --count_;
    return false;
  }

  /// From the amounts towards the solution, leaving out the tasks that would fall below 0.
  void advance() {
    while (true) {
      double way = 1;
      Index first = -1;  // the place that falls to 0 first
      for (Index place = 0; place < count_; ++place) {
        if (solution_[place] > 0) continue;
        const double now = amounts_[used_[at(place)]];
        const double part = now > 0 ? now / (now - solution_[place]) : 0;
        if (first < 0 || part < way) {
          way = part;
          first = place;
        }
      }
      for (Index place = 0; place < count_; ++place) {
        double& now = amounts_[used_[at(place)]];
        now = first < 0 ? solution_[place] : (std::max)(now + way * (solution_[place] - now), 0.0);
      }
      if (first < 0) return;
      amounts_[used_[at(first)]] = 0;
      --count_;
      for (Index place = first; place < count_; ++place) {
        used_[at(place)] = used_[at(place + 1)];
        factorize(place);
      }
      solve();
    }
  }

  static constexpr double least_left = 1e-13;

  UnitGram unit_;
  Matrix<double> factor_;    ///< lower triangle: Cholesky factor over the used tasks
  Vector<double> inverses_;  ///< u: divisors by lengths; the largest is 1
  Vector<double> amounts_;   ///< b
  Vector<double> slopes_;
  Vector<double> solution_;  ///< of the used tasks, by place
  std::vector<Index> used_;  ///< tasks whose amount is above 0: by place
  Index count_ = 0;          ///< of the used tasks
  std::vector<char> barred_;
};

}  // namespace polytask
