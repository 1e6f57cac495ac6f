#include "polytask/regularization/relations.hpp"

#include "catch.hpp"

#include <sstream>

using namespace polytask;

namespace {

TaskRelations some() {
  Matrix<double> covariance(3, 3);
  covariance << 0.64, 0.08, -0.144, 0.08, 0.04, 0, -0.144, 0, 0.32;
  return {{"click", "purchase", "back"}, covariance};
}

}  // namespace

TEST_CASE("correlations are covariances divided by both deviations, and are asked for by name") {
  CHECK(some().correlation("click", "purchase") == Approx(0.5).epsilon(1e-14));
  CHECK(some().correlation("back", "click") == Approx(-0.144 / std::sqrt(0.64 * 0.32)).epsilon(1e-14));
  CHECK(some().correlations().diagonal() == Vector<double>::Ones(3));
  CHECK_THROWS_AS(some().correlation("click", "backs"), ArgumentError);
  CHECK_THROWS_WITH(some().correlation("click", "backs"),
                    containing("there is no task 'backs' among those related; they are: click, purchase, back"));
}

TEST_CASE("relations are printed as a table with the tasks' names") {
  std::ostringstream text;
  text << some();
  CHECK(text.str() ==
        "correlation   click  purchase    back\n"
        "click         1.000     0.500  -0.318\n"
        "purchase      0.500     1.000   0.000\n"
        "back         -0.318     0.000   1.000\n");
}
