/// @file
/// The coefficients of fair shares: the equation that Nash-MTL and FairGrad solve.
#pragma once

#include "polytask/aggregation/cholesky.hpp"
#include "polytask/aggregation/unit_gram.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace polytask {

/// Finds w > 0 with G w = w^(-1/alpha), element by element, for a Gram matrix G and alpha > 0: the minimum of
///
///   1/2 w'Gw - sum of w^(1 - 1/alpha) / (1 - 1/alpha)     (- sum of log w for alpha = 1),
///
/// which is strictly convex. It is found by Newton's method with steps that are halved until the sum falls by enough,
/// on y and e with w = y l^(-2 alpha / (1 + alpha)), e = l^((1 - alpha) / (1 + alpha)) for lengths l and cosines C.
/// Then lengths of any size are numbers about 1 (orthogonal gradients: y = 1), and x = e y solves C x = e y^(-1/alpha).
/// A step that would take y to 0 or below makes it small instead, by up to 1e-6: as y must come down to 1e-100 for a
/// large alpha and gradients of unlike lengths. The equation holds for every task whose share of the direction is above
/// rounding.
///
/// Where some weights that are not negative make the gradients 0, there may be no minimum. So r = 1e-12, and for
/// gradients of float their precision p = 1.2e-7, is added to the diagonal of C: the answer differs by about that much
/// from the exact one where gradients are independent, and y stays below sqrt(T / r) for alpha = 1 where they are not.
/// More would hurt tasks, by sqrt(r) of their length; with less the sum of gradients would be its rounding, p / sqrt(r)
/// of their length. A task whose gradient is 0 has the weight 0.
template <Scalar S>
class FairShares {
 public:
  /// @param tasks most gradients that there will be
  explicit FairShares(Index tasks)
      : unit_(tasks),
        matrix_(tasks, tasks),
        scales_(tasks),
        values_(tasks),
        trial_(tasks),
        residual_(tasks),
        change_(tasks),
        present_(static_cast<std::size_t>(tasks)) {}

  /// Solves the equation for gradients in units of the longest.
  /// @param weights those of gradients divided by the length of the longest
  /// @param precision relative rounding error of the gradients' numbers
  void solve(const ConstColumns<S>& gram, S precision, S alpha, Flat<S> weights) {
    unit_.set(gram);
    added_ = (std::max)(1e-12, precision);
    weights.setZero();
    count_ = 0;
    longest_ = 0;
    for (Index task = 0; task < unit_.size(); ++task) {
      if (unit_.length(task) == 0) continue;
      present_[at(count_++)] = task;
      longest_ = (std::max)(longest_, unit_.length(task));
    }
    if (count_ == 0) return;
    power_ = 1 / alpha;
    for (Index place = 0; place < count_; ++place) {
      scales_[place] = std::pow(unit_.length(present_[at(place)]) / longest_, (1 - alpha) / (1 + alpha));
      values_[place] = 1;
    }
    iterate();
    for (Index place = 0; place < count_; ++place) {
      const Index task = present_[at(place)];
      weights[task] = values_[place] * std::pow(unit_.length(task) / longest_, -2 * alpha / (1 + alpha));
    }
  }

  /// The length of the longest gradient, after solve().
  S longest() const { return longest_; }

 private:
  static std::size_t at(Index place) { return static_cast<std::size_t>(place); }

  S cosine(Index row, Index column) const {
    return unit_.cosine(present_[at(row)], present_[at(column)]) + (row == column ? added_ : 0);
  }

  /// What is minimised: 1/2 x'Cx + sum e^2 psi(y) with psi' = -y^(-1/alpha); magnitude: of its terms, for rounding
  S objective(const Vector<S>& values, S& magnitude) const {
    S sum = 0;
    magnitude = 0;
    for (Index row = 0; row < count_; ++row) {
      S product = 0;
      for (Index column = 0; column < count_; ++column)
        product += cosine(row, column) * scales_[column] * values[column];
      const S quadratic = 0.5 * scales_[row] * values[row] * product;
      const S share = scales_[row] * scales_[row] *
                      (power_ == 1 ? std::log(values[row]) : std::pow(values[row], 1 - power_) / (1 - power_));
      sum += quadratic - share;
      magnitude += std::abs(quadratic) + std::abs(share);
    }
    return sum;
  }

  void iterate() {
    constexpr int most_rounds = 200;  // some 10 are enough for gradients of like lengths
    S magnitude = 0;
    S now = objective(values_, magnitude);
    S best = 2;           // of the largest residuals, each beside the size of its terms
    int idle_rounds = 0;  // in which nothing but rounding changed
    for (int round = 0; round < most_rounds && idle_rounds < 3; ++round) {
      // in x = e y: the gradient is C x - e y^-p, the second derivative C + diag(p y^(-p - 1))
      S worst = 0;
      for (Index row = 0; row < count_; ++row) {
        const S share = std::pow(values_[row], -power_);
        residual_[row] = scales_[row] * share;
        S terms = residual_[row];
        for (Index column = 0; column < count_; ++column) {
          matrix_(row, column) = cosine(row, column);
          const S term = matrix_(row, column) * scales_[column] * values_[column];
          residual_[row] -= term;
          terms += std::abs(term);
        }
        worst = (std::max)(worst, std::abs(residual_[row]) / terms);
        matrix_(row, row) += power_ * share / values_[row];
      }
      if (worst < 1e-15 || factor_cholesky(matrix_, count_) < count_) return;  // the latter if numbers are not finite
      idle_rounds = worst < 0.9 * best ? 0 : idle_rounds + 1;
      best = (std::min)(best, worst);
      change_.head(count_) = residual_.head(count_);
      solve_cholesky(matrix_, count_, change_);
      const S decrease = residual_.head(count_).dot(change_.head(count_));
      if (!(decrease > 0)) return;
      for (Index place = 0; place < count_; ++place) change_[place] /= scales_[place] * values_[place];
      bool accepted = false;
      S part = 1;
      for (int halving = 0; halving < 60 && !accepted; ++halving, part *= 0.5) {
        for (Index place = 0; place < count_; ++place) trial_[place] = values_[place] * factor(part * change_[place]);
        S trial_magnitude = 0;
        const S then = objective(trial_, trial_magnitude);
        // a weight near 0 can make the objective infinite, and the bound with it
        if (std::isfinite(trial_magnitude) &&
            then <= now - 1e-4 * part * decrease + 1e-15 * (magnitude + trial_magnitude)) {
          values_.head(count_) = trial_.head(count_);
          if (then < now) idle_rounds = 0;
          now = then;
          magnitude = trial_magnitude;
          accepted = true;
        }
      }
      if (!accepted) return;
    }
  }

  /// What a weight is multiplied by that is to change by this share of it: 1 + change, and on from -0.95 along an
  /// exponential of the same slope, as no weight becomes 0.
  static S factor(S change) {
    constexpr S bend = -0.95;
    return change >= bend ? 1 + change : (1 + bend) * std::exp((std::max)((change - bend) / (1 + bend), -10.0));
  }

  UnitGram<S> unit_;
  Matrix<S> matrix_;
  Vector<S> scales_;  ///< e
  Vector<S> values_;  ///< y
  Vector<S> trial_;
  Vector<S> residual_;
  Vector<S> change_;
  std::vector<Index> present_;  ///< tasks with a gradient: by place
  Index count_ = 0;             ///< of them
  S power_ = 1;                 ///< 1 / alpha
  S longest_ = 0;
  S added_ = 0;  ///< to the diagonal
};

}  // namespace polytask
