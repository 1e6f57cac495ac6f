#include "polytask/aggregation/nash_mtl.hpp"

#include "checks.hpp"
#include "polytask/aggregation/fair_grad.hpp"
#include "polytask/aggregation/imtl_g.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<NashMtl> && needs_task_gradients<NashMtl>);

TEST_CASE("Nash-MTL gives the reference values") {
  // FairGrad's direction with alpha = 1, of length sqrt 2, brought to length 1
  expect_gold(NashMtl{}, {0.59146115 / std::sqrt(2.0), 0.40707148 / std::sqrt(2.0)},
              {0.05415327, 0.70606920, 0.70606920}, 1e-7);
  // not shortened: times the root of |G| = sqrt(18^2 + 2 * 22^2 + 38^2)
  const double root = std::pow(18.0 * 18 + 2 * 22 * 22 + 38 * 38, 0.25);
  expect_gold(NashMtl{0}, {0.59146115 * root, 0.40707148 * root},
              {0.07658429 * root, 0.99853264 * root, 0.99853264 * root}, 1e-6);
}

TEST_CASE("Nash-MTL has the properties that it claims") {
  for (const double max_norm : {0.0, 1.0}) {
    const NashMtl rule{max_norm};
    check_finite(rule);
    check_non_conflicting(rule, 4e-4);
    check_not_stationary(rule, true);
    check_one_task(rule);
    check_resumes(rule);
    for (const Sample& sample : independent_samples()) {
      const Gradients reversed = sample.gradients.colwise().reverse();
      CHECK(combine(rule, reversed).direction.isApprox(combine(rule, sample.gradients).direction, 1e-7));
    }
  }
  check_resumes(NashMtl{1, 3});
}

TEST_CASE("Nash-MTL is FairGrad with alpha 1, and for two tasks IMTL-G, up to length") {
  for (const Sample& sample : independent_samples()) {
    CAPTURE(sample.name);
    const Vector<double> nash = combine(NashMtl{}, sample.gradients).direction.normalized();
    CHECK(nash.isApprox(combine(FairGrad{}, sample.gradients).direction.normalized(), 1e-12));
    if (sample.gradients.rows() == 2)
      CHECK(nash.isApprox(combine(ImtlG{}, sample.gradients).direction.normalized(), 1e-7));
  }
}

TEST_CASE("Nash-MTL does not see the scale of one task, and scales with all") {
  Gradients gradients = normal_gradients(4, 9);
  const Combined plain = combine(NashMtl{0}, gradients);
  CHECK(combine(NashMtl{0}, 1e-12 * gradients).coefficients.isApprox(plain.coefficients, 1e-10));
  gradients.row(2) *= 1000;
  CHECK(combine(NashMtl{0}, gradients).direction.normalized().isApprox(plain.direction.normalized(), 1e-10));
}

TEST_CASE("Nash-MTL shortens the direction, and never lengthens it") {
  const Gradients gradients = normal_gradients(3, 8);
  CHECK(combine(NashMtl{0.25}, gradients).direction.norm() == Approx(0.25).epsilon(1e-12));
  CHECK(combine(NashMtl{1}, 1e-3 * gradients).direction.norm() < 0.1);
  CHECK(combine(NashMtl{0}, normal_gradients(1, 4)).coefficients[0] == Approx(1).epsilon(1e-7));
}

TEST_CASE("Nash-MTL keeps the coefficients between solutions") {
  auto state = begin_rule(NashMtl{0, 3}, 3, 6);
  const auto gradients = [](std::uint64_t seed) { return normal_gradients(2, 6, seed); };
  const auto first = step_state(state, gradients(1), {.tasks = {0, 2}}).coefficients;
  CHECK(step_state(state, gradients(2), {.tasks = {0, 2}}).coefficients == first);
  CHECK(step_state(state, gradients(3), {.tasks = {0, 2}}).coefficients == first);
  const auto fourth = step_state(state, gradients(4), {.tasks = {0, 2}}).coefficients;
  CHECK(fourth.isApprox(combine(NashMtl{0}, gradients(4)).coefficients, 1e-15));
  // a task that has no coefficient yet: all are found anew, and kept for two more steps
  const auto fifth = step_state(state, gradients(5), {.tasks = {1, 2}}).coefficients;
  CHECK(fifth.isApprox(combine(NashMtl{0}, gradients(5)).coefficients, 1e-15));
  const auto sixth = step_state(state, gradients(6), {.tasks = {0, 1}}).coefficients;
  CHECK(sixth == Vector<double>{{fourth[0], fifth[0]}});
  // kept coefficients are shortened for the gradients of the step
  auto shortened = begin_rule(NashMtl{1, 5}, 2, 6);
  step_state(shortened, gradients(1));
  CHECK(step_state(shortened, 100 * gradients(2)).direction.norm() == Approx(1).epsilon(1e-12));
}

TEST_CASE("Nash-MTL gives a gradient of 0 no coefficient, and stays bounded where gradients cancel") {
  Gradients gradients = Gradients::Zero(3, 3);
  gradients.topRows(2) = gold_gradients();
  CHECK(combine(NashMtl{}, gradients).coefficients[2] == 0);
  CHECK(combine(NashMtl{}, gradients).direction[1] == Approx(0.70606920).epsilon(1e-6));
  CHECK(combine(NashMtl{}, Gradients::Zero(2, 3)).coefficients == Vector<double>{{0.0, 0.0}});
  const Combined stationary = combine(NashMtl{}, strongly_stationary_gradients(4, 6));
  CHECK(stationary.direction.norm() < 1e-3);
  CHECK(stationary.coefficients.maxCoeff() < 1e7);
}

TEST_CASE("Nash-MTL refuses settings out of range, and another state's") {
  CHECK_THROWS_WITH(begin_rule(NashMtl{-1}, 2, 3), containing("Nash-MTL: max_norm is -1; it must be at least 0"));
  CHECK_THROWS_WITH(begin_rule(NashMtl{1, 0}, 2, 3), containing("Nash-MTL: update_every is 0; it must be at least 1"));
  check_setting_must_agree(NashMtl{1}, NashMtl{2}, "max_norm");
  check_setting_must_agree(NashMtl{}, NashMtl{1, 2}, "update_every");
}
