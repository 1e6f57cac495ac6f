#include "polytask/aggregation/fair_grad.hpp"

#include "checks.hpp"
#include "polytask/aggregation/imtl_g.hpp"
#include "polytask/aggregation/sum.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<FairGrad> && needs_task_gradients<FairGrad>);

TEST_CASE("FairGrad gives the reference values") {
  expect_gold(FairGrad{}, {0.59146115, 0.40707148}, {0.07658429, 0.99853264, 0.99853264}, 1e-7);
  expect_gold(FairGrad{0.5}, {0.74282825, 0.52539261}, {0.18104265, 1.26822086, 1.26822086}, 1e-7);
  expect_gold(FairGrad{2}, {0.47136292, 0.31945423}, {0.03127368, 0.79081715, 0.79081715}, 1e-7);
  CHECK(combine(FairGrad{}, gold_gradients()).direction.norm() == Approx(std::sqrt(2.0)).epsilon(1e-7));
}

TEST_CASE("FairGrad has the properties that it claims") {
  for (const double alpha : {0.1, 0.5, 1.0, 2.0, 10.0}) {
    CAPTURE(alpha);
    const FairGrad rule{alpha};
    check_finite(rule);
    check_non_conflicting(rule, 4e-4);
    check_not_stationary(rule, true);
    check_one_task(rule);
    check_resumes(rule);
    CHECK(combine(rule, normal_gradients(1, 4)).coefficients[0] ==
          Approx(std::pow(normal_gradients(1, 4).norm(), -2 * alpha / (1 + alpha))).epsilon(1e-7));
  }
  for (const double alpha : {0.0, 1e-9, 0.01, 100.0}) check_finite(FairGrad{alpha});
}

TEST_CASE("FairGrad solves its equation") {
  for (const double alpha : {0.05, 0.2, 0.5, 1.0, 2.0, 5.0})
    for (const Sample& sample : independent_samples()) {
      CAPTURE(alpha, sample.name);
      Gradients gradients = sample.gradients;
      gradients.row(0) *= 50;
      const Combined combined = combine(FairGrad{alpha}, gradients);
      REQUIRE(combined.coefficients.minCoeff() > 0);
      const Vector<double> progress = gradients * combined.direction;
      const Vector<double> shares = combined.coefficients.array().pow(-1 / alpha);
      const double size = combined.coefficients.dot(gradients.rowwise().norm());
      for (Index task = 0; task < progress.size(); ++task)
        CHECK(progress[task] == Approx(shares[task]).epsilon(1e-9).margin(1e-9 * size * gradients.row(task).norm()));
      // the order of tasks and their common scale change nothing else
      const Vector<double> scaled = combine(FairGrad{alpha}, 1e3 * gradients).direction;
      CHECK((scaled / std::pow(1e3, (1 - alpha) / (1 + alpha))).isApprox(combined.direction, 1e-7));
      const Gradients reversed = gradients.colwise().reverse();
      CHECK(combine(FairGrad{alpha}, reversed).direction.isApprox(combined.direction, 1e-7));
    }
}

TEST_CASE("FairGrad hurts no task whatever alpha and lengths, and solves its equation where a task has a share") {
  for (const double alpha : {0.1, 1.0, 5.0, 30.0, 100.0})
    for (const double ratio : {10.0, 1e3, 1e6, 1e10})
      for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        CAPTURE(alpha, ratio, seed);
        Gradients gradients = normal_gradients(2 + static_cast<Index>(seed % 7), 50, seed);
        gradients.row(0) /= ratio;
        const Combined combined = combine(FairGrad{alpha}, gradients);
        REQUIRE(combined.coefficients.minCoeff() > 0);
        const Vector<double> progress = gradients * combined.direction;
        const Vector<double> lengths = gradients.rowwise().norm() * combined.direction.norm();
        const Vector<double> parts = combined.coefficients.cwiseProduct(gradients.rowwise().norm());
        for (Index task = 0; task < progress.size(); ++task) {
          CHECK(progress[task] >= -1e-9 * lengths[task]);
          if (parts[task] > 1e-9 * parts.sum())
            CHECK(progress[task] ==
                  Approx(std::pow(combined.coefficients[task], -1 / alpha)).epsilon(1e-6).margin(1e-9 * lengths[task]));
        }
      }
}

TEST_CASE("FairGrad without fairness is the direction of the mean") {
  for (const Sample& sample : independent_samples()) {
    const Combined none = combine(FairGrad{0}, sample.gradients);
    CHECK(none.direction.normalized().isApprox(combine(Mean{}, sample.gradients).direction.normalized(), 1e-12));
  }
}

TEST_CASE("FairGrad with little fairness is near the sum, or the nearest direction that hurts no task") {
  const Gradients agreeing = normal_gradients(3, 6).cwiseAbs();
  CHECK(combine(FairGrad{1e-5}, agreeing).coefficients.isApprox(Vector<double>::Ones(3), 1e-4));
  // the sum hurts the first task of the gold matrix: g1 (c g1 + g2) = 18 c - 22 = 0
  CHECK(combine(FairGrad{1e-5}, gold_gradients()).coefficients.isApprox(Vector<double>{{22.0 / 18, 1.0}}, 1e-4));
}

TEST_CASE("FairGrad with almost no fairness hurts no task, though a step may try weights of infinite cost") {
  Gradients gradients(3, 3);
  gradients << -9, 36, 25, 3, -4, -6, 0, 0, -1;
  for (const double alpha : {0.01, 0.012, 0.015, 0.017, 0.02}) {
    CAPTURE(alpha);
    const Combined combined = combine(FairGrad{alpha}, gradients);
    const Vector<double> progress = gradients * combined.direction;
    for (Index task = 0; task < 3; ++task)
      CHECK(progress[task] >= -1e-9 * gradients.row(task).norm() * combined.direction.norm());
  }
}

TEST_CASE("FairGrad of two tasks with alpha 1 is parallel to IMTL-G") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Gradients gradients = normal_gradients(2, 6, seed);
    gradients.row(1) *= 1e3;
    const Vector<double> fair = combine(FairGrad{}, gradients).direction;
    CHECK(fair.normalized().isApprox(combine(ImtlG{}, gradients).direction.normalized(), 1e-7));
    CHECK(fair.norm() == Approx(std::sqrt(2.0)).epsilon(1e-6));
  }
}

TEST_CASE("FairGrad gives a gradient of 0 no coefficient, and stops where gradients cancel") {
  Gradients gradients = Gradients::Zero(3, 3);
  gradients.topRows(2) = gold_gradients();
  CHECK(combine(FairGrad{}, gradients).coefficients[2] == 0);
  CHECK(combine(FairGrad{}, gradients).coefficients[0] == Approx(0.59146115).epsilon(1e-6));
  CHECK(combine(FairGrad{}, Gradients::Zero(2, 3)).coefficients == Vector<double>{{0.0, 0.0}});
  const Combined stationary = combine(FairGrad{}, strongly_stationary_gradients(4, 6));
  CHECK(stationary.direction.norm() < 1e-3);
  CHECK(stationary.coefficients.maxCoeff() < 1e6);
}

TEST_CASE("FairGrad refuses an alpha out of range, and another state's") {
  CHECK_THROWS_WITH(begin_rule(FairGrad{-0.5}, 2, 3), containing("FairGrad: alpha is -0.5; it must be from 0 to 100"));
  CHECK_THROWS_WITH(begin_rule(FairGrad{std::nan("")}, 2, 3), containing("FairGrad: alpha is nan"));
  check_setting_must_agree(FairGrad{1}, FairGrad{2}, "alpha");
}
