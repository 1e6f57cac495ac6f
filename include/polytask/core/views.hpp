/// @file
/// The matrix types that cross every interface of the library.
///
/// A sample is a column: matrices are features x samples, column-major. A row-major table in memory is this layout
/// already. All sizes are dynamic: fixed-size Eigen types cost many times the compile time for no speed from a batch
/// of 8 up.
#pragma once

#include "polytask/core/span.hpp"

#include <Eigen/Core>

#include <concepts>
#include <cstddef>

namespace polytask {

using Index = Eigen::Index;

/// The two types a model can compute in.
template <class S>
concept Scalar = std::same_as<S, float> || std::same_as<S, double>;

template <Scalar S>
using Matrix = Eigen::Matrix<S, Eigen::Dynamic, Eigen::Dynamic>;

template <Scalar S>
using Vector = Eigen::Matrix<S, Eigen::Dynamic, 1>;

/// Writable view of a features x samples matrix; owns nothing. Assigning to a view copies the numbers, never the view.
template <Scalar S>
using Columns = Eigen::Map<Matrix<S>>;

/// Read-only view of a features x samples matrix.
template <Scalar S>
using ConstColumns = Eigen::Map<const Matrix<S>>;

/// Writable view of a run of numbers.
template <Scalar S>
using Flat = Eigen::Map<Vector<S>>;

/// Read-only view of a run of numbers.
template <Scalar S>
using ConstFlat = Eigen::Map<const Vector<S>>;

/// The same numbers, not to be written.
template <Scalar S>
ConstColumns<S> read_only(const Columns<S>& columns) {
  return ConstColumns<S>(columns.data(), columns.rows(), columns.cols());
}

template <Scalar S>
ConstFlat<S> read_only(const Flat<S>& flat) {
  return ConstFlat<S>(flat.data(), flat.size());
}

/// The numbers of a matrix or of a view, in the order in which they lie in memory.
template <class Whole>
  requires requires(Whole& matrix) { matrix.data()[matrix.size()]; }
auto numbers_of(Whole&& matrix) {
  return Span(matrix.data(), static_cast<std::size_t>(matrix.size()));
}

/// Some of the numbers that a view shows: Flat of Flat, ConstFlat of ConstFlat.
template <class View>
View slice(const View& flat, Index first, Index count) {
  return View(const_cast<typename View::Scalar*>(flat.data()) + first, count);
}

/// The view of nothing, for a pass that does not ask for the matrix in question.
template <Scalar S>
Columns<S> no_columns() {
  return Columns<S>(nullptr, 0, 0);
}

template <Scalar S>
Flat<S> no_flat() {
  return Flat<S>(nullptr, 0);
}

}  // namespace polytask
