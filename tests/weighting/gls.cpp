#include "polytask/weighting/gls.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace weighting_checks;

static_assert(Weighting<GeometricMean> && GeometricMean::needs().losses_first);

TEST_CASE("the weights of the geometric mean are its derivatives") {
  // (2 * 0.5 * 8)^(1/3) = 2
  same(run(GeometricMean{}).take({2, 0.5, 8}), {2 / (3 * 2.0), 2 / (3 * 0.5), 2 / (3 * 8.0)});
  const Three losses{0.7, 3, 0.02};
  const Three weights = run(GeometricMean{}).take(losses);
  for (std::size_t task = 0; task < 3; ++task) {
    const auto mean = [&](double change) {
      Three moved = losses;
      moved[task] += change;
      return std::cbrt(moved[0] * moved[1] * moved[2]);
    };
    const double small = 1e-5 * losses[task];
    CHECK(weights[task] == Approx((mean(small) - mean(-small)) / (2 * small)).epsilon(1e-7));
  }
}

TEST_CASE("the product of the losses may be beyond what a double holds") {
  same(run(GeometricMean{}).take({1e-200, 1e-200, 1e-200}), {1 / 3.0, 1 / 3.0, 1 / 3.0}, 1e-12);
  same(run(GeometricMean{}).take({1e200, 1e200, 1e200}), {1 / 3.0, 1 / 3.0, 1 / 3.0}, 1e-12);
  for (const double weight : run(GeometricMean{}).take({1e-300, 1e300, 5e-324})) CHECK(std::isfinite(weight));
}

TEST_CASE("the geometric mean is that of the tasks with a label, and a task at a loss of 0 is left out") {
  auto training = run(GeometricMean{});
  const Three before = training.take({2, 0.5, 8});
  // sqrt(2 * 8) = 4
  for (const double gone : {none, 0.0}) same(training.take({2, gone, 8}), {4 / (2 * 2.0), before[1], 4 / (2 * 8.0)});
  same(training.take({5, none, none}), {1, before[1], 0.25});  // of one loss: itself
  same(training.take({none, none, 0}), {1, before[1], 0.25});
}

TEST_CASE("the geometric mean names a task whose loss is below 0") {
  auto training = run(GeometricMean{});
  CHECK_THROWS_AS(training.take({1, 1, -2}), TrainingError);
  CHECK_THROWS_WITH(
      training.take({1, 1, -2}),
      "gls: the loss of task 'visits' is -2 in step 2; the rule takes its logarithm, and needs losses of at "
      "least 0");
}

TEST_CASE("the geometric mean goes on where it stopped") { resumes(GeometricMean{}); }
