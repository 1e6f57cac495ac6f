#include "polytask/aggregation/grad_drop.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<GradDrop>);

TEST_CASE("GradDrop gives the reference values for the draw that keeps what is positive") {
  // P of the first parameter is 6 / 10
  std::uint64_t seed = 0;
  while (Random(seed).uniform() >= 0.6) ++seed;
  expect_gold(GradDrop{.seed = seed}, {1, 1}, {6, 2, 2}, 1e-15);
  while (Random(seed).uniform() < 0.6) ++seed;
  expect_gold(GradDrop{.seed = seed}, {1, 1}, {-4, 2, 2}, 1e-15);
}

TEST_CASE("a task that leaks keeps that share of its gradient") {
  std::uint64_t seed = 0;
  while (Random(seed).uniform() >= 0.6) ++seed;
  const GradDrop rule{.seed = seed, .leak = {{"task0", 0.25}}};
  CHECK(combine(rule, gold_gradients()).direction == Vector<double>(Eigen::Vector3d(5, 2, 2)));
  const GradDrop all{.leak = {{"task0", 1}, {"task1", 1}}};
  CHECK(combine(all, gold_gradients()).direction == Vector<double>(Eigen::Vector3d(2, 2, 2)));
}

TEST_CASE("each parameter is drawn by itself, with the share of its sign, in every step anew") {
  constexpr Index parameters = 20000;
  const Gradients gradients = gold_gradients().col(0).replicate(1, parameters);
  auto state = begin_rule(GradDrop{.seed = 4}, 2, parameters);
  const Vector<double> first = step_state(state, gradients).direction;
  const Vector<double> second = step_state(state, gradients).direction;
  for (const auto& direction : {first, second}) {
    CHECK(((direction.array() == 6) || (direction.array() == -4)).all());
    const double share = (direction.array() == 6).cast<double>().mean();
    CHECK(std::abs(share - 0.6) < 0.015);          // 4 deviations
    CHECK(std::abs(direction.mean() - 2) < 0.15);  // the sum
  }
  CHECK(std::abs(((first.array() == 6) && (second.array() == 6)).cast<double>().mean() - 0.36) < 0.015);
}

TEST_CASE("GradDrop has the properties that it claims") {
  const GradDrop rule{.seed = 3, .leak = {{"task0", 0.5}}};
  check_finite(rule);
  check_scales_with(rule, 1);
  check_one_task(rule);
  check_resumes(rule);
  check_setting_must_agree(rule, GradDrop{.seed = 4, .leak = rule.leak}, "seed");
  check_setting_must_agree(rule, GradDrop{.seed = 3}, "leak");
  const Gradients gradients = normal_gradients(3, 600);
  CHECK(combine(rule, gradients).direction == combine(rule, gradients).direction);
  CHECK(combine(rule, gradients).direction != combine(GradDrop{.seed = 4, .leak = rule.leak}, gradients).direction);
}

TEST_CASE("where all tasks agree GradDrop is the sum, of floats too") {
  const Matrix<float> gradients = normal_gradients(3, 700).cwiseAbs().transpose().cast<float>();
  const auto names = task_names(3);
  const std::vector<std::string_view> views(names.begin(), names.end());
  auto state = GradDrop{}.begin<float>({views, 700});
  const std::vector<Index> tasks{0, 1, 2};
  Vector<double> coefficients(3);
  Vector<float> direction(700);
  Eigen::internal::set_is_malloc_allowed(false);
  state.combine({tasks, {}, {nullptr, 0, 0}, 1}, {gradients.data(), 700, 3}, {coefficients.data(), 3},
                {direction.data(), 700});
  Eigen::internal::set_is_malloc_allowed(true);
  CHECK((direction - gradients.rowwise().sum()).norm() < 1e-5);
}

TEST_CASE("GradDrop refuses a leak that makes no sense") {
  CHECK_THROWS_WITH(begin_rule(GradDrop{.leak = {{"spend", 0.1}}}, 2, 3),
                    containing("a leak is given for 'spend', which is no task; the tasks are: task0, task1"));
  CHECK_THROWS_WITH(begin_rule(GradDrop{.leak = {{"task1", 1.5}}}, 2, 3), containing("the leak of 'task1' is 1.5"));
}
