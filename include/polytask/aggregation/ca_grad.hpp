/// @file
/// CAGrad: near the mean gradient, the direction that helps the worst-off task most.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/min_norm.hpp"
#include "polytask/core/buffer.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace polytask {

template <Scalar S>
class CaGradState;

/// Conflict-averse gradient descent (Liu, Liu, Jin, Stone, Liu, NeurIPS 2021): with the mean gradient g0,
///
///   max over d of min over tasks of g . d,  with |d - g0| <= c |g0|.
///
/// Its dual is min over w >= 0, sum w = 1, of g_w . g0 + c |g0| |g_w| with g_w = sum w g; d = g0 + c |g0| g_w / |g_w|.
/// As x = min over s of (x^2 / s + s) / 2, w is, for a number t, the shortest vector between the tips of g + t g0,
/// which MinNorm finds; t is where |g_w| = t c |g0|, and d = g0 + g_w / t. Both to rounding.
///
/// With c = 0 the direction is the mean; with c >= 1 it hurts no task, to first order; as c grows it turns to MGDA's.
/// Where gradients nearly cancel, t would go to 0 and the coefficients beyond all bounds: t is at least 1e-4, so
/// coefficients stay below 1e4 + 1 and d in the ball. A d shorter than 1e-4 |g0| is 0, and so are its coefficients. A
/// gradient shorter than 1e-4 |g0| may need a larger coefficient than that, and can still be hurt.
///
/// Scale: as in the paper's formula, about the mean: coefficients sum to 1 + 1/t (the authors' program multiplies them
/// by the number of tasks). `rescaling` divides by 1 + c^2 or 1 + c, which keeps the length about that of the mean. One
/// task: (1 + c) times its gradient, before rescaling. Gradients whose mean is 0: coefficients 1/T. A task without a
/// label takes no part. Cost: the Gram matrix.
struct CaGrad {
  enum class Rescaling { none, by_square, by_one };

  double c = 0.5;                         ///< radius of the ball about g0, in lengths of g0
  Rescaling rescaling = Rescaling::none;  ///< divides the direction: no, by 1 + c^2, by 1 + c

  static constexpr std::string_view name = "cagrad";
  static constexpr AggregationNeeds needs() { return {.gram = true}; }

  /// @throws ArgumentError when c is negative or not finite, or rescaling is none of the three
  CaGradState<double> begin(const AggregatedTasks& tasks) const;
};

/// What CAGrad works in; nothing is remembered between steps.
template <Scalar S>
class CaGradState {
 public:
  CaGradState(const CaGrad& settings, Index tasks)
      : settings_(settings),
        min_norm_(tasks),
        gram_(static_cast<std::size_t>(tasks * tasks)),
        shifted_(static_cast<std::size_t>(tasks * tasks)),
        products_(tasks),
        weights_(tasks) {}

  void weigh(const StepGradients& step, Flat<S> coefficients) {
    const ConstColumns<S>& given = step.gram;
    const Index size = step.size();
    if (size == 0) return;
    const double mean = 1 / static_cast<double>(size);
    const double divisor = settings_.rescaling == CaGrad::Rescaling::by_square ? 1 + settings_.c * settings_.c
                           : settings_.rescaling == CaGrad::Rescaling::by_one  ? 1 + settings_.c
                                                                               : 1;
    coefficients.setConstant(mean / divisor);
    const double longest = given.diagonal().maxCoeff();  // squared
    if (!(longest > 0)) return;
    Columns<S> gram(gram_.data(), size, size);
    gram = given / longest;
    for (Index task = 0; task < size; ++task) products_[task] = mean * gram.col(task).sum();  // g . g0
    mean_square_ = mean * products_.head(size).sum();                                         // |g0|^2
    constexpr double rounding = 1e-15;
    if (settings_.c < rounding || !(mean_square_ > rounding)) return;

    const double radius = settings_.c * std::sqrt(mean_square_);
    const double shift = find_shift(gram, radius);
    const double excess = find_excess(gram, shift, radius);  // leaves the weights of that shift
    const double length = excess + radius * shift;           // |g_w|
    // (t |d|)^2; where gradients cancel it is rounding, and the coefficients would be large numbers for nothing
    const double square =
        length * length + 2 * shift * weights_.head(size).dot(products_.head(size)) + shift * shift * mean_square_;
    if (square <= rounding + 1e-8 * shift * shift * mean_square_)
      coefficients.setZero();
    else
      coefficients += weights_.head(size) / (shift * divisor);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "c", self.settings_.c);
    visit_setting(visit, "rescaling", static_cast<Index>(self.settings_.rescaling));
  }

 private:
  static constexpr double least_shift = 1e-4;

  /// |g_w| - t c |g0| for the weights w that belong to the shift t. It is above 0 below the shift that is sought, and
  /// below 0 above.
  double find_excess(const Columns<S>& gram, double shift, double radius) {
    const Index size = gram.rows();
    Columns<S> shifted(shifted_.data(), size, size);
    for (Index column = 0; column < size; ++column)
      for (Index row = 0; row < size; ++row)
        shifted(row, column) =
            gram(row, column) + shift * (products_[row] + products_[column]) + shift * shift * mean_square_;
    // a gradient that the shift takes away leaves rounding, which may be below 0
    for (Index task = 0; task < size; ++task) {
      const double least = 1e-15 * (gram(task, task) + shift * shift * mean_square_);
      if (shifted(task, task) > least) continue;
      shifted.row(task).setZero();
      shifted.col(task).setZero();
    }
    Flat<S> weights(weights_.data(), size);
    min_norm_.find(read_only(shifted), weights);
    double square = 0;
    for (Index task = 0; task < size; ++task)
      if (weights[task] > 0) square += weights[task] * weights.dot(gram.col(task));
    return std::sqrt((std::max)(square, 0.0)) - shift * radius;
  }

  /// The shift with excess 0, by false position (the Illinois variant) between bounds.
  double find_shift(const Columns<S>& gram, double radius) {
    double low = least_shift;
    double high = 1 / radius;  // |g_w| is at most 1, the length of the longest
    if (!(low < high)) return low;
    double above = find_excess(gram, low, radius);
    if (!(above > 0)) return low;
    double below = find_excess(gram, high, radius);
    if (!(below < 0)) return high;
    int repeats = 0;  // how often in a row the same bound moved: above 0 the lower, below 0 the upper
    for (int round = 0; round < 200 && high - low > 1e-15 * high; ++round) {
      // a round in four halves, in case the two numbers are of very different size
      double middle = round % 4 == 3 ? std::sqrt(low * high) : low + (high - low) * above / (above - below);
      if (!(middle > low && middle < high)) middle = 0.5 * (low + high);
      const double excess = find_excess(gram, middle, radius);
      if (std::abs(excess) <= 1e-16 * middle * radius) return middle;
      repeats = excess > 0 ? (std::max)(repeats, 0) + 1 : (std::min)(repeats, 0) - 1;
      if (excess > 0) {
        low = middle;
        above = excess;
        if (repeats > 1) below *= 0.5;
      } else {
        high = middle;
        below = excess;
        if (repeats < -1) above *= 0.5;
      }
    }
    return 0.5 * (low + high);
  }

  CaGrad settings_;
  MinNorm<S> min_norm_;
  Buffer<double> gram_;     ///< divided by its largest diagonal element
  Buffer<double> shifted_;  ///< inner products of the gradients plus t g0
  Vector<S> products_;
  Vector<S> weights_;
  double mean_square_ = 0;
};

inline CaGradState<double> CaGrad::begin(const AggregatedTasks& tasks) const {
  require(std::isfinite(c) && c >= 0, "CAGrad: c is ", c, "; it must be at least 0");
  require(rescaling >= Rescaling::none && rescaling <= Rescaling::by_one, "CAGrad: rescaling is ",
          static_cast<int>(rescaling), ", which is none of none, by_square and by_one");
  return CaGradState<double>(*this, static_cast<Index>(tasks.names.size()));
}

}  // namespace polytask
