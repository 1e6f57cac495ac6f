#include "polytask/metrics/grouped_auc.hpp"

#include "metrics/evaluations.hpp"

using namespace polytask;

TEST_CASE("Grouped AUC by hand: groups count by their weight, groups of one class are left out") {
  Evaluation evaluation = rows({0.9, 0.1, 0.5, 0.2, 0.3, 0.8, 0.7}, {1, 0, 0, 1, 0, 1, 1});
  const std::vector<std::int32_t> groups = {7, 7, -2, -2, -2, 5, 5};
  evaluation.groups = groups;
  // group 7: 1, of weight 2; group -2: 0, of weight 3; group 5: positives only
  CHECK(grouped_auc(evaluation) == Approx(2.0 / 5).epsilon(1e-15));
  evaluation.weights << 2, 1, 1, 1, 1, 1, 1;
  CHECK(grouped_auc(evaluation) == Approx(3.0 / 6).epsilon(1e-15));
  evaluation.weights << 2, 1, 0, 1, 1, 1, 1;  // group -2: 0, of weight 2
  evaluation.labels(0, 2) = missing;
  CHECK(grouped_auc(evaluation) == Approx(3.0 / 5).epsilon(1e-15));
}

TEST_CASE("Grouped AUC is the weighted mean of the AUC of each group") {
  Evaluation evaluation = random_rows(3, 300, 2);
  std::vector<std::int32_t> groups(300);
  for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = static_cast<std::int32_t>(i * i % 13);
  evaluation.groups = groups;
  double sum = 0;
  double weights = 0;
  for (std::int32_t group = 0; group < 13; ++group) {
    Evaluation part = evaluation;
    for (Index i = 0; i < 300; ++i)
      if (groups[static_cast<std::size_t>(i)] != group) part.weights(0, i) = 0;
    if (const double value = auc(part); !std::isnan(value)) {
      sum += part.weights.sum() * value;
      weights += part.weights.sum();
    }
  }
  CHECK(grouped_auc(evaluation) == Approx(sum / weights).epsilon(1e-13));
}

TEST_CASE("With one group it is the AUC; without a group of both classes it is not defined") {
  Evaluation evaluation = random_rows(9, 80, 2);
  const std::vector<std::int32_t> one(80, 4);
  evaluation.groups = one;
  CHECK(grouped_auc(evaluation) == Approx(auc(evaluation)).epsilon(1e-14));
  std::vector<std::int32_t> own(80);
  for (std::size_t i = 0; i < own.size(); ++i) own[i] = static_cast<std::int32_t>(i);
  evaluation.groups = own;
  CHECK(std::isnan(grouped_auc(evaluation)));
}

TEST_CASE("A prediction that is not a number is not hidden in a group") {
  Evaluation evaluation = rows({0.9, nothing, 0.5, 0.2}, {1, 0, 0, 1});
  const std::vector<std::int32_t> groups = {1, 1, 2, 2};
  evaluation.groups = groups;
  CHECK(std::isnan(grouped_auc(evaluation)));
}

TEST_CASE("Grouped AUC says that it needs groups") {
  CHECK_THROWS_AS(grouped_auc(rows({1, 2}, {0, 1})), ArgumentError);
  CHECK_THROWS_WITH(grouped_auc(rows({1, 2}, {0, 1})),
                    containing("metric 'grouped_auc' needs a group for each of the 2 samples, but there are 0"));
}
