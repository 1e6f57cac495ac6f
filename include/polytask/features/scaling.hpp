/// @file
/// Fitted transformations of a number column to an input of the model.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/member_visitor.hpp"
#include "polytask/core/normal_quantile.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace polytask {

/// How a number becomes an input of the model.
enum class Scaling {
  none,      ///< as it is
  standard,  ///< (x - mean) / standard deviation, the latter with divisor n
  min_max,   ///< the training range becomes [0, 1]; values outside it go on along the same line
  log1p,     ///< sign(x) log(1 + |x|), then as standard: for amounts and counts over several powers of ten
  quantile   ///< the normal score of the value's rank in the training column: robust against any distribution
};

/// The names of the scalings, in the order of the enumeration.
inline constexpr std::array<std::string_view, 5> scaling_names{"none", "standard", "min_max", "log1p", "quantile"};

/// One scaling, fitted to the training rows of one number column.
///
/// A missing value becomes the mean that the input has over the training rows: 0 for standard and log1p, the mean of
/// the column for none, the mean of the scaled column for min_max and quantile. A column that is constant in training
/// carries no information and becomes 0 whatever comes later (standard, min_max, log1p, quantile); so does, under every
/// scaling, a column without one number.
class NumberScaler {
 public:
  /// Passes numbers on as they are, and 0 for a missing one.
  NumberScaler() = default;

  /// Fits to the numbers that are present.
  /// @param values the training rows; NaN where missing
  /// @param quantiles the most points that describe the distribution (scaling quantile only), at least 2
  /// @throws DataError naming the row when a value is infinite
  static NumberScaler fit(Span<const double> values, Scaling scaling, Index quantiles = 1000) {
    require(quantiles >= 2, "quantile scaling needs at least 2 quantiles, not ", quantiles);
    NumberScaler fitted;
    fitted.scaling_ = scaling;
    std::vector<double> present;
    present.reserve(values.size());
    for (std::size_t row = 0; row < values.size(); ++row) {
      const double value = values[row];
      if (std::isnan(value)) {
        fitted.missing_seen_ = true;
        continue;
      }
      require<DataError>(std::isfinite(value), "row ", row, " (counted from 0): expected a finite number, got ", value);
      present.push_back(scaling == Scaling::log1p ? signed_log(value) : value);
    }
    if (present.empty()) {
      fitted.scale_ = 0;
    } else if (scaling == Scaling::quantile) {
      fitted.fit_knots(std::move(present), static_cast<std::size_t>(quantiles));
    } else {
      fitted.fit_line(present);
    }
    return fitted;
  }

  /// The input for one value. Never NaN; beyond the training range, quantile stays at the last score.
  double operator()(double value) const {
    double input = 0;
    apply(Span<const double>(&value, 1), &input, 1);
    return input;
  }

  /// The inputs for a column, written `stride` numbers apart: with a pointer to the first sample's entry and the number
  /// of rows as the stride, one row of a features x samples matrix.
  template <Scalar S>
  void apply(Span<const double> values, S* out, Index stride) const {
    if (scale_ == 0) return write(values, out, stride, [this](double) { return missing_input_; });
    switch (scaling_) {
      case Scaling::log1p:
        return write(values, out, stride, [this](double x) { return line(signed_log(x)); });
      case Scaling::quantile:
        return write(values, out, stride, [this](double x) { return score(x); });
      default:
        return write(values, out, stride, [this](double x) { return line(x); });
    }
  }

  /// True when the training column had missing values.
  bool flags_missing() const { return missing_seen_; }

  /// Visits what a file keeps.
  /// @throws ArgumentError after reading when the parts do not fit together
  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_choice(visit, "scaling", self.scaling_, scaling_names);
    visit("center", self.center_);
    visit("scale", self.scale_);
    visit("missing_input", self.missing_input_);
    visit("missing_seen", self.missing_seen_);
    visit("knots", self.knots_);
    visit("scores", self.scores_);
    if constexpr (!std::is_const_v<Self>) {
      const bool needs_knots = self.scaling_ == Scaling::quantile && self.scale_ != 0;
      require(self.knots_.size() == self.scores_.size() && (!needs_knots || self.knots_.size() >= 2),
              "a quantile scaling has ", self.knots_.size(), " knots and ", self.scores_.size(),
              " scores; expected two or more of each, and as many of one as of the other");
    }
  }

  bool operator==(const NumberScaler&) const = default;

 private:
  static constexpr double largest = (std::numeric_limits<double>::max)();

  static double signed_log(double value) { return std::copysign(std::log1p(std::abs(value)), value); }

  double line(double value) const { return (value - center_) / scale_; }

  /// Linear between the knots, constant outside.
  double score(double value) const {
    if (value <= knots_.front()) return scores_.front();
    if (value >= knots_.back()) return scores_.back();
    std::size_t knot = 0;  // binary search for the last knot that is not above the value, without a branch to guess
    for (std::size_t length = knots_.size(); length > 1;) {
      const std::size_t half = length / 2;
      knot = knots_[knot + half] <= value ? knot + half : knot;
      length -= half;
    }
    const double width = (std::min)(knots_[knot + 1] - knots_[knot], largest);
    const double part = (std::min)((value - knots_[knot]) / width, 1.0);
    return scores_[knot] + part * (scores_[knot + 1] - scores_[knot]);
  }

  /// No conversion overflows: what is too large for the type becomes its largest number.
  template <Scalar S>
  static S bounded(double value) {
    constexpr auto limit = static_cast<double>((std::numeric_limits<S>::max)());
    return static_cast<S>((std::min)((std::max)(value, -limit), limit));
  }

  template <Scalar S, class Function>
  void write(Span<const double> values, S* out, Index stride, const Function& encoded) const {
    for (const double value : values) {
      *out = bounded<S>(std::isnan(value) ? missing_input_ : encoded(value));
      out += stride;
    }
  }

  /// Center and scale of every scaling but quantile.
  void fit_line(const std::vector<double>& values) {
    const auto [lowest, highest] = std::minmax_element(values.begin(), values.end());
    const double low = *lowest;
    const double high = *highest;
    const auto count = static_cast<double>(values.size());
    const double unit = (std::max)(std::abs(low), std::abs(high));
    // In units of the largest value, so that no sum overflows.
    double mean = 0;
    double variance = 0;
    if (unit > 0) {
      for (const double value : values) mean += value / unit;
      mean /= count;
      for (const double value : values) variance += (value / unit - mean) * (value / unit - mean);
      variance /= count;
      mean *= unit;
    }
    if (scaling_ == Scaling::none) {
      missing_input_ = mean;
      return;
    }
    const bool ranged = scaling_ == Scaling::min_max;
    center_ = ranged ? low : mean;
    scale_ = ranged ? (std::min)(high - low, largest) : unit * std::sqrt(variance);  // exactly 0 for a constant column
    missing_input_ = scale_ == 0 ? 0 : line(mean);
  }

  /// Knots at equal steps of rank, or at every distinct value when these are few. The score of a knot is the normal
  /// quantile of its middle rank, (numbers below + half the numbers equal) / n: a value that comes many times stands at
  /// the middle of its share, and the extremes of n rows stay within sqrt(2 log n), so that nothing needs clipping.
  /// Normal rather than uniform scores: inputs of mean 0 and variance 1 are what the layers are initialised for.
  void fit_knots(std::vector<double> values, std::size_t quantiles) {
    std::sort(values.begin(), values.end());
    const std::size_t count = values.size();
    for (std::size_t rank = 0; rank < count && knots_.size() <= quantiles; ++rank)
      if (rank == 0 || values[rank] != values[rank - 1]) knots_.push_back(values[rank]);
    if (knots_.size() > quantiles) {
      knots_.clear();
      for (std::size_t step = 0; step < quantiles; ++step) {
        const double value = values[step * (count - 1) / (quantiles - 1)];
        if (knots_.empty() || value != knots_.back()) knots_.push_back(value);
      }
    }
    for (const double knot : knots_) {
      const auto [first, last] = std::equal_range(values.begin(), values.end(), knot);
      const auto ranks = static_cast<double>((first - values.begin()) + (last - values.begin()));
      scores_.push_back(normal_quantile(ranks / (2 * static_cast<double>(count))));
    }
    if (knots_.size() < 2) {
      scale_ = 0;
      return;
    }
    double sum = 0;
    for (const double value : values) sum += score(value);
    missing_input_ = sum / static_cast<double>(count);
  }

  Scaling scaling_ = Scaling::none;
  double center_ = 0;
  double scale_ = 1;  ///< 0: every value becomes missing_input_
  double missing_input_ = 0;
  bool missing_seen_ = false;
  std::vector<double> knots_;   ///< increasing values
  std::vector<double> scores_;  ///< the input at each knot
};

}  // namespace polytask
