/// @file
/// Penalties of the singular values of the coefficients, and their proximal maps.
#pragma once

#include "polytask/core/products.hpp"
#include "polytask/core/views.hpp"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace polytask::linear {

/// The singular values of a matrix and the singular vectors of its shorter side, by the eigenvalues of the smaller of
/// M'M and MM'. That squares the values: what is below 1e-8 of the largest is rounding, and taken as 0.
class Spectrum {
 public:
  explicit Spectrum(const Eigen::Ref<const Matrix<double>>& matrix) : of_columns_(matrix.cols() <= matrix.rows()) {
    const auto whole = factor(matrix);
    const auto turned = transposed(matrix);
    const Eigen::SelfAdjointEigenSolver<Matrix<double>> solver(of_columns_ ? product_of(turned, whole)
                                                                           : product_of(whole, turned));
    vectors_ = solver.eigenvectors();
    const double rounding = 1e-16 * (std::max)(0.0, solver.eigenvalues().maxCoeff());
    values_ = (solver.eigenvalues().array() > rounding).select((solver.eigenvalues().array().max)(0.0).sqrt(), 0.0);
  }

  const Vector<double>& values() const { return values_; }  ///< as many as the shorter side has

  /// From M = U S V' to U diag(values * factors) V'.
  void scale(Eigen::Ref<Matrix<double>> matrix, const Vector<double>& factors) const {
    const Matrix<double> turn = times_diagonal(factors);
    matrix = of_columns_ ? product_of(factor(matrix), factor(turn)) : product_of(factor(turn), factor(matrix));
  }

  /// V diag(diagonal) V', columns x columns; directions beyond the shorter side have 0.
  Matrix<double> between_columns(const Matrix<double>& matrix, const Vector<double>& diagonal) const {
    if (of_columns_) return times_diagonal(diagonal);
    Matrix<double> right = product_of(transposed(matrix), factor(vectors_));  // V S
    for (Index which = 0; which < right.cols(); ++which)
      right.col(which) *= values_[which] > 0 ? std::sqrt(diagonal[which]) / values_[which] : 0.0;
    return product_of(factor(right), transposed(right));
  }

 private:
  /// vectors * diagonal * vectors'
  Matrix<double> times_diagonal(const Vector<double>& diagonal) const {
    Matrix<double> scaled = vectors_;
    for (Index which = 0; which < scaled.cols(); ++which) scaled.col(which) *= diagonal[which];
    return product_of(factor(scaled), transposed(vectors_));
  }

  bool of_columns_;
  Vector<double> values_;
  Matrix<double> vectors_;
};

/// Singular values, each smaller by `amount`: the proximal map of amount * trace norm.
/// @return the trace norm afterwards
inline double shrink_spectrum(Eigen::Ref<Matrix<double>> block, double amount) {
  const Spectrum spectrum(block);
  const auto left = ((spectrum.values().array() - amount).max)(0.0).eval();
  const double sum = left.sum();
  if (amount > 0) spectrum.scale(block, (spectrum.values().array() > 0).select(left / spectrum.values().array(), 0.0));
  return sum;
}

/// A penalty that learns how the tasks' coefficients vary together:
///
///     strength/2 * min over M of tr(W (base I + M)^-1 W'),   0 <= M <= most,  tr M = total.
///
/// The best M has W's right singular vectors, so that only its eigenvalues m are to be found, and these by filling up:
/// m_i = s_i / level - base, within 0 and most, with the level at which they sum to `total`. The proximal map is the
/// same with base + step * strength instead of base, for min over x of 1/2 (x - s)^2 + a/2 x^2/(b + m) is a/2 s^2/(a +
/// b + m), at x = s (b + m)/(a + b + m). So the problem, convex in W and M together, is solved in W alone.
struct LearnedCovariance {
  double strength = 1;
  double base = 0;
  double total = 1;
  double most = std::numeric_limits<double>::infinity();

  /// The eigenvalues m for singular values s.
  Vector<double> fill(const Vector<double>& values, double from) const {
    const auto clipped = [&](double slope, double value) {
      return value > 0 ? (std::min)((std::max)(slope * value - from, 0.0), most) : 0.0;
    };
    const auto sum = [&](double slope) {
      double found = 0;
      for (const double value : values) found += clipped(slope, value);
      return found;
    };
    const Index positive = (values.array() > 0).count();
    Vector<double> filled = Vector<double>::Zero(values.size());
    if (positive == 0) return filled;
    if (total >= most * static_cast<double>(positive)) {
      for (Index which = 0; which < values.size(); ++which) filled[which] = values[which] > 0 ? most : 0;
      return filled;
    }
    // The sum is a rising, piecewise linear function of 1 / level: its kinks, then the line between two of them.
    std::vector<double> kinks{0};
    for (const double value : values)
      if (value > 0) {
        kinks.push_back(from / value);
        if (most < std::numeric_limits<double>::infinity()) kinks.push_back((from + most) / value);
      }
    std::sort(kinks.begin(), kinks.end());
    std::size_t low = 0;
    for (std::size_t high = kinks.size(); high - low > 1;) {
      const std::size_t middle = (low + high) / 2;
      (sum(kinks[middle]) <= total ? low : high) = middle;
    }
    double slope = 0;  // of the sum, right of the kink
    for (const double value : values)
      if (value > 0 && value * kinks[low] - from >= -1e-14 * from && value * kinks[low] - from < most * (1 - 1e-14))
        slope += value;
    const double level = kinks[low] + (slope > 0 ? (total - sum(kinks[low])) / slope : 0);
    for (Index which = 0; which < values.size(); ++which) filled[which] = clipped(level, values[which]);
    return filled;
  }

  /// See Composite::proximal.
  double proximal(Eigen::Ref<Matrix<double>> block, double step) const {
    const Spectrum spectrum(block);
    const double amount = step * strength;
    const Vector<double> filled = fill(spectrum.values(), base + amount);
    double value = 0;
    Vector<double> factors = Vector<double>::Zero(filled.size());
    for (Index which = 0; which < filled.size(); ++which) {
      const double variance = base + filled[which];
      if (!(variance > 0)) continue;
      factors[which] = variance / (variance + amount);
      const double left = spectrum.values()[which] * factors[which];
      value += left * left / variance;
    }
    if (amount > 0) spectrum.scale(block, factors);
    return 0.5 * strength * value;
  }

  /// M for the coefficients; for W = 0 the same in all directions.
  Matrix<double> relation(const Matrix<double>& coefficients) const {
    const Index tasks = coefficients.cols();
    const Spectrum spectrum(coefficients);
    if (spectrum.values().maxCoeff() == 0)
      return Matrix<double>::Identity(tasks, tasks) * (std::min)(most, total / static_cast<double>(tasks));
    return spectrum.between_columns(coefficients, fill(spectrum.values(), base));
  }
};

}  // namespace polytask::linear
