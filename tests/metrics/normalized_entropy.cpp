#include "polytask/metrics/normalized_entropy.hpp"

#include "metrics/evaluations.hpp"

using namespace polytask;

TEST_CASE("Predicting the base rate for everybody has a normalized entropy of one") {
  CHECK(normalized_entropy(rows({0.25, 0.25, 0.25, 0.25}, {1, 0, 0, 0})) == Approx(1).epsilon(1e-14));
  CHECK(normalized_entropy(rows({0.75, 0.75}, {1, 0}, {3, 1})) == Approx(1).epsilon(1e-14));
  Evaluation classes = rows({0, 0, 0, 0}, {0, 2, 2, 1});
  classes.predictions.resize(4, 4);
  classes.predictions.colwise() = Eigen::Vector4d(0.25, 0.25, 0.5, 0);
  CHECK(normalized_entropy(classes) == Approx(1).epsilon(1e-14));
}

TEST_CASE("Normalized entropy by hand") {
  const double entropy = -(0.25 * std::log(0.25) + 0.75 * std::log(0.75));
  const double loss = -(std::log(0.6) + std::log(0.9) + 2 * std::log(0.8)) / 4;
  CHECK(normalized_entropy(rows({0.6, 0.1, 0.2, 0.2, nothing}, {1, 0, 0, 0, nothing}, {1, 1, 1, 1, 0})) ==
        Approx(loss / entropy).epsilon(1e-14));
}

TEST_CASE("Normalized entropy is not defined with one class") {
  CHECK(std::isnan(normalized_entropy(rows({0.5, 0.5}, {1, 1}, {0.1, 0.7}))));
  CHECK(std::isnan(normalized_entropy(rows({0.5}, {0}))));
  CHECK(std::isnan(normalized_entropy(rows({}, {}))));
  CHECK(std::isnan(normalized_entropy(rows({0.5, nothing}, {0, 1}))));
  CHECK_THROWS_WITH(normalized_entropy(rows({0.5}, {0.5})),
                    containing("metric 'normalized_entropy': the label of sample 0"));
}
