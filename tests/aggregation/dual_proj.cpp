#include "polytask/aggregation/dual_proj.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<DualProj>);

TEST_CASE("DualProj gives the reference values") {
  expect_gold(DualProj{}, {0.61111111, 0.5}, {0.55555556, 1.11111111, 1.11111111}, 1e-8);
}

TEST_CASE("DualProj has the properties that it claims") {
  check_finite(DualProj{});
  check_non_conflicting(DualProj{});
  check_permutation_invariant(DualProj{});
  check_not_stationary(DualProj{});
  check_scales_with(DualProj{}, 1);
  check_one_task(DualProj{});
  check_resumes(DualProj{});
}

TEST_CASE("DualProj is not linear in the length of a gradient") {
  Gradients gradients = gold_gradients();
  const Vector<double> once = combine(DualProj{}, gradients).direction;
  gradients.row(0) *= 3;
  const Vector<double> thrice = combine(DualProj{}, gradients).direction;
  gradients.row(0) *= 2.0 / 3;
  CHECK((combine(DualProj{}, gradients).direction - (once + thrice) / 2).norm() > 0.1);
}

TEST_CASE("without conflict DualProj is the mean") {
  const Gradients gradients = normal_gradients(5, 8).cwiseAbs();
  CHECK(combine(DualProj{}, gradients).coefficients == Vector<double>::Constant(5, 0.2));
}
