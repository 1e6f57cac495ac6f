/// @file
/// The trace norm of a tall matrix with few columns, one a task: the sum of its singular values. It is small when the
/// columns are combinations of few.
#pragma once

#include "polytask/core/runs.hpp"
#include "polytask/core/symmetric_eigen.hpp"
#include "polytask/core/views.hpp"

#include <cmath>

namespace polytask {

/// Columns that a trace norm can have: what is columns x columns lies on the stack.
inline constexpr Index most_trace_norm_columns = 64;

/// A square matrix of up to that size; makes no allocation.
template <Scalar S>
using ColumnSquare =
    Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic, 0, most_trace_norm_columns, most_trace_norm_columns>;

/// A matrix whose columns lie apart in a flat buffer, each whole: one segment of every task.
template <class S>
using Apart = Eigen::Map<S, Eigen::Unaligned, Eigen::OuterStride<>>;

/// The singular values of a matrix and its right singular vectors, by the eigenvalues of its Gram matrix M'M. That
/// squares the singular values, so what is below a millionth of the columns that it is a combination of is rounding,
/// and taken as 0. They are not finite where the matrix is not.
template <Scalar S>
struct ColumnSpectrum {
  Eigen::Matrix<S, Eigen::Dynamic, 1, 0, most_trace_norm_columns, 1> singular_values;
  ColumnSquare<S> vectors;

  template <Scalar From>
  explicit ColumnSpectrum(const Apart<const Matrix<From>>& matrix) {
    ColumnSquare<S> gram(matrix.cols(), matrix.cols());
    for (Index column = 0; column < matrix.cols(); ++column)
      for (Index row = 0; row <= column; ++row)
        gram(row, column) = gram(column, row) =
            matrix.col(row).template cast<S>().dot(matrix.col(column).template cast<S>());
    singular_values = gram.diagonal().cwiseSqrt();  // still the columns' lengths
    vectors.resize(matrix.cols(), matrix.cols());
    diagonalize(gram, vectors);
    const auto combined = (vectors.cwiseAbs().transpose() * singular_values).eval();
    for (Index which = 0; which < matrix.cols(); ++which)
      singular_values[which] =
          gram(which, which) < 1e-12 * combined[which] * combined[which] ? S(0) : std::sqrt(gram(which, which));
  }
};

/// In double, whatever the matrix is in. A parameter, so that it is compiled only where it is called.
template <Scalar S, Scalar Wide = double>
ColumnSpectrum<Wide> spectrum_of(const Apart<const Matrix<S>>& matrix) {
  return ColumnSpectrum<Wide>(matrix);
}

/// The sum of the singular values.
template <Scalar S>
double trace_norm(const Apart<const Matrix<S>>& matrix) {
  return spectrum_of(matrix).singular_values.sum();
}

/// gradient += factor * U V' for matrix = U S V'. Where the matrix has not full rank the trace norm has a kink, and
/// this is the smallest of its subgradients: finite, and zero for a zero matrix.
template <Scalar S>
void add_trace_norm_gradient(const Apart<const Matrix<S>>& matrix, double factor, Apart<Matrix<S>> gradient) {
  const auto spectrum = spectrum_of(matrix);
  for (Index column = 0; column < matrix.cols(); ++column)
    for (Index from = 0; from < matrix.cols(); ++from) {
      double share = 0;  // U V' = M V S^-1 V'
      for (Index which = 0; which < matrix.cols(); ++which)
        if (spectrum.singular_values[which] != 0)
          share += factor / spectrum.singular_values[which] * spectrum.vectors(from, which) *
                   spectrum.vectors(column, which);
      add_run(matrix.rows(), static_cast<S>(share), matrix.col(from).data(), gradient.col(column).data());
    }
}

}  // namespace polytask
