#include "polytask/linear/semidefinite.hpp"

#include "catch.hpp"
#include "linear/problems.hpp"

using namespace polytask;
namespace pl = polytask::linear;

TEST_CASE("Equations are solved to rounding in whatever units they are told") {
  const Matrix<double> root = problems::normal(4, 9, 2);
  const Vector<double> solution = problems::normal(4, 1, 3);
  for (const double unit : {1.0, 1e-6, 1e9}) {
    Vector<double> units = Vector<double>::Ones(4);
    units[1] = unit;
    Matrix<double> matrix = units.asDiagonal() * (root * root.transpose()) * units.asDiagonal();
    const Vector<double> expected = solution.cwiseQuotient(units);
    const Vector<double> found = pl::SemidefiniteEquations(matrix).solve(matrix * expected);
    for (Index place = 0; place < 4; ++place) CHECK(found[place] == Approx(expected[place]).epsilon(1e-11));
  }
}

TEST_CASE("Of many solutions of equations the shortest is found, of none the nearest") {
  Matrix<double> matrix(3, 3);  // x + 2 y = 5, and nothing of z
  matrix << 1, 2, 0,            //
      2, 4, 0,                  //
      0, 0, 0;
  pl::SemidefiniteEquations equations(matrix);
  const Vector<double> found = equations.solve(Vector<double>{{5, 10, 0}});
  CHECK((found - Vector<double>{{1, 2, 0}}).norm() < 1e-12);
  CHECK((equations.solve(Vector<double>{{5, 10, 7}}) - found).norm() < 1e-12);
  CHECK(equations.solve(Vector<double>::Zero(3)).norm() == 0);
}

TEST_CASE("Units make a diagonal 1, and leave 0 as it is") {
  CHECK(pl::units_of(Vector<double>{{4, 0, 1e-8}}) == Vector<double>{{0.5, 1, 1e4}});
}
