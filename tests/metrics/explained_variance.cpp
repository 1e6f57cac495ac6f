#include "polytask/metrics/explained_variance.hpp"

#include "metrics/evaluations.hpp"

#include <vector>

using namespace polytask;

TEST_CASE("The variance explained over tasks is that of all their labels about one mean") {
  // labels 1, 3 and 8: mean 4, distances 9 + 1 + 16 = 26; errors 1 + 0 + 4
  const std::vector<Evaluation> tasks{rows({2, 3}, {1, 3}), rows({6, 0}, {8, nothing}, {1, 0})};
  CHECK(explained_variance(tasks) == Approx(1 - 5.0 / 26).epsilon(1e-14));
  // a weight of 2 counts twice: labels 1, 3, 3: mean 7/3, distances 24/9; errors 1 + 2
  CHECK(explained_variance(std::vector<Evaluation>{rows({2, 4}, {1, 3}, {1, 2})}) ==
        Approx(1 - 3 / (24.0 / 9)).epsilon(1e-14));
}

TEST_CASE("The variance explained is not defined without two different labels") {
  CHECK(std::isnan(explained_variance({})));
  CHECK(std::isnan(explained_variance(std::vector<Evaluation>{rows({1}, {2}), rows({2}, {2})})));
}

TEST_CASE("The variance explained says that the rows do not fit") {
  Evaluation evaluation = rows({0, 0}, {0, 0});
  evaluation.predictions.setZero(3, 2);
  CHECK_THROWS_WITH(explained_variance(std::vector<Evaluation>{evaluation}), containing("metric 'explained_variance'"));
}
