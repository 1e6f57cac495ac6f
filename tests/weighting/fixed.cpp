#include "polytask/weighting/fixed.hpp"

#include "catch.hpp"

#include <array>
#include <limits>
#include <string_view>
#include <vector>

namespace fixed_tests {

using namespace polytask;

namespace {

constexpr std::array<std::string_view, 3> names{"click", "spend", "visits"};
constexpr std::array<LossKind, 3> kinds{LossKind::classification, LossKind::regression, LossKind::regression};
constexpr WeightedTasks tasks{names, kinds};

template <class W>
std::vector<double> weights_of(const W& weighting) {
  auto state = weighting.begin(tasks);
  const std::array<double, 3> losses{100, 1e-3, 7};
  state.update(StepSignals{.losses = losses});
  state.update(StepSignals{.losses = losses, .step = 2});
  return {state.weights().begin(), state.weights().end()};
}

static_assert(Weighting<Equal> && Weighting<Fixed>);

}  // namespace

TEST_CASE("Equal counts every task once, whatever the losses") {
  CHECK(weights_of(Equal{}) == std::vector<double>{1, 1, 1});
}

TEST_CASE("Fixed takes the weights as they are, and 1 for a task that is not named") {
  CHECK(weights_of(Fixed{{{"visits", 0.25}, {"click", 3}}}) == std::vector<double>{3, 1, 0.25});
  CHECK(weights_of(Fixed{{{"spend", 0}}}) == std::vector<double>{1, 0, 1});
  CHECK(weights_of(Fixed{}) == std::vector<double>{1, 1, 1});
}

TEST_CASE("Fixed refuses a name that is no task's and a weight that is none") {
  CHECK_THROWS_AS(weights_of(Fixed{{{"clicks", 1}}}), ArgumentError);
  CHECK_THROWS_WITH(weights_of(Fixed{{{"clicks", 1}}}),
                    "a fixed weight is given for 'clicks', which is no task; the tasks are: click, spend, visits");
  CHECK_THROWS_WITH(weights_of(Fixed{{{"click", -0.5}}}),
                    "the fixed weight of 'click' is -0.5; it must be finite and at least 0");
  CHECK_THROWS_AS(weights_of(Fixed{{{"click", std::numeric_limits<double>::infinity()}}}), ArgumentError);
  CHECK_THROWS_AS(weights_of(Fixed{{{"click", std::numeric_limits<double>::quiet_NaN()}}}), ArgumentError);
}

TEST_CASE("the state of constant weights can be saved, and only goes on with the same weights") {
  auto state = Fixed{{{"spend", 4}}}.begin(tasks);
  std::vector<double> saved;
  const auto save = [&](std::string_view, const std::vector<double>& weights) { saved = weights; };
  const auto load = [&](std::string_view, std::vector<double>& weights) { weights = saved; };
  ConstantWeights::configuration(std::as_const(state), save);
  CHECK(saved == std::vector<double>{1, 4, 1});
  CHECK_NOTHROW(ConstantWeights::configuration(state, load));
  auto other = Equal{}.begin(tasks);
  CHECK_THROWS_WITH(ConstantWeights::configuration(other, load), containing("another setting of 'weights'"));
}

}  // namespace fixed_tests
