/// @file
/// The Cholesky factor of a small matrix in memory that is there already, for the solvers of the aggregation rules.
#pragma once

#include "polytask/core/views.hpp"

#include <cmath>

namespace polytask {

/// Replaces what is left of the diagonal in a row of A by the factor L, with A = L L'. The rows before are of L.
/// @return the square of the row's pivot, which is for the caller to judge and to write
template <Scalar S>
S factor_cholesky_row(Matrix<S>& matrix, Index row) {
  for (Index column = 0; column < row; ++column) {
    S sum = matrix(row, column);
    for (Index place = 0; place < column; ++place) sum -= matrix(row, place) * matrix(column, place);
    matrix(row, column) = sum / matrix(column, column);
  }
  S left = matrix(row, row);
  for (Index column = 0; column < row; ++column) left -= matrix(row, column) * matrix(row, column);
  return left;
}

/// Replaces the lower triangle of the leading size x size block by its factor L, with A = L L'. What lies above the
/// diagonal is neither read nor written.
/// @return how many rows were factored: size, or the number of the first row whose pivot is not above 0
template <Scalar S>
Index factor_cholesky(Matrix<S>& matrix, Index size) {
  for (Index row = 0; row < size; ++row) {
    const S left = factor_cholesky_row(matrix, row);
    if (!(left > 0)) return row;
    matrix(row, row) = std::sqrt(left);
  }
  return size;
}

/// Solves L L' x = b in place, with the factor of factor_cholesky().
template <Scalar S>
void solve_cholesky(const Matrix<S>& factor, Index size, Vector<S>& values) {
  for (Index row = 0; row < size; ++row) {
    S sum = values[row];
    for (Index column = 0; column < row; ++column) sum -= factor(row, column) * values[column];
    values[row] = sum / factor(row, row);
  }
  for (Index row = size - 1; row >= 0; --row) {
    S sum = values[row];
    for (Index below = row + 1; below < size; ++below) sum -= factor(below, row) * values[below];
    values[row] = sum / factor(row, row);
  }
}

}  // namespace polytask
