#include "polytask/metrics/auc.hpp"

#include "metrics/evaluations.hpp"

using namespace polytask;

namespace {

/// By all pairs of a positive and a negative.
double by_pairs(const Evaluation& all) {
  double won = 0;
  double pairs = 0;
  for (Index i = 0; i < all.labels.cols(); ++i)
    for (Index k = 0; k < all.labels.cols(); ++k) {
      if (all.weights(0, i) == 0 || all.weights(0, k) == 0 || all.labels(0, i) != 1 || all.labels(0, k) != 0) continue;
      const double weight = all.weights(0, i) * all.weights(0, k);
      const double difference = all.predictions(0, i) - all.predictions(0, k);
      pairs += weight;
      if (difference > 0) won += weight;
      if (difference == 0) won += 0.5 * weight;
    }
  return won / pairs;
}

}  // namespace

TEST_CASE("AUC of small cases by hand") {
  CHECK(auc(rows({0.1, 0.4, 0.35, 0.8}, {0, 0, 1, 1})) == Approx(0.75).epsilon(1e-15));
  CHECK(auc(rows({1, 2, 3, 4}, {0, 0, 1, 1})) == 1);
  CHECK(auc(rows({1, 2, 3, 4}, {1, 1, 0, 0})) == 0);
  CHECK(auc(rows({3, 3, 3, 3, 3}, {1, 0, 0, 1, 0})) == 0.5);
  CHECK(auc(rows({1, 1, 2}, {0, 1, 1})) == Approx(0.75).epsilon(1e-15));             // half of one pair, one pair
  CHECK(auc(rows({1, 2, 3}, {1, 0, 1}, {1, 1, 3})) == Approx(0.75).epsilon(1e-15));  // 3 of 4
  CHECK(auc(rows({1, 2, 3, 9}, {1, 0, 1, nothing}, {1, 1, 3, 0})) == Approx(0.75).epsilon(1e-15));
}

TEST_CASE("AUC is the share of pairs in the right order, with ties, weights and missing labels") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Evaluation evaluation = random_rows(seed, 5 + 3 * seed, 2);
    CHECK(auc(evaluation) == Approx(by_pairs(evaluation)).epsilon(1e-12));
  }
}

TEST_CASE("A weight of three is the same as three samples") {
  CHECK(auc(rows({1, 2, 2, 3}, {0, 1, 0, 1}, {1, 3, 2, 1})) ==
        Approx(auc(rows({1, 2, 2, 2, 2, 2, 3}, {0, 1, 1, 1, 0, 0, 1}))).epsilon(1e-15));
}

TEST_CASE("AUC depends on the order alone") {
  CHECK(auc(rows({-1e300, 1e-300, 2e-300, 1e300}, {0, 1, 0, 1})) == Approx(0.75).epsilon(1e-15));
  CHECK(auc(rows({-std::numeric_limits<double>::infinity(), 0, std::numeric_limits<double>::infinity()}, {0, 1, 1})) ==
        1);
}

TEST_CASE("AUC is not defined with one class, without labels, or with a prediction that is not a number") {
  CHECK(std::isnan(auc(rows({1, 2}, {1, 1}))));
  CHECK(std::isnan(auc(rows({1, 2}, {0, 0}))));
  CHECK(std::isnan(auc(rows({1, 2}, {0, 1}, {1, 0}))));
  CHECK(std::isnan(auc(rows({}, {}))));
  CHECK(std::isnan(auc(rows({1, nothing, 2}, {0, 1, 1}))));
}

TEST_CASE("AUC says what is wrong with what it is given") {
  CHECK_THROWS_AS(auc(rows({1, 2}, {0, 2})), DataError);
  CHECK_THROWS_WITH(auc(rows({1, 2}, {0, 0.5})),
                    containing("metric 'auc': the label of sample 1 is 0.5, but must be 0 or 1"));
  Evaluation two_rows = rows({1, 2}, {0, 1});
  two_rows.predictions.resize(2, 2);
  CHECK_THROWS_WITH(auc(two_rows), containing("metric 'auc' is for one prediction row, not for 2"));
  CHECK_THROWS_WITH(auc(rows({1, 2, 3}, {0, 1})), containing("predictions for 3 samples and labels for 2"));
  CHECK_THROWS_AS(auc(rows({1, 2}, {0, 1}, {1, 1, 1})), ArgumentError);
  CHECK_THROWS_WITH(auc(rows({1, 2}, {0, 1}, {1, 1, 1})), containing("the labels are 1 x 2 but the weights are 1 x 3"));
  two_rows = rows({1, 2}, {0, 1});
  two_rows.labels.setZero(2, 2);
  two_rows.weights.setOnes(2, 2);
  CHECK_THROWS_WITH(auc(two_rows), containing("metric 'auc' is for one label row, not for 2"));
}

TEST_CASE("A million samples are sorted, not compared in pairs") {
  std::vector<double> predictions(1'000'000);
  std::vector<double> labels(predictions.size());
  Random random(1);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    predictions[i] = random.uniform();
    labels[i] = random.chance(predictions[i]) ? 1 : 0;
  }
  CHECK(metrics::auc.evaluate(rows(predictions, labels)) ==
        Approx(5.0 / 6).epsilon(2e-3));  // of a calibrated uniform score
}
