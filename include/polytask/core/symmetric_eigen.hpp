/// @file
/// Eigenvalues and eigenvectors of a small symmetric matrix.
#pragma once

#include "polytask/core/views.hpp"

#include <Eigen/Jacobi>

#include <cmath>
#include <limits>

namespace polytask {

/// Turns a symmetric matrix without negative eigenvalues into a diagonal one, vectors' * symmetric * vectors, by
/// Jacobi's rotations: the eigenvalues are then on the diagonal, in no order, and the columns of `vectors` belong to
/// them. Rotations go on until every number is rounding beside the two on the diagonal that it stands between, so that
/// eigenvalues are accurate where the matrix is one of inner products of vectors whose directions are well apart,
/// however unlike their lengths (Demmel, Veselic 1992). It ends for a matrix that is not finite too, and allocates
/// nothing. Eigen's solver takes four seconds to compile.
/// @param symmetric  the matrix, overwritten
/// @param vectors    as large; what it held does not matter
template <class Square, class Vectors>
void diagonalize(Square&& symmetric, Vectors&& vectors) {
  constexpr int most_sweeps = 50;  // some 10 are enough; this ends a matrix that is not finite
  vectors.setIdentity();
  constexpr double negligible = 1e-2 * std::numeric_limits<double>::epsilon();
  bool turned = true;
  for (int sweep = 0; turned && sweep < most_sweeps; ++sweep) {
    turned = false;
    for (Index column = 1; column < symmetric.cols(); ++column)
      for (Index row = 0; row < column; ++row) {
        const double beside = std::sqrt(std::abs(symmetric(row, row))) * std::sqrt(std::abs(symmetric(column, column)));
        if (!(std::abs(symmetric(row, column)) > negligible * beside)) continue;
        Eigen::JacobiRotation<double> rotation;
        rotation.makeJacobi(symmetric, row, column);
        symmetric.applyOnTheLeft(row, column, rotation.adjoint());
        symmetric.applyOnTheRight(row, column, rotation);
        vectors.applyOnTheRight(row, column, rotation);
        symmetric(row, column) = symmetric(column, row) = 0;
        turned = true;
      }
  }
}

}  // namespace polytask
