#include "polytask/metrics/poisson_deviance.hpp"

#include "metrics/evaluations.hpp"

using namespace polytask;

TEST_CASE("Poisson deviance by hand") {
  CHECK(poisson_deviance(rows({2, 2}, {2, 0})) == Approx((0 + 4) / 2.0).epsilon(1e-14));
  CHECK(poisson_deviance(rows({1, 3}, {4, 3})) == Approx((2 * (4 * std::log(4.0) - 3)) / 2).epsilon(1e-14));
  CHECK(poisson_deviance(rows({1, 3, nothing}, {4, 3, nothing}, {1, 3, 0})) ==
        Approx((2 * (4 * std::log(4.0) - 3)) / 4).epsilon(1e-14));
  CHECK(poisson_deviance(rows({0, 3}, {0, 3})) == 0);
}

TEST_CASE("With several label rows all entries count") {
  Evaluation evaluation = rows({2}, {0});
  evaluation.predictions.setConstant(2, 1, 2.0);
  evaluation.labels.setZero(2, 1);
  evaluation.labels(1, 0) = 2;
  evaluation.weights.setOnes(2, 1);
  CHECK(poisson_deviance(evaluation) == Approx(2).epsilon(1e-14));
}

TEST_CASE("Poisson deviance of impossible rates") {
  CHECK(poisson_deviance(rows({0, 1}, {1, 1})) == std::numeric_limits<double>::infinity());
  CHECK(std::isnan(poisson_deviance(rows({-1, 1}, {0, 1}))));
  CHECK(std::isnan(poisson_deviance(rows({-1, 1}, {1, 1}))));
  CHECK(std::isnan(poisson_deviance(rows({nothing, 1}, {0, 1}))));
  CHECK(std::isnan(poisson_deviance(rows({}, {}))));
}

TEST_CASE("Poisson deviance says which label is negative") {
  CHECK_THROWS_AS(poisson_deviance(rows({1}, {-2})), DataError);
  CHECK_THROWS_WITH(poisson_deviance(rows({1, 1}, {0, -2})),
                    containing("the label of sample 1 is -2, but must not be negative"));
}
