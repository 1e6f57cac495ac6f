/// @file
/// Proximal maps of norms of numbers, rows and columns.
#pragma once

#include "polytask/core/views.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace polytask::linear {

/// Numbers towards 0 by `amount`, not past it.
/// @return the sum of their sizes afterwards
inline double shrink_entries(Eigen::Ref<Matrix<double>> block, double amount) {
  block = block.array().sign() * ((block.array().abs() - amount).max)(0.0);
  return block.cwiseAbs().sum();
}

/// Rows, each shorter by `amount`.
/// @return the sum of their lengths afterwards
inline double shrink_rows(Eigen::Ref<Matrix<double>> block, double amount) {
  double sum = 0;
  for (Index row = 0; row < block.rows(); ++row) {
    const double length = block.row(row).norm();
    block.row(row) *= length > amount ? 1 - amount / length : 0.0;
    sum += (std::max)(0.0, length - amount);
  }
  return sum;
}

/// Columns, each shorter by `amount`.
/// @return the sum of their lengths afterwards
inline double shrink_columns(Eigen::Ref<Matrix<double>> block, double amount) {
  double sum = 0;
  for (Index column = 0; column < block.cols(); ++column) {
    const double length = block.col(column).norm();
    block.col(column) *= length > amount ? 1 - amount / length : 0.0;
    sum += (std::max)(0.0, length - amount);
  }
  return sum;
}

/// The proximal map of `amount` * sum over rows of the largest |number|: the largest ones are cut off at the level at
/// which what is cut off sums to `amount` (Moreau: the rest of the projection to the l1 ball of that size).
/// @return the sum over rows of the largest size afterwards
inline double cut_rows(Eigen::Ref<Matrix<double>> block, double amount) {
  double sum = 0;
  std::vector<double> sizes(static_cast<std::size_t>(block.cols()));
  for (Index row = 0; row < block.rows(); ++row) {
    for (Index column = 0; column < block.cols(); ++column)
      sizes[static_cast<std::size_t>(column)] = std::abs(block(row, column));
    std::sort(sizes.begin(), sizes.end(), std::greater<>());
    double level = 0;
    double above = 0;
    for (std::size_t count = 1; count <= sizes.size(); ++count) {
      above += sizes[count - 1];
      level = (std::max)(0.0, (above - amount) / static_cast<double>(count));
      if (count == sizes.size() || level >= sizes[count]) break;
    }
    block.row(row) = block.row(row).cwiseMax(-level).cwiseMin(level);
    sum += level;
  }
  return sum;
}

}  // namespace polytask::linear
