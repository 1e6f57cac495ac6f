/// @file
/// What a product of matrices reads.
#pragma once

#include "polytask/core/views.hpp"

namespace polytask {

/// A matrix that a product reads, as it lies in memory or transposed: element (row, column) is
/// data[row * row_step + column * column_step], one of the steps being 1.
template <Scalar S>
struct Factor {
  const S* data;
  Index rows;
  Index columns;
  Index row_step;
  Index column_step;
};

/// The matrix as it lies in memory.
template <class View>
Factor<typename View::Scalar> factor(const View& matrix) {
  static_assert(!View::IsRowMajor, "the rows of a matrix do not lie together: transpose, or copy, a row");
  return {matrix.data(), matrix.rows(), matrix.cols(), 1, matrix.outerStride()};
}

/// The matrix transposed.
template <Scalar S>
Factor<S> transposed(const Factor<S>& matrix) {
  return {matrix.data, matrix.columns, matrix.rows, matrix.column_step, matrix.row_step};
}
template <class View>
Factor<typename View::Scalar> transposed(const View& matrix) {
  return transposed(factor(matrix));
}

}  // namespace polytask
