#include "polytask/regularization/group_lasso.hpp"

#include "regularization/checks.hpp"
#include "regularization/matrix_checks.hpp"

#include <limits>

using namespace polytask;
using matrices::three_tasks;

static_assert(MatrixRegularization<GroupLasso> && !ElementwiseRegularization<GroupLasso, float>);

TEST_CASE("the group lasso is the strength times the sum of the inputs' norms") {
  Matrix<double> weights(2, 3);
  weights << 3, 0, 5, 4, 0, 12;
  CHECK(GroupLasso{.strength = 0.1}.begin(three_tasks).value(weights) == Approx(1.8).epsilon(1e-14));
}

TEST_CASE("the group lasso takes an input out of all that reads it, or draws it together as a whole") {
  Matrix<double> weights(2, 3);
  weights << 3, 0.3, 0, 4, -0.4, 0;
  Matrix<double> shrunk(2, 3);
  GroupLasso{.strength = 2}.begin(three_tasks).shrink(weights, 0.25, shrunk);  // threshold 0.5
  CHECK(shrunk(0, 0) == Approx(2.7).epsilon(1e-15));
  CHECK(shrunk(1, 0) == Approx(3.6).epsilon(1e-15));
  CHECK(shrunk.col(1).isZero(0));  // its norm is 0.5
  CHECK(shrunk.col(2).isZero(0));
}

TEST_CASE("the step of the group lasso minimises its penalty and the distance") {
  Matrix<double> weights = matrices::random_matrix(4, 5);
  weights.col(3) *= 0.01;
  matrices::check_matrix_shrinkage(GroupLasso{.strength = 0.5}.begin(three_tasks), weights);
}

TEST_CASE("the group lasso does not hide what is not a number, and shows its settings") {
  Matrix<double> weights = matrices::random_matrix(3, 2);
  weights(1, 0) = std::numeric_limits<double>::quiet_NaN();
  Matrix<double> shrunk(3, 2);
  GroupLasso{}.begin(three_tasks).shrink(weights, 1, shrunk);
  CHECK(shrunk.col(0).array().isNaN().all());
  CHECK(shrunk.col(1).allFinite());
  CHECK(settings(GroupLasso{.strength = 0.5, .segments = "a"}) == "strength=0.500000 segments=a ");
}
