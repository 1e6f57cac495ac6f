#include "polytask/aggregation/simplex_weights.hpp"

#include "catch.hpp"

#include <vector>

using namespace polytask;

namespace {

/// A step in which these tasks have a label.
StepGradients labelled(const std::vector<Index>& tasks) {
  return {.tasks = tasks, .losses = {}, .gram = ConstColumns<double>(nullptr, 0, 0), .step = 1};
}

}  // namespace

TEST_CASE("Weights on the simplex are lent to the tasks with a label, which keep their sum") {
  SimplexWeights weights(4);
  const std::vector<Index> two{1, 3};
  Vector<double> lent(2);
  const double sum = weights.lend(labelled(two), Flat<double>(lent.data(), 2));
  CHECK(sum == 0.5);
  CHECK(lent == Vector<double>{{0.5, 0.5}});
  lent << 0.9, 0.1;
  weights.take_back(labelled(two), Flat<double>(lent.data(), 2), sum);
  CHECK(weights.numbers()[0] == 0.25);
  CHECK(weights.numbers()[1] == Approx(0.45).epsilon(1e-15));
  CHECK(weights.numbers()[2] == 0.25);
  CHECK(weights.numbers()[3] == Approx(0.05).epsilon(1e-15));
  const std::vector<Index> others{0, 1};
  weights.lend(labelled(others), Flat<double>(lent.data(), 2));
  CHECK(lent[0] == Approx(0.25 / 0.7).epsilon(1e-15));
  CHECK(lent[1] == Approx(0.45 / 0.7).epsilon(1e-15));
}

TEST_CASE("Tasks whose weights are all 0 are lent equal ones, and get none back") {
  SimplexWeights weights(3);
  weights.numbers() = {1, 0, 0};
  const std::vector<Index> two{1, 2};
  Vector<double> lent(2);
  const double sum = weights.lend(labelled(two), Flat<double>(lent.data(), 2));
  CHECK(sum == 0);
  CHECK(lent == Vector<double>{{0.5, 0.5}});
  weights.take_back(labelled(two), Flat<double>(lent.data(), 2), sum);
  CHECK(weights.numbers() == std::vector<double>{1, 0, 0});
}
