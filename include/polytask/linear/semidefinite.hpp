/// @file
/// Linear equations whose matrix has no negative eigenvalue, such as those of a ridge.
#pragma once

#include "polytask/core/products.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>

#include <cmath>
#include <optional>
#include <utility>
#include <vector>

namespace polytask::linear {

/// The units in which a diagonal of second moments is all 1: 1 / sqrt of each, 1 where it is 0.
inline Vector<double> units_of(const Vector<double>& diagonal) {
  Vector<double> units(diagonal.size());
  for (Index place = 0; place < units.size(); ++place)
    units[place] = diagonal[place] > 0 ? 1 / std::sqrt(diagonal[place]) : 1.0;
  return units;
}

/// A x = b with a symmetric A that has no negative eigenvalue. It is worked in units in which A's diagonal is 1, so
/// that what is large is not what is measured in small units: features may have any scales.
class SemidefiniteEquations {
 public:
  explicit SemidefiniteEquations(Matrix<double> matrix)
      : units_(units_of(matrix.diagonal())), scaled_(std::move(matrix)) {
    for (Index column = 0; column < scaled_.cols(); ++column)
      for (Index row = 0; row < scaled_.rows(); ++row) scaled_(row, column) *= units_[row] * units_[column];
    cholesky_.compute(scaled_);
    definite_ = cholesky_.info() == Eigen::Success && cholesky_.rcond() > 1e-12;
  }

  /// The solution; of many the shortest, of none the nearest.
  Vector<double> solve(const Vector<double>& right) {
    const Vector<double> scaled = right.cwiseProduct(units_);
    if (definite_) {
      const Vector<double> found = cholesky_.solve(scaled);
      if (found.allFinite()) return found.cwiseProduct(units_);
    }
    return shortest(scaled);
  }

 private:
  Vector<double> shortest(const Vector<double>& scaled) {
    if (!spectrum_) spectrum_.emplace(scaled_);
    const auto& values = spectrum_->eigenvalues();
    const double rounding = 1e-13 * values.maxCoeff();
    Vector<double> parts = product_of(transposed(spectrum_->eigenvectors()), factor(scaled));
    for (Index which = 0; which < parts.size(); ++which)
      parts[which] = values[which] > rounding ? parts[which] / values[which] : 0.0;
    Vector<double> found = product_of(factor(spectrum_->eigenvectors()), factor(parts));
    found = found.cwiseProduct(units_);
    // without what lies in directions in which A is 0
    std::vector<Vector<double>> free;
    for (Index which = 0; which < parts.size() && !(values[which] > rounding); ++which) {
      Vector<double> direction = spectrum_->eigenvectors().col(which).cwiseProduct(units_);
      for (const auto& earlier : free) direction -= earlier.dot(direction) * earlier;
      const double length = direction.norm();
      if (!(length > 0)) continue;
      direction /= length;
      found -= direction.dot(found) * direction;
      free.push_back(std::move(direction));
    }
    return found;
  }

  Vector<double> units_;
  Matrix<double> scaled_;
  Eigen::LLT<Matrix<double>> cholesky_;
  bool definite_ = false;
  std::optional<Eigen::SelfAdjointEigenSolver<Matrix<double>>> spectrum_;  ///< made when it is needed
};

}  // namespace polytask::linear
