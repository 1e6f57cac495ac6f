#include "polytask/weighting/rlw.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace weighting_checks;

static_assert(Weighting<RandomWeights>);

TEST_CASE("random weights are the softmax of normal numbers, times the number of tasks") {
  auto training = run(RandomWeights{.seed = 7});
  Three mean{};
  Three logarithm_differences{};
  constexpr int steps = 20000;
  for (int step = 0; step < steps; ++step) {
    const Three weights = training.take({1, none, 5});
    REQUIRE(sum(weights) == Approx(3).epsilon(1e-13));
    for (std::size_t task = 0; task < 3; ++task) {
      mean[task] += weights[task] / steps;
      const double difference = std::log(weights[task] / weights[(task + 1) % 3]);
      logarithm_differences[task] += difference * difference / steps;
    }
  }
  for (std::size_t task = 0; task < 3; ++task) {
    CHECK(mean[task] == Approx(1).margin(0.02));
    CHECK(logarithm_differences[task] == Approx(2).margin(0.1));  // the variance of the difference of two normals
  }
}

TEST_CASE("random weights are those of their seed and step") {
  auto training = run(RandomWeights{.seed = 3});
  const Three first = training.take({1, 1, 1});
  const Three second = training.take({1, 1, 1});
  CHECK(first != second);
  CHECK(run(RandomWeights{.seed = 3}).take({9, 9, 9}) == first);
  CHECK(run(RandomWeights{.seed = 4}).take({1, 1, 1}) != first);
  Random random = Random(3).stream(2);
  Three expected;
  for (double& weight : expected) weight = std::exp(random.normal());
  const double total = sum(expected);
  for (double& weight : expected) weight *= 3 / total;
  same(second, expected);
}

TEST_CASE("random weights go on where they stopped") {
  resumes(RandomWeights{.seed = 11});
  auto other = RandomWeights{.seed = 12}.begin(tasks);
  CHECK_THROWS_WITH(restore(save(RandomWeights{}.begin(tasks)), other), containing("another setting of 'seed'"));
}
