#include "polytask/aggregation/pc_grad.hpp"

#include "checks.hpp"
#include "polytask/aggregation/grad_vac.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<PcGrad> && needs_task_gradients<PcGrad>);
static_assert(Aggregation<GradVac> && needs_task_gradients<GradVac>);

namespace {

/// PCGrad on the gradients themselves, with the same orders; a step of GradVac with targets of 0.
Vector<double> by_gradients(const Gradients& gradients, std::uint64_t seed, Index step) {
  Random random = Random(seed).stream(static_cast<std::uint64_t>(step));
  std::vector<Index> order(static_cast<std::size_t>(gradients.rows()));
  std::iota(order.begin(), order.end(), Index(0));
  Vector<double> direction = Vector<double>::Zero(gradients.cols());
  for (Index task = 0; task < gradients.rows(); ++task) {
    random.shuffle(order);
    Vector<double> turned = gradients.row(task);
    for (const Index other : order) {
      const Vector<double> original = gradients.row(other);
      if (other != task && turned.dot(original) < 0) turned -= turned.dot(original) / original.squaredNorm() * original;
    }
    direction += turned;
  }
  return direction;
}

}  // namespace

TEST_CASE("PCGrad and the first step of GradVac give the reference values") {
  const std::array<double, 2> coefficients{2.22222222, 1.57894737};
  const std::array<double, 3> direction{0.58479532, 3.80116959, 3.80116959};
  expect_gold(PcGrad{}, coefficients, direction, 1e-8);
  expect_gold(GradVac{}, coefficients, direction, 1e-8);
}

TEMPLATE_TEST_CASE("PCGrad and GradVac have the properties that they claim", "", PcGrad, GradVac) {
  check_finite(TestType{});
  check_not_stationary(TestType{});
  check_one_task(TestType{});
  check_resumes(TestType{});
  CHECK(combine(TestType{}, normal_gradients(1, 4)).coefficients[0] == 1);
}

TEST_CASE("PCGrad scales with the gradients") { check_scales_with(PcGrad{}, 1); }

TEST_CASE("PCGrad is that on the gradients themselves, in the order of seed and step") {
  const Gradients gradients = normal_gradients(5, 4, 8);
  for (std::uint64_t seed = 0; seed < 4; ++seed)
    for (Index step = 1; step <= 4; ++step) {
      const Vector<double> expected = by_gradients(gradients, seed, step);
      CHECK(combine(PcGrad{seed}, gradients, {.step = step}).direction.isApprox(expected, 1e-12));
      CHECK(combine(GradVac{.seed = seed}, gradients, {.step = step}).direction.isApprox(expected, 1e-12));
    }
  // so the order counts
  const Vector<double> first = combine(PcGrad{0}, gradients, {.step = 1}).direction;
  CHECK_FALSE(combine(PcGrad{1}, gradients, {.step = 1}).direction.isApprox(first, 1e-6));
  CHECK_FALSE(combine(PcGrad{0}, gradients, {.step = 2}).direction.isApprox(first, 1e-6));
}

TEST_CASE("PCGrad leaves gradients alone that do not conflict, and gradients of 0") {
  Gradients gradients(3, 2);
  gradients << 1, 0, 1, 1, 0, 0;
  CHECK(combine(PcGrad{}, gradients).coefficients == Vector<double>{{1.0, 1.0, 1.0}});
  gradients << 1, 0, -1, 0, 0, 0;
  CHECK(combine(PcGrad{}, gradients).direction == Vector<double>{{0.0, 0.0}});
}

TEST_CASE("GradVac's second step is that by hand") {
  // g1 = (1, 0), g2 = (0, 2): cosines 0, targets stay 0. Then g1 = (1, 0), g2 = (1, 1) / sqrt 2: cosines sqrt 1/2 above
  // the targets, which become beta sqrt 1/2. Then g1 = (1, 0), g2 = (0, 2) again, below the targets.
  Gradients apart(2, 2);
  apart << 1, 0, 0, 2;
  Gradients near(2, 2);
  near << 1, 0, std::sqrt(0.5), std::sqrt(0.5);
  auto state = begin_rule(GradVac{0.25}, 2, 2);
  CHECK(step_state(state, apart).direction == Vector<double>{{1.0, 2.0}});
  CHECK(state.target(0, 1) == 0);
  CHECK(step_state(state, near).coefficients == Vector<double>{{1.0, 1.0}});
  const double target = 0.25 * std::sqrt(0.5);
  CHECK(state.target(0, 1) == Approx(target).epsilon(1e-14));
  // v1 = (1, 0) + (q / sqrt(1 - q^2)) (0, 1), and so for v2
  const double turn = target / std::sqrt(1 - target * target);
  const Combined combined = step_state(state, apart);
  CHECK(combined.direction[0] == Approx(1 + 2 * turn).epsilon(1e-14));
  CHECK(combined.direction[1] == Approx(2 + turn).epsilon(1e-14));
  CHECK(state.target(1, 0) == Approx(0.75 * target).epsilon(1e-14));
  // a conflict with a target above 0: cos(v, h) becomes the target
  Gradients opposed(2, 2);
  opposed << 1, 0, -1, 1;
  const double aim = 0.75 * target;
  const double part = aim * std::sqrt(0.5) / std::sqrt(1 - aim * aim) + std::sqrt(0.5);
  // v1 = g1 + part g2 / |g2|, v2 = g2 + |g2| part g1
  CHECK(step_state(state, opposed).coefficients[0] == Approx(1 + std::sqrt(2.0) * part).epsilon(1e-14));
}

TEST_CASE("GradVac keeps the targets of tasks that have no label") {
  auto state = begin_rule(GradVac{}, 3, 2);
  Gradients gradients(2, 2);
  gradients << 1, 0, std::sqrt(0.5), std::sqrt(0.5);
  step_state(state, gradients, {.tasks = {0, 2}});
  CHECK(state.target(0, 2) == Approx(0.5 * std::sqrt(0.5)).epsilon(1e-14));
  CHECK(state.target(0, 1) == 0);
  CHECK(state.target(1, 2) == 0);
  gradients.row(1).setZero();
  step_state(state, gradients, {.tasks = {0, 2}});
  CHECK(state.target(0, 2) == Approx(0.5 * std::sqrt(0.5)).epsilon(1e-14));
}

TEST_CASE("GradVac stays finite when tasks that were parallel part") {
  auto state = begin_rule(GradVac{1}, 64, 64);
  step_state(state, Gradients::Ones(64, 64));
  CHECK(state.target(3, 4) == Approx(1).epsilon(1e-12));
  const Combined combined = step_state(state, 1e15 * Gradients::Identity(64, 64));
  // every gradient is turned until it agrees with the others, at 100 times its length at most
  CHECK(combined.direction.norm() <= 1e15 * 100 * 64);
  const Gradients turned = combined.direction.transpose().normalized();
  CHECK((turned.array() > 0).all());
}

TEST_CASE("GradVac refuses a beta out of range; PCGrad and GradVac refuse another's state") {
  CHECK_THROWS_WITH(begin_rule(GradVac{1.5}, 2, 3), containing("GradVac: beta is 1.5; it must be from 0 to 1"));
  CHECK_THROWS_WITH(begin_rule(GradVac{std::nan("")}, 2, 3), containing("GradVac: beta is nan"));
  check_setting_must_agree(GradVac{}, GradVac{0.4}, "beta");
  check_setting_must_agree(GradVac{}, GradVac{.seed = 2}, "seed");
  check_setting_must_agree(PcGrad{}, PcGrad{2}, "seed");
  auto three = begin_rule(GradVac{}, 3, 3);
  auto four = begin_rule(GradVac{}, 4, 3);
  CHECK_THROWS_WITH(restore(four, remember(three)), containing("'targets' has 9 numbers, not 16"));
}
