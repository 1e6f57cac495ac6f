#include "polytask/aggregation/cholesky.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

TEST_CASE("The Cholesky factor is that by hand, and what is above the diagonal stays") {
  Matrix<double> matrix(3, 3);
  matrix << 4, 99, 99,  //
      2, 10, 99,        //
      -2, 5, 21;
  CHECK(factor_cholesky(matrix, 3) == 3);
  Matrix<double> factor(3, 3);
  factor << 2, 99, 99,  //
      1, 3, 99,         //
      -1, 2, 4;
  CHECK(matrix == factor);
  Vector<double> values(3);
  values << 2, 37, 71;  // A (1, 2, 3)
  solve_cholesky(matrix, 3, values);
  CHECK(values.isApprox(Vector<double>{{1.0, 2.0, 3.0}}, 1e-15));
}

TEST_CASE("A matrix with a pivot that is not above 0 is factored up to there") {
  Matrix<double> matrix(3, 3);
  matrix << 1, 1, 1, 1, 1, 1, 1, 1, 2;
  CHECK(factor_cholesky(matrix, 3) == 1);
  matrix << 1, 0, 0, 0, 1e-9, 0, 0, 0, 1;
  CHECK(factor_cholesky(matrix, 3) == 3);
  matrix(0, 0) = std::nan("");
  CHECK(factor_cholesky(matrix, 3) == 0);
}

TEST_CASE("A solution solves the leading block of a larger matrix") {
  const Gradients gradients = normal_gradients(7, 20);
  const Matrix<double> gram = gradients * gradients.transpose();
  Matrix<double> factor = gram;
  CHECK(factor_cholesky(factor, 5) == 5);
  Vector<double> values = Vector<double>::LinSpaced(7, 1, 7);
  const Vector<double> right = values;
  solve_cholesky(factor, 5, values);
  CHECK((gram.topLeftCorner(5, 5) * values.head(5)).isApprox(right.head(5), 1e-12));
  CHECK(values.tail(2) == right.tail(2));
}
