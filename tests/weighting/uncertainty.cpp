#include "polytask/weighting/uncertainty.hpp"

#include "checks.hpp"

#include <array>
#include <cmath>
#include <string_view>

namespace uncertainty_tests {

using namespace polytask;

namespace {

constexpr std::array<std::string_view, 2> names{"spend", "click"};
constexpr std::array<LossKind, 2> kinds{LossKind::regression, LossKind::classification};
constexpr WeightedTasks tasks{names, kinds};
using weighting_checks::none;

void repeat(UncertaintyState& state, std::array<double, 2> losses, int steps) {
  for (int step = 1; step <= steps; ++step) state.update(StepSignals{.losses = losses, .step = step});
}

}  // namespace

TEST_CASE("the weight of a regression begins at a half, that of a classification at one") {
  const auto state = Uncertainty{}.begin(tasks);
  CHECK(state.weights()[0] == 0.5);
  CHECK(state.weights()[1] == 1.0);
  const auto later = Uncertainty{.start = -0.5}.begin(tasks);
  CHECK(later.weights()[0] == Approx(0.5 * std::exp(0.5)).epsilon(1e-14));
}

TEST_CASE("constant losses lead to weights of half their inverse") {
  // regression: exp(s) = L, classification: exp(s) = 2 L
  auto state = Uncertainty{.rate = 0.05}.begin(tasks);
  repeat(state, {4.0, 0.1}, 4000);
  CHECK(std::exp(state.log_variances()[0]) == Approx(4.0).epsilon(1e-3));
  CHECK(std::exp(state.log_variances()[1]) == Approx(0.2).epsilon(1e-3));
  CHECK(state.weights()[0] == Approx(1 / (2 * 4.0)).epsilon(1e-3));
  CHECK(state.weights()[1] == Approx(1 / (2 * 0.1)).epsilon(1e-3));
}

TEST_CASE("the first step of a log-variance has the length of the rate and the sign of its gradient") {
  auto state = Uncertainty{.rate = 0.01}.begin(tasks);
  repeat(state, {3.0, 0.2}, 1);  // 0.5 - 0.5 * 3 < 0: up; 0.5 - 0.2 > 0: down
  CHECK(state.log_variances()[0] == Approx(0.01).epsilon(1e-6));
  CHECK(state.log_variances()[1] == Approx(-0.01).epsilon(1e-6));
}

TEST_CASE("a task without a label keeps its log-variance, and its own count of steps") {
  auto state = Uncertainty{.rate = 0.01}.begin(tasks);
  repeat(state, {none, 0.2}, 5);
  CHECK(state.log_variances()[0] == 0);
  repeat(state, {3.0, none}, 1);
  CHECK(state.log_variances()[0] == Approx(0.01).epsilon(1e-6));  // the length of a first step
}

TEST_CASE("a loss below zero, or a huge one, drives the weights to the ends of their range and no further") {
  auto state = Uncertainty{.rate = 0.1}.begin(tasks);
  repeat(state, {-1.0, 1e12}, 2000);
  CHECK(state.weights()[0] == Approx(0.5 * std::exp(10)).epsilon(1e-12));
  CHECK(state.weights()[1] == Approx(std::exp(-10)).epsilon(1e-12));
}

TEST_CASE("a log-variance comes back from the end of its range") {
  auto state = Uncertainty{.rate = 0.1}.begin(tasks);
  repeat(state, {-1.0, 0.0}, 500);
  REQUIRE(state.log_variances()[0] == -10);
  REQUIRE(state.log_variances()[1] == -10);
  repeat(state, {2.0, 0.5}, 1000);
  CHECK(state.weights()[0] == Approx(1 / (2 * 2.0)).epsilon(1e-2));
  CHECK(state.weights()[1] == Approx(1 / (2 * 0.5)).epsilon(1e-2));
}

TEST_CASE("uncertainty weighting refuses settings that make no sense") {
  CHECK_THROWS_WITH((Uncertainty{.rate = -1}.begin(tasks)), containing("the rate is -1"));
  CHECK_THROWS_WITH((Uncertainty{.largest = 35}.begin(tasks)), containing("largest is 35"));
  CHECK_THROWS_WITH((Uncertainty{.start = none}.begin(tasks)), containing("first log-variance"));
}

TEST_CASE("uncertainty weighting goes on where it stopped, with the same settings and tasks only") {
  weighting_checks::resumes(Uncertainty{.rate = 0.3, .start = 0.5});
  auto other = Uncertainty{.rate = 0.1}.begin(tasks);
  CHECK_THROWS_WITH(weighting_checks::restore(weighting_checks::save(Uncertainty{}.begin(tasks)), other),
                    "the state was made with another setting of 'rate'");
  auto three = Uncertainty{}.begin(weighting_checks::tasks);
  CHECK_THROWS_WITH(weighting_checks::restore(weighting_checks::save(Uncertainty{}.begin(tasks)), three),
                    "'values' has 2 numbers, not 3");
}

}  // namespace uncertainty_tests
