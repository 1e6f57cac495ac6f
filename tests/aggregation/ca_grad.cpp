#include "polytask/aggregation/ca_grad.hpp"

#include "checks.hpp"
#include "polytask/aggregation/mgda.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<CaGrad> && needs_task_gradients<CaGrad>);

TEST_CASE("CAGrad gives the reference values") {
  expect_gold(CaGrad{}, {0.70412415, 0.5}, {0.18350342, 1.20412415, 1.20412415}, 1e-8);
  expect_gold(CaGrad{1}, {1.2, 0.8}, {0, 2, 2}, 1e-10);
  expect_gold(CaGrad{0}, {0.5, 0.5}, {1, 1, 1}, 1e-15);
  expect_gold(CaGrad{1e-200}, {0.5, 0.5}, {1, 1, 1}, 1e-15);
}

TEST_CASE("CAGrad has the properties that it claims") {
  for (const double c : {0.0, 0.1, 0.5, 1.0, 2.0, 10.0}) {
    CAPTURE(c);
    const CaGrad rule{c};
    check_finite(rule);
    check_permutation_invariant(rule, 1e-7);
    check_scales_with(rule, 1);
    check_one_task(rule);
    if (c >= 1) check_non_conflicting(rule, 1e-4);
    if (c < 1) check_not_stationary(rule);
    if (c >= 1) check_not_stationary(rule, true);
  }
  check_resumes(CaGrad{});
}

TEST_CASE("CAGrad meets the conditions of its problem") {
  for (const double c : {0.01, 0.3, 0.5, 1.0, 3.0})
    for (const Sample& sample : independent_samples()) {
      CAPTURE(c, sample.name);
      const Gradients& gradients = sample.gradients;
      const Combined combined = combine(CaGrad{c}, gradients);
      const double size = static_cast<double>(gradients.rows());
      const Vector<double> mean = gradients.colwise().mean();
      const Vector<double> apart = combined.direction - mean;
      // d is on the sphere about the mean; w = coefficients - 1/T, up to a factor, is on the simplex ...
      CHECK(apart.norm() == Approx(c * mean.norm()).epsilon(1e-9));
      Vector<double> weights = combined.coefficients.array() - 1 / size;
      weights /= weights.sum();
      CHECK(weights.minCoeff() >= -1e-14);
      // ... and weighs only tasks that d helps least
      const Vector<double> changes = gradients * combined.direction;
      const double scale = gradients.rowwise().norm().maxCoeff() * combined.direction.norm();
      for (Index task = 0; task < weights.size(); ++task) {
        CHECK(changes[task] >= weights.dot(changes) - 1e-9 * scale);
        if (weights[task] > 1e-8) CHECK(changes[task] == Approx(weights.dot(changes)).epsilon(0).margin(1e-8 * scale));
      }
    }
}

TEST_CASE("CAGrad with a large ball turns to MGDA's direction") {
  const Gradients gradients = normal_gradients(4, 9, 3);
  const Vector<double> mgda = combine(Mgda{}, gradients).direction.normalized();
  const Vector<double> near = combine(CaGrad{1000}, gradients).direction.normalized();
  CHECK((near - mgda).norm() < 2e-3);
  CHECK((combine(CaGrad{1}, gradients).direction.normalized() - mgda).norm() > 2e-2);
}

TEST_CASE("CAGrad between two opposite tasks and a third helps the third") {
  Gradients gradients(3, 2);
  gradients << 1, 0, -1, 0, 0, 1;
  const Combined combined = combine(CaGrad{}, gradients);
  CHECK(std::abs(combined.direction[0]) < 1e-10);
  CHECK(combined.direction[1] > 0.15);
}

TEST_CASE("CAGrad is rescaled by 1 + c^2 or 1 + c") {
  const Gradients gradients = gold_gradients();
  const Vector<double> plain = combine(CaGrad{2}, gradients).direction;
  CHECK((5 * combine(CaGrad{2, CaGrad::Rescaling::by_square}, gradients).direction).isApprox(plain, 1e-14));
  CHECK((3 * combine(CaGrad{2, CaGrad::Rescaling::by_one}, gradients).direction).isApprox(plain, 1e-14));
  CHECK(combine(CaGrad{2}, normal_gradients(1, 4)).coefficients[0] == Approx(3).epsilon(1e-12));
}

TEST_CASE("CAGrad refuses settings out of range, and another state's") {
  CHECK_THROWS_WITH(begin_rule(CaGrad{-1}, 2, 3), containing("CAGrad: c is -1; it must be at least 0"));
  CHECK_THROWS_WITH(begin_rule(CaGrad{std::nan("")}, 2, 3), containing("CAGrad: c is nan"));
  CHECK_THROWS_WITH(begin_rule(CaGrad{1, static_cast<CaGrad::Rescaling>(3)}, 2, 3),
                    containing("CAGrad: rescaling is 3"));
  check_setting_must_agree(CaGrad{0.5}, CaGrad{0.4}, "c");
  check_setting_must_agree(CaGrad{}, CaGrad{0.5, CaGrad::Rescaling::by_one}, "rescaling");
}
