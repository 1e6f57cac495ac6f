#include "polytask/aggregation/sum.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<Sum> && Aggregation<Mean>);
static_assert(!needs_task_gradients<Sum> && needs_task_gradients<Mean>);

TEST_CASE("Sum and mean give the reference values") {
  expect_gold(Sum{}, {1, 1}, {2, 2, 2}, 1e-15);
  expect_gold(Mean{}, {0.5, 0.5}, {1, 1, 1}, 1e-15);
}

TEMPLATE_TEST_CASE("Sum and mean have the properties that they claim", "", Sum, Mean) {
  check_finite(TestType{});
  check_permutation_invariant(TestType{});
  check_linear_under_scaling(TestType{});
  check_not_stationary(TestType{});
  check_scales_with(TestType{}, 1);
  check_one_task(TestType{});
  check_resumes(TestType{});
}

TEST_CASE("Without a task the mean is that of the others") {
  auto state = begin_rule(Mean{}, 3, 3);
  CHECK(step_state(state, gold_gradients(), {.tasks = {0, 2}}).coefficients[1] == 0.5);
  CHECK(combine(Mean{}, normal_gradients(1, 4)).coefficients[0] == 1);
}
