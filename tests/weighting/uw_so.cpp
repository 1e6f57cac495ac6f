#include "polytask/weighting/uw_so.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace weighting_checks;

static_assert(Weighting<UwSo> && UwSo::needs().losses_first && !UwSo::needs().losses_after);

TEST_CASE("UW-SO takes the softmax of the inverse losses, and its weights sum to the number of tasks") {
  auto training = run(UwSo{.temperature = 2});
  CHECK(training.weights() == Three{1, 1, 1});
  // 1 / L / 2 = 1/2, 1, 1/4
  const double total = std::exp(0.5) + std::exp(1.0) + std::exp(0.25);
  const Three weights = training.take({1, 0.5, 2});
  same(weights, {3 * std::exp(0.5) / total, 3 * std::exp(1.0) / total, 3 * std::exp(0.25) / total});
  CHECK(sum(weights) == Approx(3).epsilon(1e-14));
  CHECK(training.take({0.3, 0.3, 0.3}) == Three{1, 1, 1});
}

TEST_CASE("a high temperature makes the weights of UW-SO equal, a low one gives all to the smallest loss") {
  same(run(UwSo{.temperature = 1e9}).take({1, 0.5, 2}), {1, 1, 1}, 1e-8);
  same(run(UwSo{.temperature = 1e-3}).take({1, 0.5, 2}), {0, 3, 0}, 1e-12);
}

TEST_CASE("UW-SO shares among the tasks with a label, and a task without one keeps its weight") {
  auto training = run(UwSo{});
  const Three before = training.take({1, 0.5, 2});
  const Three weights = training.take({1, none, 2});
  CHECK(weights[1] == before[1]);
  CHECK(weights[0] == Approx(2 / (1 + std::exp(-0.5))).epsilon(1e-12));
  CHECK(weights[0] + weights[2] == Approx(2).epsilon(1e-14));
  CHECK(training.take({none, none, none}) == weights);
}

TEST_CASE("a loss near 0 or huge is no harm to UW-SO") {
  same(run(UwSo{}).take({0, 1, 1e300}), {3, 0, 0});
  same(run(UwSo{}).take({0, 1e-320, 1}), {1.5, 1.5, 0});  // both count as the smallest
  same(run(UwSo{.temperature = 1e-90, .smallest = 1e-90}).take({0, 1, 2}), {3, 0, 0});
}

TEST_CASE("UW-SO names a task whose loss is below 0, and refuses settings that make no sense") {
  auto training = run(UwSo{});
  training.take({1, 1, 1});
  CHECK_THROWS_AS(training.take({1, -0.25, 1}), TrainingError);
  CHECK_THROWS_WITH(training.take({1, -0.25, 1}),
                    "uw_so: the loss of task 'click' is -0.25 in step 3; the rule takes its inverse, and needs losses "
                    "of at least 0");
  CHECK_THROWS_WITH((UwSo{.temperature = 0}.begin(tasks)), containing("the temperature is 0"));
  CHECK_THROWS_WITH((UwSo{.smallest = -1}.begin(tasks)), containing("smallest is -1"));
}

TEST_CASE("UW-SO goes on where it stopped") {
  resumes(UwSo{.temperature = 0.7});
  auto other = UwSo{.temperature = 3}.begin(tasks);
  CHECK_THROWS_WITH(restore(save(UwSo{}.begin(tasks)), other), containing("another setting of 'temperature'"));
}
