#include "polytask/linear/dirty.hpp"

#include "catch.hpp"
#include "linear/problems.hpp"
#include "polytask/linear/lasso.hpp"
#include "polytask/linear/shrinkage.hpp"

using namespace polytask;
namespace pl = polytask::linear;

TEST_CASE("Rows are cut at the level at which the cut-off sums to the amount") {
  Matrix<double> block(3, 3);
  block << 5, -4, 1, 0.2, 0.1, -0.1, 3, 3, -3;
  // 5 and 4 to 3.5: cut off 1.5 + 0.5 = 2; the second row sums to 0.4 < 2; the third loses 2/3 each
  const double sum = pl::cut_rows(block, 2);
  Matrix<double> expected(3, 3);
  expected << 3.5, -3.5, 1, 0, 0, 0, 7.0 / 3, 7.0 / 3, -7.0 / 3;
  CHECK((block - expected).norm() < 1e-14);
  CHECK(sum == Approx(3.5 + 7.0 / 3).epsilon(1e-14));
  CHECK(pl::cut_rows(block, 0) == Approx(sum).epsilon(1e-14));
  CHECK((block - expected).norm() < 1e-14);
}

TEST_CASE("Proximal maps of rows, columns and entries move a point less than any other of less penalty") {
  Matrix<double> block(2, 2);
  block << 3, 4, 0.3, -0.4;
  Matrix<double> rows = block;
  CHECK(pl::shrink_rows(rows, 1) == Approx(4));
  CHECK(rows(0, 1) == Approx(3.2));
  CHECK(rows.row(1).norm() == 0);
  Matrix<double> columns = block.transpose();
  CHECK(pl::shrink_columns(columns, 1) == Approx(4));
  CHECK((columns.transpose() - rows).norm() < 1e-15);
  CHECK(pl::shrink_entries(block, 0.35) == Approx(2.65 + 3.65 + 0.05));
  CHECK(block(1, 1) == Approx(-0.05));
  CHECK(block(1, 0) == 0);
}

TEST_CASE("The dirty model is the lasso where a number of its own costs no more than a share of the row") {
  const pl::Prepared prepared(problems::apart(6, 3, 30, 71));
  const auto own = solve(prepared, pl::Dirty{.strength = 0.6, .own = 0.33}, {.tolerance = 1e-11});
  CHECK(own.converged);
  CHECK(own.common.norm() < 1e-7);
  CHECK((own.coefficients - solve(prepared, pl::Lasso{0.6 * 0.33}, {.tolerance = 1e-14}).coefficients).norm() < 1e-6);
  const auto common = solve(prepared, pl::Dirty{.strength = 0.3, .own = 1.01}, {.tolerance = 1e-11});
  CHECK(common.own.norm() < 1e-7);
  CHECK(common.common.norm() > 0.1);
  const auto both = solve(prepared, pl::Dirty{.strength = 0.3, .own = 0.6}, {.tolerance = 1e-9});
  CHECK(problems::falls(both));
  CHECK(both.common.norm() > 0.1);
  CHECK(both.own.norm() > 0.01);
  CHECK((both.common + both.own - both.coefficients).norm() < 1e-14);
  const double largest = pl::Dirty{.strength = 1, .own = 0.6}.largest_strength(prepared);
  CHECK(solve(prepared, pl::Dirty{.strength = largest * 1.0001, .own = 0.6}).coefficients.norm() == 0);
  CHECK(solve(prepared, pl::Dirty{.strength = largest * 0.99, .own = 0.6}).coefficients.norm() > 0);
}
