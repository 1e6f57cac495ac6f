#include "polytask/weighting/dwa.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace weighting_checks;

static_assert(Weighting<DynamicWeightAverage>);

namespace {

Three softmax_of(const Three& ratios, double temperature) {
  Three weights;
  for (std::size_t task = 0; task < 3; ++task) weights[task] = std::exp(ratios[task] / temperature);
  const double total = sum(weights);
  for (double& weight : weights) weight *= 3 / total;
  return weights;
}

}  // namespace

TEST_CASE("the weights of dwa are 1 for two epochs, then follow the ratios of the epochs' means") {
  auto training = run(DynamicWeightAverage{});
  CHECK(training.take({4, 1, 8}, 1) == Three{1, 1, 1});
  CHECK(training.take({2, 1, 8}, 1) == Three{1, 1, 1});  // means 3, 1, 8
  CHECK(training.take({2, 3, 4}, 2) == Three{1, 1, 1});
  CHECK(training.take({1, 1, 0}, 2) == Three{1, 1, 1});  // means 1.5, 2, 2
  const Three third = training.take({3, 1, 9}, 3);       // ratios 1/2, 2, 1/4
  same(third, softmax_of({0.5, 2, 0.25}, 2));
  CHECK(sum(third) == Approx(3).epsilon(1e-14));
  CHECK(training.take({3, 1, 9}, 3) == third);  // an epoch has one set of weights
  // the epoch before the last is forgotten: 3 / 1.5, 1 / 2, 9 / 2
  same(training.take({1, 1, 1}, 4), softmax_of({2, 0.5, 4.5}, 2));
}

TEST_CASE("the temperature of dwa makes weights more or less equal") {
  for (const double temperature : {0.5, 10.0}) {
    auto training = run(DynamicWeightAverage{.temperature = temperature});
    training.take({1, 1, 1}, 1);
    training.take({0.5, 1, 2}, 2);
    same(training.take({1, 1, 1}, 3), softmax_of({0.5, 1, 2}, temperature));
  }
}

TEST_CASE("a task without labels in an epoch keeps its ratio in dwa") {
  auto training = run(DynamicWeightAverage{});
  training.take({1, 1, none}, 1);
  training.take({0.5, 1, none}, 2);
  same(training.take({none, 1, none}, 3), softmax_of({0.5, 1, 1}, 2));
  same(training.take({2, 1, 6}, 4), softmax_of({0.5, 1, 1}, 2));  // nothing of the first in the third epoch
  same(training.take({1, 1, 3}, 5), softmax_of({4, 1, 1}, 2));    // 2 / 0.5; the last task has one mean only
  same(training.take({1, 1, 1}, 6), softmax_of({0.5, 1, 0.5}, 2));
}

TEST_CASE("a batch without a label does not change the mean of an epoch in dwa") {
  auto training = run(DynamicWeightAverage{});
  training.take({4, 1, 1}, 1);
  training.take({none, 1, 1}, 1);
  training.take({2, 1, 1}, 1);  // mean 3
  training.take({6, 1, 1}, 2);
  same(training.take({1, 1, 1}, 3), softmax_of({2, 1, 1}, 2));
}

TEST_CASE("epochs with a loss of 0, below 0 or beyond bounds are no harm to dwa") {
  auto training = run(DynamicWeightAverage{});
  training.take({0, -1, 1e-300}, 1);
  training.take({5, -2, 1e300}, 2);
  same(training.take({0, 1, 1}, 3), {0, 0, 3});  // no ratio for the first two; the third has grown without end
  same(training.take({0, 1, 1}, 4), softmax_of({0, 1, 0}, 2));
  for (const double weight : training.take({0, 0, 0}, 5)) CHECK(std::isfinite(weight));
}

TEST_CASE("dwa refuses a temperature that makes no sense, and goes on where it stopped") {
  CHECK_THROWS_WITH((DynamicWeightAverage{.temperature = 0}.begin(tasks)),
                    "dwa: the temperature is 0; it must be above 0");
  resumes(DynamicWeightAverage{.temperature = 0.5});
  auto other = DynamicWeightAverage{}.begin(WeightedTasks{Span(names).first(2), Span(kinds).first(2)});
  CHECK_THROWS_WITH(restore(save(DynamicWeightAverage{}.begin(tasks)), other), "'sums' has 3 numbers, not 2");
}
