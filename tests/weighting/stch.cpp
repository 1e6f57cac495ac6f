#include "polytask/weighting/stch.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace weighting_checks;

static_assert(Weighting<SmoothTchebycheff> && SmoothTchebycheff::needs().losses_first);

namespace {

/// T mu log sum exp(log(L / z) / mu), as it is written.
double scalarized(const Three& losses, const Three& nadir, double mu) {
  double total = 0;
  for (std::size_t task = 0; task < 3; ++task) total += std::exp(std::log(losses[task] / nadir[task]) / mu);
  return 3 * mu * std::log(total);
}

}  // namespace

TEST_CASE("stch trains the sum of logarithms in the warm-up, and takes its nadir from the last epoch of it") {
  auto training = run(SmoothTchebycheff{.mu = 0.5, .warm_up_epochs = 2});
  same(training.take({2, 0.5, 8}, 1), {0.5, 2, 0.125});
  same(training.take({4, 0.5, 1}, 2), {0.25, 2, 1});
  same(training.take({2, 1.5, 1}, 2), {0.5, 1 / 1.5, 1});
  const Three third = training.take({3, 2, 0.5}, 3);
  same({training.state.nadirs()[0], training.state.nadirs()[1], training.state.nadirs()[2]}, {3, 1, 1});
  // (L / z)^2 = 1, 4, 1/4
  same(third, {3 * 1 / 5.25 / 3, 3 * 4 / 5.25 / 2, 3 * 0.25 / 5.25 / 0.5});
  CHECK(third[0] * 3 + third[1] * 2 + third[2] * 0.5 == Approx(3).epsilon(1e-13));
  training.take({30, 20, 50}, 4);  // later epochs do not change the nadir
  training.take({1, 1, 1}, 5);
  same({training.state.nadirs()[0], training.state.nadirs()[1], training.state.nadirs()[2]}, {3, 1, 1});
}

TEST_CASE("the warm-up of stch lasts 4 epochs unless told otherwise") {
  auto training = run(SmoothTchebycheff{});
  for (Index epoch = 1; epoch <= 4; ++epoch) same(training.take({2, 0.5, 8}, epoch), {0.5, 2, 0.125});
  same(training.take({4, 0.5, 8}, 5), {3 * 0.5 / 4, 3 * 0.25 / 0.5, 3 * 0.25 / 8});
}

TEST_CASE("the weights of stch are the derivatives of its loss") {
  for (const double mu : {0.1, 0.5, 3.0}) {
    auto training = run(SmoothTchebycheff{.mu = mu, .warm_up_epochs = 1});
    const Three nadir{2, 0.5, 4};
    const Three losses{1.9, 0.4, 4.2};
    training.take(nadir, 1);
    const Three weights = training.take(losses, 2);
    for (std::size_t task = 0; task < 3; ++task) {
      const double small = 1e-6 * losses[task];
      Three more = losses;
      Three less = losses;
      more[task] += small;
      less[task] -= small;
      const double slope = (scalarized(more, nadir, mu) - scalarized(less, nadir, mu)) / (2 * small);
      CHECK(weights[task] == Approx(slope).epsilon(1e-7));
    }
  }
}

TEST_CASE("a small mu does not overflow stch: the worst task alone is trained; a large one trains the logarithms") {
  auto training = run(SmoothTchebycheff{.mu = 1e-6, .warm_up_epochs = 1});
  training.take({1, 1, 1}, 1);
  same(training.take({1e100, 5, 1e-100}, 2), {3e-100, 0, 0});
  same(training.take({2, 2, 1}, 2), {0.75, 0.75, 0});
  auto smooth = run(SmoothTchebycheff{.mu = 1e9, .warm_up_epochs = 1});
  smooth.take({1, 1, 1}, 1);
  same(smooth.take({4, 0.5, 10}, 2), {0.25, 2, 0.1}, 1e-8);
}

TEST_CASE("a task without a label is left out of stch, and takes its nadir from what it has") {
  auto training = run(SmoothTchebycheff{.mu = 1, .warm_up_epochs = 2});
  training.take({4, none, none}, 1);
  const Three second = training.take({none, none, 8}, 2);
  same(second, {0.25, 1, 0.125});
  const Three third = training.take({2, none, 8}, 3);  // nadirs 4, none, 8
  CHECK(std::isnan(training.state.nadirs()[1]));
  same(third, {2 * 0.5 / 1.5 / 2, 1, 2 * 1 / 1.5 / 8});
  same(training.take({4, 5, 8}, 3), {0.25, 0.2, 0.125});  // the nadir of the second is this loss
  CHECK(training.state.nadirs()[1] == 5);
  training.take({4, 50, 8}, 4);
  CHECK(training.state.nadirs()[1] == 5);
}

TEST_CASE("without a warm-up the first losses are the nadir of stch, and losses of 0 are no harm") {
  auto training = run(SmoothTchebycheff{.mu = 1, .warm_up_epochs = 0});
  same(training.take({2, 0, 8}, 1), {0.5, 1, 0.125});
  same(training.take({2, 3, 0}, 1), {0.5, 1 / 3.0, 0.125});
  auto zero = run(SmoothTchebycheff{.warm_up_epochs = 1});
  zero.take({0, 0, 1}, 1);
  same(zero.take({4, 1e-320, 1}, 2), {0.25, 1e15, 1}, 1e-9);
}

TEST_CASE("stch names a task whose loss is below 0, refuses bad settings, and goes on where it stopped") {
  auto training = run(SmoothTchebycheff{});
  CHECK_THROWS_WITH(training.take({1, 1, -1}), containing("stch: the loss of task 'visits' is -1 in step 1"));
  CHECK_THROWS_WITH((SmoothTchebycheff{.mu = 0}.begin(tasks)), containing("mu is 0"));
  CHECK_THROWS_WITH((SmoothTchebycheff{.warm_up_epochs = -1}.begin(tasks)), containing("warm_up_epochs is -1"));
  resumes(SmoothTchebycheff{.mu = 0.3, .warm_up_epochs = 2});
  resumes(SmoothTchebycheff{.mu = 0.3, .warm_up_epochs = 4});
}
