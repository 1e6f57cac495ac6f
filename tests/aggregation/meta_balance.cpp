#include "polytask/aggregation/meta_balance.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<MetaBalance>);

namespace {

/// Gradients of these lengths, all along the first axis.
Gradients of_lengths(std::vector<double> lengths) {
  Gradients gradients = Gradients::Zero(static_cast<Index>(lengths.size()), 2);
  for (std::size_t task = 0; task < lengths.size(); ++task) gradients(static_cast<Index>(task), 0) = lengths[task];
  return gradients;
}

}  // namespace

TEST_CASE("two steps of MetaBalance by hand") {
  auto state = begin_rule(MetaBalance{.main = "task1", .beta = 0.75, .relax = 0.5}, 3, 2);
  Combined combined = step_state(state, of_lengths({8, 2, 1}));
  CHECK(combined.coefficients[0] == Approx(0.5 * 2.0 / 8 + 0.5).epsilon(1e-15));
  CHECK(combined.coefficients[1] == 1);
  CHECK(combined.coefficients[2] == Approx(0.5 * 2 + 0.5).epsilon(1e-15));
  // means 6 + 1 = 7, 1.5 + 1.5 = 3, 0.75 + 0 = 0.75
  combined = step_state(state, of_lengths({4, 6, 0}));
  CHECK(combined.coefficients[0] == Approx(0.5 * 3.0 / 7 + 0.5).epsilon(1e-15));
  CHECK(combined.coefficients[1] == 1);
  CHECK(combined.coefficients[2] == Approx(0.5 * 4 + 0.5).epsilon(1e-15));
}

TEST_CASE("with relax 1 all gradients are as long as the main one, and with relax 0 nothing is changed") {
  const Gradients gradients = normal_gradients(4, 9);
  const Vector<double> all = combine(MetaBalance{.relax = 1}, gradients).coefficients;
  for (Index task = 0; task < 4; ++task)
    CHECK(all[task] * gradients.row(task).norm() == Approx(gradients.row(0).norm()).epsilon(1e-14));
  CHECK(combine(MetaBalance{.relax = 0}, gradients).coefficients == Vector<double>::Ones(4));
}

TEST_CASE("MetaBalance has the properties that it claims") {
  check_finite(MetaBalance{});
  check_finite(MetaBalance{.main = "task0", .relax = 1});
  check_scales_with(MetaBalance{}, 1);
  check_one_task(MetaBalance{});
  check_resumes(MetaBalance{.main = "task1"});  // which is sometimes missing
  check_setting_must_agree(MetaBalance{}, MetaBalance{.main = "task2"}, "main");
  check_setting_must_agree(MetaBalance{}, MetaBalance{.beta = 0.5}, "beta");
  check_setting_must_agree(MetaBalance{}, MetaBalance{.relax = 0.5}, "relax");
}

TEST_CASE("MetaBalance begins anew in a new run") {
  auto state = begin_rule(MetaBalance{}, 2, 3);
  step_state(state, normal_gradients(2, 3, 7));
  state = begin_rule(MetaBalance{}, 2, 3);
  CHECK(step_state(state, gold_gradients()).coefficients == combine(MetaBalance{}, gold_gradients()).coefficients);
}

TEST_CASE("a task without a label keeps its mean length, the main task too") {
  auto state = begin_rule(MetaBalance{.beta = 0.5, .relax = 1}, 3, 2);
  // the main task has not been seen: gradients as they are
  CHECK(step_state(state, of_lengths({5, 7}), {.tasks = {1, 2}}).coefficients == Vector<double>::Ones(2));
  CHECK(step_state(state, of_lengths({10, 5}), {.tasks = {0, 1}}).coefficients[1] == 2);
  // task 0 is missing and counts with 10; task 2 has (7 + 1) / 2
  CHECK(step_state(state, of_lengths({1}), {.tasks = {2}}).coefficients[0] == 2.5);
}

TEST_CASE("MetaBalance refuses settings that make no sense") {
  CHECK_THROWS_WITH(begin_rule(MetaBalance{.main = "spend"}, 2, 3),
                    containing("the main task is 'spend', which is no task; the tasks are: task0, task1"));
  CHECK_THROWS_WITH(begin_rule(MetaBalance{.beta = 1}, 2, 3), containing("beta is 1"));
  CHECK_THROWS_WITH(begin_rule(MetaBalance{.relax = 1.5}, 2, 3), containing("relax is 1.5"));
}
