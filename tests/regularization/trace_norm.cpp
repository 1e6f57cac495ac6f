#include "polytask/regularization/trace_norm.hpp"

#include "regularization/checks.hpp"
#include "regularization/matrix_checks.hpp"

#include <vector>

using namespace polytask;
using matrices::three_tasks;

static_assert(MatrixRegularization<TraceNorm> && !ElementwiseRegularization<TraceNorm, float>);

TEST_CASE("the trace norm is the strength times the sum of singular values") {
  Matrix<double> weights(2, 3);
  weights << 3, 0, 0, 0, 0, -4;
  CHECK(TraceNorm{.strength = 0.1}.begin(three_tasks).value(weights) == Approx(0.7).epsilon(1e-12));
  weights << 1, 1, 1, 1, 1, 1;  // one singular value, the root of 6
  CHECK(TraceNorm{.strength = 2}.begin(three_tasks).value(weights) == Approx(2 * std::sqrt(6.0)).epsilon(1e-12));
}

TEST_CASE("the step of the trace norm takes from every singular value, and leaves none below 0") {
  Matrix<double> weights(3, 3);
  weights << 0, 2, 0,  // singular values 2, 1, 0.5
      -1, 0, 0,        //
      0, 0, 0.5;
  Matrix<double> shrunk(3, 3);
  TraceNorm{.strength = 3}.begin(three_tasks).shrink(weights, 0.25, shrunk);
  Matrix<double> expected(3, 3);
  expected << 0, 1.25, 0, -0.25, 0, 0, 0, 0, 0;
  CHECK((shrunk - expected).cwiseAbs().maxCoeff() < 1e-15);
}

TEST_CASE("a task of small weights is not taken for rounding beside one of large weights") {
  Matrix<double> weights(3, 3);
  weights << 800, 0, 0, 600, 0, 0, 0, 5e-4, 0;
  const auto norm = TraceNorm{}.begin(three_tasks);
  CHECK(norm.value(weights) == Approx(1e-3 * (1000 + 5e-4)).epsilon(1e-12));
  Matrix<double> shrunk(3, 3);
  norm.shrink(weights, 1e-3, shrunk);  // by a threshold of 1e-6
  CHECK(shrunk(2, 1) == Approx(4.99e-4).epsilon(1e-12));
  CHECK(shrunk(0, 0) == Approx(800 * (1 - 1e-9)).epsilon(1e-14));
  CHECK(shrunk(2, 0) == 0);
  CHECK(shrunk.col(2) == Vector<double>::Zero(3));
}

TEST_CASE("the step of the trace norm minimises its penalty and the distance") {
  matrices::check_matrix_shrinkage(TraceNorm{.strength = 0.5}.begin(three_tasks), matrices::random_matrix(5, 3));
  matrices::check_matrix_shrinkage(TraceNorm{.strength = 0.5}.begin(three_tasks), matrices::random_matrix(2, 3));
}

TEST_CASE("a strong trace norm leaves a low rank, a stronger one nothing") {
  Matrix<double> weights = matrices::random_matrix(6, 3);
  weights.col(2) = weights.col(0) - weights.col(1) + 1e-3 * weights.col(2);
  const auto state = TraceNorm{.strength = 1}.begin(three_tasks);
  Matrix<double> shrunk(6, 3);
  state.shrink(weights, 0.01, shrunk);
  const ColumnSpectrum<double> spectrum(whole(shrunk));
  CHECK(spectrum.singular_values.minCoeff() == 0);
  CHECK((spectrum.singular_values.array() > 0.1).count() == 2);
  state.shrink(weights, 100, shrunk);
  CHECK(shrunk.isZero(0));
}

TEST_CASE("the trace norm says how many tasks it relates, and shows its settings") {
  const std::vector<std::string_view> many(65, "task");
  CHECK_THROWS_WITH(TraceNorm{}.begin(many), containing("trace_norm relates up to 64 tasks, not 65"));
  CHECK(settings(TraceNorm{.strength = 0.5}) == "strength=0.500000 segments=*/weights ");
}
