#include "polytask/aggregation/non_negative_least_squares.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

namespace {

Vector<double> solve(const Matrix<double>& matrix, const Vector<double>& right, double least = 0) {
  NonNegativeLeastSquares<double> solver(right.size());
  solver.resize(right.size(), least);
  solver.matrix() = matrix;
  solver.right() = right;
  return solver.solve(right.lpNorm<1>());
}

}  // namespace

TEST_CASE("amounts that are not negative are those by hand") {
  Matrix<double> matrix(2, 2);
  matrix << 1, 0.5, 0.5, 1;
  CHECK(solve(matrix, Eigen::Vector2d(1, 1)).isApprox(Eigen::Vector2d(2.0 / 3, 2.0 / 3), 1e-15));
  // without the condition: (4, -2) / 3
  CHECK(solve(matrix, Eigen::Vector2d(1, 0)) == Vector<double>(Eigen::Vector2d(1, 0)));
  CHECK(solve(matrix, Eigen::Vector2d(-1, -2)) == Vector<double>(Eigen::Vector2d(0, 0)));
  // the first is used first and then falls below 0: without the condition (-0.575, 1.75)
  matrix << 1, 0.9, 0.9, 0.85;
  CHECK(solve(matrix, Eigen::Vector2d(1, 0.97)).isApprox(Eigen::Vector2d(0, 0.97 / 0.85), 1e-15));
}

TEST_CASE("amounts meet the conditions of the minimum, for vectors of any number and rank") {
  std::uint64_t seed = 0;
  for (const Index size : {1, 2, 5, 17, 50})
    for (const Index rank : {1, 3, 20, 80}) {
      CAPTURE(size, rank);
      Gradients vectors = normal_gradients(size, rank, ++seed);
      vectors.rowwise().normalize();
      if (size == 17) vectors.row(4).setZero();
      const Matrix<double> matrix = vectors * vectors.transpose();
      // in the range of A, as least squares have it
      const Vector<double> right = vectors * normal_gradients(1, rank, seed + 500).row(0).transpose();
      const Vector<double> amounts = solve(matrix, right);
      REQUIRE(amounts.minCoeff() >= 0);
      const Vector<double> slopes = right - matrix * amounts;
      const double size_of_all = right.lpNorm<1>() + amounts.sum();
      CHECK(slopes.maxCoeff() <= 1e-13 * size_of_all);
      for (Index index = 0; index < size; ++index)
        if (amounts[index] > 0) CHECK(std::abs(slopes[index]) <= 1e-13 * size_of_all);
      if (size == 17) CHECK(amounts[4] == 0);
    }
}

TEST_CASE("vectors that are nearly the same are not used together, by the square that is asked for") {
  const double sine = 1e-4;
  Matrix<double> matrix(2, 2);
  matrix << 1, -std::sqrt(1 - sine * sine), -std::sqrt(1 - sine * sine), 1;
  const Eigen::Vector2d right(1, 0);
  CHECK(solve(matrix, right)[0] == Approx(1 / (sine * sine)).epsilon(1e-7));
  CHECK(solve(matrix, right, 1e-7) == Vector<double>(Eigen::Vector2d(1, 0)));
}
