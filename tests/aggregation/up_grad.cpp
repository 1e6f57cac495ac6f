#include "polytask/aggregation/up_grad.hpp"

#include "checks.hpp"
#include "polytask/aggregation/pc_grad.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<UpGrad>);

TEST_CASE("UPGrad gives the reference values") {
  expect_gold(UpGrad{}, {1.11111111, 0.78947368}, {0.29239766, 1.90058480, 1.90058480}, 1e-8);
}

TEST_CASE("UPGrad has the properties that it claims") {
  check_finite(UpGrad{});
  check_non_conflicting(UpGrad{});
  check_permutation_invariant(UpGrad{});
  check_linear_under_scaling(UpGrad{});
  check_not_stationary(UpGrad{});
  check_scales_with(UpGrad{}, 1);
  check_one_task(UpGrad{});
  check_resumes(UpGrad{});
}

TEST_CASE("for two tasks UPGrad is half of PCGrad") {
  for (std::uint64_t seed = 1; seed < 30; ++seed) {
    CAPTURE(seed);
    const Gradients gradients = normal_gradients(2, 3, seed);
    const double product = gradients.row(0).dot(gradients.row(1));
    const double opposed = (std::min)(product, 0.0);
    // PCGrad: g0 - g0.g1 / |g1|^2 g1 + g1 - g0.g1 / |g0|^2 g0 where g0.g1 < 0
    const Vector<double> coefficients = combine(UpGrad{}, gradients).coefficients;
    CHECK((combine(PcGrad{}, gradients).coefficients - 2 * coefficients).norm() < 1e-13 * coefficients.norm());
    CHECK(2 * coefficients[0] == Approx(1 - opposed / gradients.row(0).squaredNorm()).epsilon(1e-13));
    CHECK(2 * coefficients[1] == Approx(1 - opposed / gradients.row(1).squaredNorm()).epsilon(1e-13));
  }
}

TEST_CASE("without conflict UPGrad is the mean") {
  const Gradients gradients = normal_gradients(5, 8).cwiseAbs();
  CHECK(combine(UpGrad{}, gradients).coefficients == Vector<double>::Constant(5, 0.2));
}

TEST_CASE("UPGrad does not depend on what a task without a label did before") {
  auto state = begin_rule(UpGrad{}, 3, 3);
  step_state(state, normal_gradients(3, 3));
  const Combined combined = step_state(state, gold_gradients(), {.tasks = {0, 2}});
  CHECK(combined.coefficients == combine(UpGrad{}, gold_gradients()).coefficients);
}
