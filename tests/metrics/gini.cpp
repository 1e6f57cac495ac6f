#include "polytask/metrics/gini.hpp"

#include "metrics/evaluations.hpp"
#include "polytask/metrics/auc.hpp"

namespace gini_tests {

using namespace polytask;

namespace {

/// By all pairs: differences of amounts in the order of the predictions over all differences.
double by_pairs(const Evaluation& all) {
  double ordered = 0;
  double total = 0;
  for (Index i = 0; i < all.labels.cols(); ++i)
    for (Index k = 0; k < all.labels.cols(); ++k) {
      const double weight = all.weights(0, i) * all.weights(0, k);
      if (weight == 0) continue;
      const double direction = all.predictions(0, i) - all.predictions(0, k);
      const double difference = all.labels(0, i) - all.labels(0, k);
      ordered += weight * difference * (direction > 0 ? 1 : direction < 0 ? -1 : 0);
      total += weight * std::abs(difference);
    }
  return ordered / total;
}

}  // namespace

TEST_CASE("The normalised Gini coefficient of the right order is one, of the reverse minus one") {
  CHECK(gini(rows({1, 2, 3, 4}, {0, 0, 5, 100})) == Approx(1).epsilon(1e-14));
  CHECK(gini(rows({4, 3, 2, 1}, {0, 1, 5, 100})) == Approx(-1).epsilon(1e-14));
  CHECK(gini(rows({2, 2, 2}, {0, 5, 100})) == 0);
  CHECK(gini(rows({1, 1, 3, 4}, {0, 0, 5, 100})) == Approx(1).epsilon(1e-14));  // ties among equal amounts
}

TEST_CASE("The normalised Gini coefficient by hand") {
  // pairs in the right order 10 - 0 and 4 - 0, in the wrong one 10 - 4
  CHECK(gini(rows({1, 3, 2}, {0, 4, 10})) == Approx((10 + 4 - 6) / 20.0).epsilon(1e-14));
  CHECK(gini(rows({1, 3, 2, nothing}, {0, 4, 10, nothing}, {2, 1, 3, 0})) ==
        Approx((60 + 8 - 18) / 86.0).epsilon(1e-14));
}

TEST_CASE("The normalised Gini coefficient is that of all pairs, with ties, weights and missing labels") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const Evaluation evaluation = random_rows(seed, 5 + 3 * seed, 5);
    CHECK(gini(evaluation) == Approx(by_pairs(evaluation)).epsilon(1e-12).margin(1e-14));
  }
}

TEST_CASE("With labels zero and one the normalised Gini coefficient is 2 AUC - 1") {
  for (std::uint64_t seed = 40; seed <= 45; ++seed) {
    const Evaluation evaluation = random_rows(seed, 60, 2);
    CHECK(gini(evaluation) == Approx(2 * auc(evaluation) - 1).epsilon(1e-12));
  }
}

TEST_CASE("The normalised Gini coefficient is not defined without two labels that differ") {
  CHECK(std::isnan(gini(rows({}, {}))));
  CHECK(std::isnan(gini(rows({1, 2, 3}, {0.1, 0.1, 0.1}, {0.1, 0.2, 0.7}))));
  CHECK(std::isnan(gini(rows({1, 2}, {0, 5}, {1, 0}))));
  CHECK(std::isnan(gini(rows({1, nothing}, {0, 5}))));
  Evaluation two = rows({1, 2}, {0, 5});
  two.predictions.setZero(2, 2);
  CHECK_THROWS_WITH(gini(two), containing("metric 'gini' is for one prediction row, not for 2"));
}

}  // namespace gini_tests
