#include "polytask/regularization/mean_tying.hpp"

#include "regularization/checks.hpp"
#include "regularization/matrix_checks.hpp"

using namespace polytask;
using matrices::three_tasks;

static_assert(MatrixRegularization<MeanTying> && !ElementwiseRegularization<MeanTying, float>);
static_assert(Regularization<MeanTying, float> && Regularization<MeanTying, double>);

TEST_CASE("mean tying is half the strength times the squared distances to the mean") {
  Matrix<double> weights(2, 3);
  weights << 1, 2, 6,  // mean 3: 4 + 1 + 9
      5, 5, 5;
  const auto state = MeanTying{.strength = 0.1}.begin(three_tasks);
  CHECK(state.value(weights) == Approx(0.7).epsilon(1e-14));
  Matrix<double> gradient(2, 3);
  state.gradient(weights, gradient);
  CHECK(gradient(0, 0) == Approx(-0.2).epsilon(1e-14));
  CHECK(gradient(0, 2) == Approx(0.3).epsilon(1e-14));
  CHECK(gradient.row(1).isZero(0));
}

TEST_CASE("the gradient of mean tying is that of its value") {
  matrices::check_matrix_gradient(MeanTying{.strength = 0.7}.begin(three_tasks), matrices::random_matrix(6, 3));
}

TEST_CASE("tasks that are alike are not moved by mean tying, whatever their numbers") {
  Matrix<double> weights(1, 3);
  weights.setConstant(0.1 + 1e-17);
  Matrix<double> gradient(1, 3);
  MeanTying{.strength = 1e300}.begin(three_tasks).gradient(weights, gradient);
  CHECK(gradient.isZero(0));
}

TEST_CASE("mean tying shows its settings") {
  CHECK(settings(MeanTying{.strength = 0.5}) == "strength=0.500000 segments=*/weights ");
}
