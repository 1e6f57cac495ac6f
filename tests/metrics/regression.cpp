#include "polytask/metrics/regression.hpp"

#include "metrics/evaluations.hpp"

using namespace polytask;

TEST_CASE("Metrics of predicted numbers, by hand") {
  const Evaluation evaluation = rows({1, 5, 2, 7}, {2, 3, 2, 5});  // errors -1, 2, 0, 2; mean 3, distances 1, 0, 1, 4
  CHECK(rmse(evaluation) == Approx(1.5).epsilon(1e-14));
  CHECK(mae(evaluation) == Approx(1.25).epsilon(1e-14));
  CHECK(r2(evaluation) == Approx(1 - 9.0 / 6).epsilon(1e-14));
  CHECK(wape(evaluation) == Approx(5.0 / 12).epsilon(1e-14));
}

TEST_CASE("Metrics of predicted numbers honour weights, and do not look at what is missing") {
  const Evaluation weighted = rows({1, 5, 2, nothing, 0}, {2, 3, 2, nothing, 9}, {1, 3, 2, 0, 0});
  const Evaluation repeated = rows({1, 5, 5, 5, 2, 2}, {2, 3, 3, 3, 2, 2});
  CHECK(rmse(weighted) == Approx(rmse(repeated)).epsilon(1e-14));
  CHECK(mae(weighted) == Approx(mae(repeated)).epsilon(1e-14));
  CHECK(r2(weighted) == Approx(r2(repeated)).epsilon(1e-14));
  CHECK(wape(weighted) == Approx(wape(repeated)).epsilon(1e-14));
  CHECK(rmse(weighted) == Approx(std::sqrt(13.0 / 6)).epsilon(1e-14));
}

TEST_CASE("With several label rows all entries count, and R2 takes the mean of each row") {
  Evaluation evaluation = rows({0, 0}, {0, 0});
  evaluation.predictions.resize(2, 2);
  evaluation.labels.resize(2, 2);
  evaluation.weights.setOnes(2, 2);
  evaluation.predictions << 1, 3, 100, 104;
  evaluation.labels << 1, 2, 101, 105;
  CHECK(rmse(evaluation) == Approx(std::sqrt(3.0 / 4)).epsilon(1e-14));
  CHECK(mae(evaluation) == Approx(0.75).epsilon(1e-14));
  CHECK(r2(evaluation) == Approx(1 - 3.0 / (0.5 + 8)).epsilon(1e-14));
  CHECK(wape(evaluation) == Approx(3.0 / 209).epsilon(1e-14));
  evaluation.weights(1, 0) = 0;
  evaluation.labels(1, 0) = missing;
  CHECK(mae(evaluation) == Approx(2.0 / 3).epsilon(1e-14));
}

TEST_CASE("Predicting the weighted mean has an R2 of zero, even far from zero") {
  CHECK(std::abs(r2(rows({1e8 + 1.5, 1e8 + 1.5}, {1e8, 1e8 + 2}, {1, 3}))) < 1e-12);
}

TEST_CASE("The relative rmse is that of the predictions over that of the mean") {
  const auto evaluation = rows({2, 2, 2}, {1, 2, 6}, {1, 1, 2});
  // weighted mean 15/4; distances 121/16 + 49/16 + 2 * 81/16 = 332/16; errors 1 + 0 + 2 * 16 = 33
  CHECK(rrmse(evaluation) == Approx(std::sqrt(33.0 / (332.0 / 16))).epsilon(1e-14));
  CHECK(rrmse(rows({3, 3}, {1, 5})) == Approx(1).epsilon(1e-14));
  CHECK(rrmse(rows({1, 5}, {1, 5})) == 0);
}

TEST_CASE("Metrics of predicted numbers are not defined without labels") {
  for (const Metric& metric : {metrics::rmse, metrics::mae, metrics::r2, metrics::rrmse, metrics::wape}) {
    INFO(metric.name);
    CHECK(std::isnan(metric.evaluate(rows({}, {}))));
    CHECK(std::isnan(metric.evaluate(rows({1}, {2}, {0}))));
    CHECK(std::isnan(metric.evaluate(rows({1, nothing}, {2, 1}))));
  }
  CHECK(std::isnan(r2(rows({1, 2, 4}, {0.1, 0.1, 0.1}, {0.3, 0.7, 0.9}))));
  CHECK(std::isnan(wape(rows({1, 2}, {0, 0}))));
}

TEST_CASE("Metrics of predicted numbers say that the rows do not fit") {
  Evaluation evaluation = rows({0, 0}, {0, 0});
  evaluation.predictions.setZero(3, 2);
  CHECK_THROWS_AS(r2(evaluation), ArgumentError);
  CHECK_THROWS_WITH(rmse(evaluation), containing("metric 'rmse': there are 3 prediction rows for 1 label rows"));
  CHECK_THROWS_WITH(mae(evaluation), containing("metric 'mae'"));
  CHECK_THROWS_WITH(wape(evaluation), containing("metric 'wape'"));
  CHECK_THROWS_WITH(rrmse(evaluation), containing("metric 'rrmse'"));
}
