#include "polytask/metrics/recall.hpp"

#include "metrics/evaluations.hpp"
#include "polytask/data/table.hpp"

#include <algorithm>
#include <numeric>

using namespace polytask;

namespace {

/// Of one small group without weights: the mean over all orders of the entries that keep the predictions descending.
double by_orders(const std::vector<double>& predictions, const std::vector<double>& labels, std::size_t k) {
  std::vector<std::size_t> order(predictions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  double sum = 0;
  double orders = 0;
  do {
    bool descending = true;
    double reached = 0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      if (i > 0 && predictions[order[i]] > predictions[order[i - 1]]) descending = false;
      if (i < k) reached += labels[order[i]];
    }
    if (!descending) continue;
    sum += reached;
    ++orders;
  } while (std::next_permutation(order.begin(), order.end()));
  return sum / orders / std::accumulate(labels.begin(), labels.end(), 0.0);
}

}  // namespace

TEST_CASE("Recall by hand") {
  Evaluation evaluation = rows({0.1, 0.9, 0.5, 0.8, 0.4, 0.5}, {1, 0, 1, 0, 1, 1});
  const std::vector<std::int32_t> groups = {1, 1, 8, 1, 8, 1};  // group 1 in order: 0, 0, 1, 1; group 8: 1, 1
  evaluation.groups = groups;
  CHECK(recall(evaluation, 1) == Approx((0 + 0.5) / 2).epsilon(1e-14));
  CHECK(recall(evaluation, 3) == Approx((0.5 + 1) / 2).epsilon(1e-14));
  CHECK(recall(evaluation, 4) == 1);
  CHECK(metrics::recall_at_20.evaluate(evaluation) == 1);

  evaluation.weights << 3, 3, 1, 3, 1, 3;  // a group counts by its mean weight
  CHECK(recall(evaluation, 3) == Approx((3 * 0.5 + 1) / 4).epsilon(1e-14));
  evaluation.weights << 1, 0, 1, 1, 1, 1;  // the first of group 1 is missing
  evaluation.labels(0, 1) = missing;
  evaluation.predictions(0, 1) = missing;
  CHECK(recall(evaluation, 2) == Approx((0.5 + 1) / 2).epsilon(1e-14));
}

TEST_CASE("Recall of equal predictions is the mean over all orders they may stand in") {
  Random random(5);
  for (int trial = 0; trial < 60; ++trial) {
    const std::size_t size = 1 + random.below(7);
    std::vector<double> predictions(size);
    std::vector<double> labels(size);
    for (double& prediction : predictions) prediction = static_cast<double>(random.below(3));
    for (double& label : labels) label = static_cast<double>(random.below(2));
    labels[0] = 1;
    const std::size_t k = 1 + random.below(5);
    Evaluation evaluation = rows(predictions, labels);
    const std::vector<std::int32_t> groups(size, 3);
    evaluation.groups = groups;
    CHECK(recall(evaluation, static_cast<Index>(k)) == Approx(by_orders(predictions, labels, k)).epsilon(1e-12));
  }
}

TEST_CASE("Groups without a positive are left out; without any other group recall is not defined") {
  Evaluation evaluation = rows({1, 2, 3, 4}, {0, 1, 0, 0});
  const std::vector<std::int32_t> groups = {1, 1, 2, 2};
  evaluation.groups = groups;
  CHECK(recall(evaluation, 1) == 1);
  evaluation.labels(0, 1) = 0;
  CHECK(std::isnan(recall(evaluation, 1)));
  evaluation.labels(0, 1) = 1;
  evaluation.predictions(0, 3) = missing;
  CHECK(std::isnan(recall(evaluation, 1)));
}

TEST_CASE("Recall says what it needs") {
  Evaluation evaluation = rows({1, 2}, {0, 1});
  CHECK_THROWS_WITH(recall(evaluation, 5),
                    containing("metric 'recall' needs a group for each of the 2 samples, but there are 0"));
  const std::vector<std::int32_t> groups = {1, 1};
  evaluation.groups = groups;
  CHECK_THROWS_AS(recall(evaluation, 0), ArgumentError);
  CHECK_THROWS_WITH(recall(evaluation, 0), containing("k must be at least 1, it is 0"));
  evaluation.labels(0, 1) = 2;
  CHECK_THROWS_AS(recall(evaluation, 5), DataError);
  CHECK_THROWS_WITH(recall(evaluation, 5),
                    containing("metric 'recall': the label of sample 1 is 2, but must be 0 or 1"));
}
