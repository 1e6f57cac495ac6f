/// @file
/// Matrices with few columns, by their singular values.
#pragma once

#include "polytask/sharing/trace_norm.hpp"

namespace polytask {

/// A whole matrix as the functions of sharing/trace_norm.hpp take it.
template <Scalar S>
Apart<const Matrix<S>> whole(const Matrix<S>& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols(), Eigen::OuterStride<>(matrix.rows())};
}

/// sum of value(i) v_i v_i' over the columns v_i of `vectors`, to the last bit symmetric; makes no allocation.
template <class Vectors, class Value>
auto from_spectrum(const Vectors& vectors, Value&& value) {
  using Square = ColumnSquare<typename Vectors::Scalar>;
  Square sum = Square::Zero(vectors.cols(), vectors.cols());
  for (Index which = 0; which < vectors.cols(); ++which) {
    const double factor = value(which);
    for (Index column = 0; column < vectors.cols(); ++column)
      for (Index row = 0; row <= column; ++row)
        sum(row, column) += factor * vectors(row, which) * vectors(column, which);
  }
  for (Index column = 0; column < vectors.cols(); ++column)
    for (Index row = 0; row < column; ++row) sum(column, row) = sum(row, column);
  return sum;
}

}  // namespace polytask
