#include "polytask/aggregation/mgda.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;
using Normalization = Mgda::Normalization;

static_assert(Aggregation<Mgda> && needs_task_gradients<Mgda>);

TEST_CASE("MGDA gives the reference values") { expect_gold(Mgda{}, {0.6, 0.4}, {0, 1, 1}, 1e-12); }

TEST_CASE("MGDA has the properties that it claims") {
  const Mgda rule{};
  check_finite(rule);
  check_non_conflicting(rule);
  check_permutation_invariant(rule);
  check_not_stationary(rule, true);
  check_scales_with(rule, 1);
  check_one_task(rule);
  check_resumes(rule);
}

TEST_CASE("MGDA with a normalization still hurts no task") {
  for (const Normalization normalization : {Normalization::l2, Normalization::loss, Normalization::loss_plus}) {
    const Mgda rule{normalization};
    check_finite(rule);
    check_non_conflicting(rule);
    check_permutation_invariant(rule);
    check_scales_with(rule, 1);
    check_one_task(rule);
  }
}

TEST_CASE("MGDA is 0 at stationary points, and only there") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CHECK(combine(Mgda{}, strongly_stationary_gradients(4, 6, seed)).direction.norm() < 1e-12);
    CHECK(combine(Mgda{}, weakly_stationary_gradients(4, 6, seed)).direction.norm() < 1e-12);
    CHECK(combine(Mgda{}, normal_gradients(4, 6, seed)).direction.norm() > 1e-2);
  }
}

TEST_CASE("Gradients of length 1 give two tasks the bisector") {
  // lengths 3 and 4 at a right angle: a = (1/2, 1/2), times 3/3 and 3/4
  Gradients gradients(2, 2);
  gradients << 3, 0, 0, 4;
  const Combined combined = combine(Mgda{Normalization::l2}, gradients);
  CHECK(combined.coefficients[0] == Approx(0.5).epsilon(1e-14));
  CHECK(combined.direction[0] == Approx(1.5).epsilon(1e-14));
  CHECK(combined.direction[1] == Approx(1.5).epsilon(1e-14));
}

TEST_CASE("Losses divide gradients") {
  Gradients gradients(2, 2);
  gradients << 3, 0, 0, 4;
  // divided by the losses 1 and 4 both have lengths 3 and 1: a = (1/10, 9/10), a min(n) / n = (.1, .225)
  const Combined by_loss = combine(Mgda{Normalization::loss}, gradients, {.losses = {1, 4}});
  CHECK(by_loss.coefficients[0] == Approx(0.1).epsilon(1e-14));
  CHECK(by_loss.coefficients[1] == Approx(0.225).epsilon(1e-14));
  // divided by lengths too, they have lengths 1 and 1/4: a = (1/17, 16/17), times 3/3 and 3/16
  const Combined by_both = combine(Mgda{Normalization::loss_plus}, gradients, {.losses = {1, 4}});
  CHECK(by_both.coefficients[0] == Approx(1.0 / 17).epsilon(1e-14));
  CHECK(by_both.coefficients[1] == Approx(3.0 / 17).epsilon(1e-14));
  // a loss that is not above 0 divides nothing
  const Combined negative = combine(Mgda{Normalization::loss}, gradients, {.losses = {-2, 0}});
  CHECK(negative.coefficients[0] == Approx(16.0 / 25).epsilon(1e-14));
}

TEST_CASE("MGDA refuses a normalization that there is not, and another state's") {
  CHECK_THROWS_WITH(begin_rule(Mgda{static_cast<Normalization>(7)}, 2, 3), containing("MGDA: normalization is 7"));
  check_setting_must_agree(Mgda{}, Mgda{Normalization::l2}, "normalization");
}
