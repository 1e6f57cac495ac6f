#include "polytask/core/symmetric_eigen.hpp"

#include "catch.hpp"
#include "polytask/core/random.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

using namespace polytask;

namespace {

Matrix<double> random_matrix(Index rows, Index columns, std::uint64_t seed = 1) {
  Random random(seed);
  Matrix<double> matrix(rows, columns);
  for (double& value : matrix.reshaped()) value = random.normal();
  return matrix;
}

}  // namespace

TEST_CASE("the eigenvalues of a 2 x 2 matrix are those of the formula") {
  Matrix<double> matrix{{18, -22}, {-22, 38}};
  Matrix<double> vectors(2, 2);
  diagonalize(matrix, vectors);
  CHECK((std::min)(matrix(0, 0), matrix(1, 1)) == Approx(28 - std::sqrt(584.0)).epsilon(1e-14));
  CHECK((std::max)(matrix(0, 0), matrix(1, 1)) == Approx(28 + std::sqrt(584.0)).epsilon(1e-14));
}

TEST_CASE("eigenvectors are orthonormal and rebuild the matrix, of any size and rank") {
  for (const Index size : {1, 2, 5, 17, 64})
    for (const Index rank : {Index(1), (size + 1) / 2, size + 3}) {
      CAPTURE(size, rank);
      const Matrix<double> factor = random_matrix(size, rank);
      const Matrix<double> matrix = factor * factor.transpose();
      Matrix<double> values = matrix;
      Matrix<double> vectors(size, size);
      diagonalize(values, vectors);
      const double rounding = 1e-13 * matrix.trace();
      CHECK((vectors.transpose() * vectors - Matrix<double>::Identity(size, size)).norm() < 1e-12);
      CHECK((vectors * values.diagonal().asDiagonal() * vectors.transpose() - matrix).norm() < rounding);
      CHECK((values.diagonal().array() > rounding).count() == (std::min)(rank, size));
    }
}

TEST_CASE("small eigenvalues are accurate beside large ones where the directions are well apart") {
  // the Gram matrix of (800, 600, 0), (3, -4, 0) / 1e6 and (0, 1, 1) / 1e9
  Matrix<double> directions(3, 3);
  directions << 800, 3e-6, 0, 600, -4e-6, 1e-9, 0, 0, 1e-9;
  Matrix<double> values = directions.transpose() * directions;
  Matrix<double> vectors(3, 3);
  diagonalize(values, vectors);
  std::vector<double> found(values.diagonal().begin(), values.diagonal().end());
  std::sort(found.begin(), found.end());
  CHECK(found[0] == Approx(1e-18).epsilon(1e-6));  // what is left of the third at right angles to the first two
  CHECK(found[1] == Approx(2.5e-11).epsilon(1e-6));
  CHECK(found[2] == Approx(1e6).epsilon(1e-12));
}

TEST_CASE("it works within a corner of a larger matrix, which it leaves alone, without allocation") {
  Matrix<double> values = Matrix<double>::Constant(64, 64, 7);
  Matrix<double> vectors = Matrix<double>::Constant(64, 64, 7);
  const Matrix<double> factor = random_matrix(40, 40);
  values.topLeftCorner(40, 40) = factor * factor.transpose();
  const double trace = values.topLeftCorner(40, 40).trace();
  Eigen::internal::set_is_malloc_allowed(false);
  diagonalize(values.topLeftCorner(40, 40), vectors.topLeftCorner(40, 40));
  Eigen::internal::set_is_malloc_allowed(true);
  CHECK(values.topLeftCorner(40, 40).diagonal().sum() == Approx(trace).epsilon(1e-13));
  CHECK((values.rightCols(24).array() == 7).all());
  CHECK((vectors.bottomRows(24).array() == 7).all());
}

TEST_CASE("a matrix of zeros has the axes as eigenvectors") {
  Matrix<double> values = Matrix<double>::Zero(3, 3);
  Matrix<double> vectors = Matrix<double>::Constant(3, 3, std::nan(""));
  diagonalize(values, vectors);
  CHECK(values == Matrix<double>::Zero(3, 3));
  CHECK(vectors == Matrix<double>::Identity(3, 3));
}

TEST_CASE("a matrix that is not finite ends") {
  for (const double bad : {std::nan(""), HUGE_VAL}) {
    Matrix<double> values = random_matrix(6, 6);
    values(1, 3) = values(3, 1) = bad;
    Matrix<double> vectors(6, 6);
    CHECK_NOTHROW(diagonalize(values, vectors));
  }
}
