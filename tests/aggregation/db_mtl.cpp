#include "polytask/aggregation/db_mtl.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<DbMtl>);

TEST_CASE("two steps of DB-MTL by hand") {
  auto state = begin_rule(DbMtl{.beta = 0.8, .beta_decay = 1}, 2, 2);
  // of log L: (3, 4) / 2, length 2.5, and (0, 1) / 0.5, length 2
  Combined combined = step_state(state, rows(3, 4, 0, 1), {.losses = {2, 0.5}});
  CHECK(combined.coefficients[0] == Approx(0.5).epsilon(1e-15));
  CHECK(combined.coefficients[1] == Approx(2.5 / 2 / 0.5).epsilon(1e-15));
  CHECK(combined.direction[0] == Approx(1.5).epsilon(1e-15));
  CHECK(combined.direction[1] == Approx(2 + 2.5).epsilon(1e-15));
  // 0.4 kept: 0.4 (1.5, 2) + 0.6 (4, 2) = (3, 2), 0.4 (0, 2) + 0.6 (2, -1) = (1.2, 0.2)
  combined = step_state(state, rows(4, 2, 4, -2), {.losses = {1, 2}, .step = 2});
  const double factor = std::sqrt(13 / (1.44 + 0.04));
  CHECK(combined.coefficients[0] == Approx(1).epsilon(1e-14));
  CHECK(combined.coefficients[1] == Approx(factor / 2).epsilon(1e-14));
  CHECK(combined.direction[0] == Approx(3 + factor * 1.2).epsilon(1e-14));
  CHECK(combined.direction[1] == Approx(2 + factor * 0.2).epsilon(1e-14));
}

TEST_CASE("all tasks pull as long as the longest, and the direction grows with their number") {
  for (const Index tasks : {1, 2, 8}) {
    Gradients gradients = Gradients::Zero(tasks, 8);
    for (Index task = 0; task < tasks; ++task) gradients(task, task) = static_cast<double>(task + 1);
    const Vector<double> direction = combine(DbMtl{}, gradients).direction;
    CHECK(direction.head(tasks) == Vector<double>::Constant(tasks, static_cast<double>(tasks)));
  }
}

TEST_CASE("the unit of a loss does not matter, but for which gradient is the longest") {
  const Gradients gradients = gold_gradients();
  const Vector<double> once = combine(DbMtl{}, gradients, {.losses = {2, 3}}).direction;
  Gradients scaled = gradients;
  scaled.row(0) *= 1000;
  CHECK((combine(DbMtl{}, scaled, {.losses = {2000, 3}}).direction - once).norm() < 1e-13);
  // a weight alone moves the common length
  const Vector<double> weighted = combine(DbMtl{}, scaled, {.losses = {2, 3}}).direction;
  CHECK((weighted.normalized() - once.normalized()).norm() < 1e-13);
}

TEST_CASE("DB-MTL has the properties that it claims") {
  check_finite(DbMtl{});
  check_permutation_invariant(DbMtl{});
  check_scales_with(DbMtl{}, 1);
  check_one_task(DbMtl{});
  check_resumes(DbMtl{});
  check_setting_must_agree(DbMtl{}, DbMtl{.beta = 0.4}, "beta");
  check_setting_must_agree(DbMtl{}, DbMtl{.beta_decay = 0.4}, "beta_decay");
  check_setting_must_agree(DbMtl{}, DbMtl{.epsilon = 1e-9}, "epsilon");
}

TEST_CASE("losses of 0 and below leave the direction finite and downhill") {
  const Combined combined = combine(DbMtl{}, rows(1, 0, 0, 1), {.losses = {0, -2}});
  CHECK(combined.direction.allFinite());
  CHECK(combined.coefficients.allFinite());
  CHECK(combined.coefficients.minCoeff() > 0);
  CHECK(combined.direction.minCoeff() > 0);
}

TEST_CASE("the longest and the shortest gradients in floats stay finite") {
  const auto names = task_names(2);
  const std::vector<std::string_view> views(names.begin(), names.end());
  auto state = DbMtl{}.begin<float>({views, 2});
  Matrix<float> gradients(2, 2);
  gradients << 1e15f, 0, 0, 1e-15f;
  const std::vector<Index> tasks{0, 1};
  const std::vector<double> losses{0, 1e15};
  Vector<double> coefficients(2);
  Vector<float> direction(2);
  for (Index step = 1; step < 4; ++step) {
    state.combine({tasks, losses, {nullptr, 0, 0}, step}, {gradients.data(), 2, 2}, {coefficients.data(), 2},
                  {direction.data(), 2});
    CHECK(direction.allFinite());
    CHECK(coefficients.allFinite());
  }
}

TEST_CASE("a task that is missing keeps its average, and takes no part") {
  auto state = begin_rule(DbMtl{}, 3, 4);
  step_state(state, normal_gradients(3, 4));
  const Remembered before = remember(state);
  const Combined combined = step_state(state, normal_gradients(1, 4, 9), {.step = 2, .tasks = {2}});
  const Remembered after = remember(state);
  const auto& averages_before = std::get<Buffer<double>>(before.at("averages"));
  const auto& averages = std::get<Buffer<double>>(after.at("averages"));
  for (std::size_t parameter = 0; parameter < 12; ++parameter)
    CHECK((averages[parameter] == averages_before[parameter]) == (parameter / 4 != 2));
  for (Index parameter = 0; parameter < 4; ++parameter)
    CHECK(combined.direction[parameter] == averages[static_cast<std::size_t>(8 + parameter)]);
}

TEST_CASE("what DB-MTL keeps falls with the steps in which the task had a label") {
  auto state = begin_rule(DbMtl{.beta = 0.8, .beta_decay = 1}, 2, 2);
  Gradients alone(1, 2);
  alone << 1, 0;
  for (Index step = 1; step <= 5; ++step) step_state(state, alone, {.step = step, .tasks = {0}});
  step_state(state, rows(1, 0, 0, 5), {.step = 6});
  step_state(state, rows(1, 0, 5, 0), {.step = 7});
  const Remembered after = remember(state);
  const auto& averages = std::get<Buffer<double>>(after.at("averages"));
  // its second label: 0.4 of (0, 5) and 0.6 of (5, 0)
  CHECK(averages[2] == Approx(3).epsilon(1e-14));
  CHECK(averages[3] == Approx(2).epsilon(1e-14));
}

TEST_CASE("where tasks share nothing but tables DB-MTL balances logarithms of losses") {
  const Combined combined = combine(DbMtl{}, Gradients(2, 0), {.losses = {2, 0.5}});
  CHECK(combined.coefficients == Vector<double>{{0.5, 2.0}});
}

TEST_CASE("DB-MTL refuses settings that make no sense") {
  CHECK_THROWS_WITH(begin_rule(DbMtl{.beta = 1}, 2, 3), containing("beta is 1"));
  CHECK_THROWS_WITH(begin_rule(DbMtl{.beta_decay = -1}, 2, 3), containing("beta_decay is -1"));
  CHECK_THROWS_WITH(begin_rule(DbMtl{.epsilon = 0}, 2, 3), containing("epsilon is 0"));
}
