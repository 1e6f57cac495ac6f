/// @file
/// The Cholesky factor of a small matrix in memory that is there already, for the solvers of the aggregation rules.
#pragma once

#include "polytask/core/views.hpp"

#include <cmath>

namespace polytask {

/// Replaces the lower triangle of the leading size x size block by its factor L, with A = L L'. What lies above the
/// diagonal is neither read nor written.
/// @return how many rows were factored: size, or the number of the first row whose pivot is not above `least_pivot`
inline Index factor_cholesky(Matrix<double>& matrix, Index size, double least_pivot = 0) {
  for (Index row = 0; row < size; ++row) {
    for (Index column = 0; column <= row; ++column) {
      double sum = matrix(row, column);
      for (Index place = 0; place < column; ++place) sum -= matrix(row, place) * matrix(column, place);
      if (column < row) {
        matrix(row, column) = sum / matrix(column, column);
      } else {
        if (!(sum > least_pivot)) return row;
        matrix(row, row) = std::sqrt(sum);
      }
    }
  }
  return size;
}

/// Solves L L' x = b in place, with the factor of factor_cholesky().
inline void solve_cholesky(const Matrix<double>& factor, Index size, Vector<double>& values) {
  for (Index row = 0; row < size; ++row) {
    double sum = values[row];
    for (Index column = 0; column < row; ++column) sum -= factor(row, column) * values[column];
    values[row] = sum / factor(row, row);
  }
  for (Index row = size - 1; row >= 0; --row) {
    double sum = values[row];
    for (Index below = row + 1; below < size; ++below) sum -= factor(below, row) * values[below];
    values[row] = sum / factor(row, row);
  }
}

}  // namespace polytask
