#include "polytask/weighting/grad_norm.hpp"

#include "checks.hpp"

#include <array>
#include <cmath>
#include <string_view>

namespace grad_norm_tests {

using namespace polytask;

namespace {

constexpr std::array<std::string_view, 3> names{"a", "b", "c"};
constexpr std::array<LossKind, 3> kinds{};
constexpr WeightedTasks tasks{names, kinds};
using weighting_checks::none;

struct Run {
  GradNormState state;
  Index step = 0;

  explicit Run(const GradNorm& settings) : state(settings.begin(tasks)) {}

  /// @param norms of the gradients of the unweighted losses
  void update(std::array<double, 3> losses, std::array<double, 3> norms) {
    update(losses, norms, {weight(0), weight(1), weight(2)});
  }

  /// @param used weights with which the step was taken
  void update(std::array<double, 3> losses, std::array<double, 3> norms, std::array<double, 3> used) {
    for (std::size_t task = 0; task < 3; ++task) norms[task] *= used[task];
    state.update(StepSignals{.losses = losses, .weights = used, .gradient_norms = norms, .step = ++step});
  }
  double weight(std::size_t task) const { return state.weights()[task]; }
  double sum() const { return weight(0) + weight(1) + weight(2); }
};

}  // namespace

TEST_CASE("one step of GradNorm by hand") {
  Run run({.alpha = 1, .rate = 0.1, .most_change = 1});
  run.update({1, 2, 4}, {1, 1, 1});  // all as fast, all norms 1: nothing to do
  CHECK(run.weight(0) == 1);
  // L / L(0) = 1, 1/2, 1/4, mean 7/12, r = 12/7, 6/7, 3/7; norms 2, 2, 1, mean 5/3; targets 20/7, 10/7, 5/7
  run.update({1, 1, 1}, {2, 2, 1});
  // slopes: -2, +2, +1 -> 1.2, 0.8, 0.9, scaled by 3 / 2.9
  CHECK(run.weight(0) == Approx(1.2 * 3 / 2.9).epsilon(1e-14));
  CHECK(run.weight(1) == Approx(0.8 * 3 / 2.9).epsilon(1e-14));
  CHECK(run.weight(2) == Approx(0.9 * 3 / 2.9).epsilon(1e-14));
}

TEST_CASE("the first loss of GradNorm is the mean over the first batches with a label") {
  Run plain({.alpha = 1, .rate = 0.1});
  plain.update({1, 2, 4}, {1, 1, 1});
  Run later({.alpha = 1, .rate = 0.1, .first_batches = 2});
  later.update({0.5, 1, none}, {0, 0, none});
  later.update({1.5, 3, 2}, {0, 0, 0});
  later.update({none, none, 6}, {none, none, 0});  // means of two: 1, 2 and 4
  later.update({1, 1, 1}, {2, 2, 1});
  plain.update({1, 1, 1}, {2, 2, 1});
  for (std::size_t task = 0; task < 3; ++task) CHECK(later.weight(task) == Approx(plain.weight(task)).epsilon(1e-14));
}

TEST_CASE("the task that has learnt least is weighted up") {
  Run run({.alpha = 1.5});
  run.update({1, 1, 1}, {1, 1, 1});
  for (int step = 0; step < 5; ++step) run.update({0.9, 0.3, 0.3}, {1, 1, 1});
  CHECK(run.weight(0) > 1.05);
  CHECK(run.weight(1) < 1);
  CHECK(run.sum() == Approx(3).epsilon(1e-14));
}

TEST_CASE("with alpha 0 the norms of the weighted gradients become equal") {
  Run run({.alpha = 0, .rate = 1e-4});
  for (int step = 0; step < 40000; ++step) run.update({1.0 / (1 + step), 1, 5}, {1, 4, 0.5});
  CHECK(run.weight(0) * 1 == Approx(run.weight(1) * 4).epsilon(0.02));
  CHECK(run.weight(0) * 1 == Approx(run.weight(2) * 0.5).epsilon(0.02));
}

TEST_CASE("no step of GradNorm changes a weight by more than its share") {
  Run run({.alpha = 0, .rate = 0.1, .most_change = 0.25});
  run.update({1, 1, 1}, {100, 1, 1});  // slopes 100, -1, -1: 10 is 0.25, the others are 0.1
  CHECK(run.weight(0) == Approx(0.75 * 3 / 2.95).epsilon(1e-14));
  CHECK(run.weight(1) == Approx(1.1 * 3 / 2.95).epsilon(1e-14));
  CHECK(run.weight(2) == Approx(1.1 * 3 / 2.95).epsilon(1e-14));
}

TEST_CASE("GradNorm balances gradients of very different lengths") {
  for (const double length : {1e1, 1e2, 1e3, 1e4}) {
    CAPTURE(length);
    Run run({.alpha = 0});
    for (int step = 0; step < 400; ++step) run.update({1, 1, 1}, {length, 1, 1});
    for (int step = 0; step < 20; ++step) {
      run.update({1, 1, 1}, {length, 1, 1});
      CHECK(run.weight(0) * length == Approx(run.weight(1)).epsilon(0.25));  // to and fro by a tenth
      CHECK(run.weight(2) == Approx(run.weight(1)).epsilon(1e-12));
    }
  }
}

TEST_CASE("a task without a label is left out, and the others keep their sum") {
  Run run({.alpha = 1});
  run.update({1, 1, none}, {3, 1, none});
  CHECK(run.weight(2) == 1);
  CHECK(run.weight(0) < 1);
  CHECK(run.weight(0) + run.weight(1) == Approx(2).epsilon(1e-14));
  const double before = run.weight(0);
  run.update({1, none, none}, {3, none, none});  // one task alone has nothing to be balanced with
  CHECK(run.weight(0) == before);
  run.update({1, 1, 8}, {1, 1, 1});  // the first loss of the third task is this one
  run.update({1, 1, 4}, {1, 1, 1});
  CHECK(run.weight(2) < 1);
}

TEST_CASE("weights stay above 0 whatever the rate, and zero losses and norms are no harm") {
  Run run({.alpha = 1, .rate = 100, .least = 1e-3, .most_change = 1000});
  run.update({1, 1, 1}, {5, 1, 1});
  // from 1 to the least, 101 and 101
  CHECK(run.weight(0) == Approx(1e-3 * 3 / (1e-3 + 202)).epsilon(1e-12));
  CHECK(run.sum() == Approx(3).epsilon(1e-12));
  Run zero({});
  zero.update({0, 1, 1}, {0, 0, 0});
  zero.update({0, 0, 0}, {0, 1, 0});
  zero.update({1e300, 0, 1}, {1e10, 0, 1});
  for (std::size_t task = 0; task < 3; ++task) CHECK((std::isfinite(zero.weight(task)) && zero.weight(task) > 0));
}

TEST_CASE("GradNorm learns the same from a step whatever the weights with which it was taken, unless they are 0") {
  Run own({.alpha = 1, .rate = 0.1});
  Run other({.alpha = 1, .rate = 0.1});
  own.update({1, 2, 4}, {3, 1, 2});
  other.update({1, 2, 4}, {3, 1, 2}, {0.25, 2, 8});
  for (std::size_t task = 0; task < 3; ++task) CHECK(other.weight(task) == Approx(own.weight(task)).epsilon(1e-14));
  Run without({.alpha = 1, .rate = 0.1});
  without.update({1, 2, none}, {3, 1, none});
  Run zero({.alpha = 1, .rate = 0.1});
  zero.update({1, 2, 4}, {3, 1, 2}, {1, 1, 0});
  for (std::size_t task = 0; task < 3; ++task) CHECK(zero.weight(task) == without.weight(task));
}

TEST_CASE("GradNorm goes on where it stopped, with the same settings only") {
  weighting_checks::resumes(GradNorm{.alpha = 0.7, .rate = 0.2});
  auto other = GradNorm{.alpha = 2}.begin(tasks);
  CHECK_THROWS_WITH(weighting_checks::restore(weighting_checks::save(GradNorm{}.begin(tasks)), other),
                    "the state was made with another setting of 'alpha'");
}

TEST_CASE("GradNorm refuses settings that make no sense") {
  CHECK_THROWS_WITH((GradNorm{.alpha = -1}.begin(tasks)), containing("alpha is -1"));
  CHECK_THROWS_WITH((GradNorm{.rate = none}.begin(tasks)), containing("rate"));
  CHECK_THROWS_WITH((GradNorm{.least = 0}.begin(tasks)), containing("could not grow again"));
  CHECK_THROWS_WITH((GradNorm{.first_batches = 0}.begin(tasks)), containing("first_batches is 0"));
}

}  // namespace grad_norm_tests
