/// @file
/// The nearest direction that no task's gradient opposes.
#pragma once

#include "polytask/aggregation/unit_gram.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace polytask {

/// Projects directions d = sum u g, given by their coefficients u, on the dual cone of the gradients: the directions
/// with g . d >= 0 for every task. With the Gram matrix G, the coefficients w of the nearest such direction solve
///
///   min w'Gw with w >= u;  they are those with  w >= u,  Gw >= 0,  (w - u)'Gw = 0.
///
/// In x = w - u this is a least-squares problem with x >= 0. It is solved by an active set (Lawson, Hanson 1974,
/// "Solving Least Squares Problems") on gradients of length 1, to rounding, without a regularisation that would shift
/// the answer: a gradient whose square, without its part along those already used, is below 1e-13 is not used next to
/// them. So Gw >= 0 holds to about 1e-12 in cosines, and to 1e-6 where gradients are opposite but for a millionth. A
/// task without gradient keeps w = u.
class DualCone {
 public:
  /// @param tasks most gradients that there will be
  explicit DualCone(Index tasks)
      : unit_(tasks),
        factor_(tasks, tasks),
        start_(tasks),
        first_slopes_(tasks),
        slopes_(tasks),
        added_(tasks),
        solution_(tasks),
        used_(static_cast<std::size_t>(tasks)),
        barred_(static_cast<std::size_t>(tasks)) {}

  /// The gradients of which the cone is made.
  void set(const ConstColumns<double>& gram) { unit_.set(gram); }

  /// @param start    coefficients u
  /// @param nearest  coefficients w
  void project(const Flat<double>& start, Flat<double> nearest) {
    const Index size = unit_.size();
    for (Index task = 0; task < size; ++task) {
      start_[task] = start[task] * unit_.length(task);
      added_[task] = 0;
      barred_[at(task)] = false;
    }
    count_ = 0;
    find_slopes(first_slopes_);
    slopes_.head(size) = first_slopes_.head(size);
    const double rounding = 1e-13 * start_.head(size).lpNorm<1>();
    const Index most_rounds = 10 * size + 20;  // some 2 * size are enough
    for (Index round = 0; round < most_rounds; ++round) {
      const Index opposed = most_opposed(rounding);
      if (opposed < 0) break;
      if (!use(opposed)) {
        barred_[at(opposed)] = true;
        continue;
      }
      advance();
      find_slopes(slopes_);
      for (Index task = 0; task < size; ++task) barred_[at(task)] = false;
    }
    polish();
    for (Index task = 0; task < size; ++task)
      nearest[task] = start[task] + (added_[task] > 0 ? added_[task] / unit_.length(task) : 0.0);
  }

 private:
  static std::size_t at(Index task) { return static_cast<std::size_t>(task); }

  /// g . d for every task, of gradients of length 1 and d = sum (start + added) g
  void find_slopes(Vector<double>& slopes) const {
    const Index size = unit_.size();
    slopes.head(size).setZero();
    for (Index task = 0; task < size; ++task) {
      const double coefficient = start_[task] + added_[task];
      if (coefficient != 0) slopes.head(size) += coefficient * unit_.cosines().col(task);
    }
  }

  bool is_used(Index task) const {
    for (Index place = 0; place < count_; ++place)
      if (used_[at(place)] == task) return true;
    return false;
  }

  /// The task whose gradient d opposes most, -1 if there is none.
  Index most_opposed(double rounding) const {
    Index found = -1;
    for (Index task = 0; task < unit_.size(); ++task)
      if (slopes_[task] < -rounding && unit_.length(task) > 0 && !barred_[at(task)] &&
          (found < 0 || slopes_[task] < slopes_[found]) && !is_used(task))
        found = task;
    return found;
  }

  /// Row `place` of the Cholesky factor of the cosines of the tasks that are used, from the rows before.
  /// @returns the square that is left of the gradient without its part along those before
  double factorize(Index place) {
    double left = 1;
    for (Index before = 0; before < place; ++before) {
      double value = unit_.cosine(used_[at(place)], used_[at(before)]);
      for (Index other = 0; other < before; ++other) value -= factor_(place, other) * factor_(before, other);
      factor_(place, before) = value / factor_(before, before);
      left -= factor_(place, before) * factor_(place, before);
    }
    factor_(place, place) = std::sqrt((std::max)(left, least_left));
    return left;
  }

  /// solution = - (cosines of the used)^-1 slopes
  void solve(const Vector<double>& slopes) {
    for (Index place = 0; place < count_; ++place) {
      double value = -slopes[used_[at(place)]];
      for (Index before = 0; before < place; ++before) value -= factor_(place, before) * solution_[before];
      solution_[place] = value / factor_(place, place);
    }
    for (Index place = count_ - 1; place >= 0; --place) {
      double value = solution_[place];
      for (Index after = place + 1; after < count_; ++after) value -= factor_(after, place) * solution_[after];
      solution_[place] = value / factor_(place, place);
    }
  }

  /// Takes a task among the used; not one whose gradient is a combination of theirs.
  bool use(Index task) {
    used_[at(count_)] = task;
    if (factorize(count_) < least_left) return false;
    ++count_;
    solve(first_slopes_);
    if (solution_[count_ - 1] > 0) return true;
    --count_;
    return false;
  }

  /// From `added` towards `solution`, leaving out the tasks that would fall below 0.
  void advance() {
    while (true) {
      double way = 1;
      Index first = -1;  // the place that falls to 0 first
      for (Index place = 0; place < count_; ++place) {
        if (solution_[place] > 0) continue;
        const double now = added_[used_[at(place)]];
        const double part = now / (now - solution_[place]);
        if (first < 0 || part < way) {
          way = now > 0 ? part : 0;
          first = place;
        }
      }
      for (Index place = 0; place < count_; ++place) {
        double& now = added_[used_[at(place)]];
        now = first < 0 ? solution_[place] : (std::max)(now + way * (solution_[place] - now), 0.0);
      }
      if (first < 0) return;
      added_[used_[at(first)]] = 0;
      --count_;
      for (Index place = first; place < count_; ++place) {
        used_[at(place)] = used_[at(place + 1)];
        factorize(place);
      }
      solve(first_slopes_);
    }
  }

  /// The slopes of the used tasks are 0 but for rounding: a step of refinement takes most of that away.
  void polish() {
    solve(slopes_);
    for (Index place = 0; place < count_; ++place)
      if (!(added_[used_[at(place)]] + solution_[place] > 0)) return;
    for (Index place = 0; place < count_; ++place) added_[used_[at(place)]] += solution_[place];
  }

  static constexpr double least_left = 1e-13;

  UnitGram unit_;
  Matrix<double> factor_;        ///< lower triangle: Cholesky factor of the cosines of the used tasks
  Vector<double> start_;         ///< u times the lengths
  Vector<double> first_slopes_;  ///< slopes of the start
  Vector<double> slopes_;
  Vector<double> added_;     ///< (w - u) times the lengths
  Vector<double> solution_;  ///< of the used tasks, by place
  std::vector<Index> used_;  ///< tasks whose w is above u: by place
  Index count_ = 0;          ///< of the used tasks
  std::vector<char> barred_;
};

}  // namespace polytask
