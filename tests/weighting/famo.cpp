#include "polytask/weighting/famo.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace weighting_checks;

static_assert(Weighting<Famo> && Famo::needs().losses_first && Famo::needs().losses_after);

namespace {

/// FAMO as its paper writes it, for three tasks with labels: logits, a dense Jacobian, one Adam.
struct Reference {
  Three logits{};
  Three first{};
  Three second{};
  int steps = 0;

  Three shares() const {
    Three z;
    for (std::size_t task = 0; task < 3; ++task) z[task] = std::exp(logits[task]);
    const double total = sum(z);
    for (double& share : z) share /= total;
    return z;
  }
  Three weights(const Three& losses) const {
    Three found = shares();
    for (std::size_t task = 0; task < 3; ++task) found[task] /= losses[task] + 1e-8;
    const double total = sum(found);
    for (double& weight : found) weight /= total;
    return found;
  }
  void step(const Three& before, const Three& after, double rate, double gamma) {
    const Three z = shares();
    ++steps;
    for (std::size_t row = 0; row < 3; ++row) {
      double gradient = gamma * logits[row];
      Three next = logits;
      for (std::size_t column = 0; column < 3; ++column) {
        const double jacobian = (row == column ? z[row] : 0) - z[row] * z[column];
        gradient += jacobian * (std::log(before[column] + 1e-8) - std::log(after[column] + 1e-8));
      }
      first[row] = 0.9 * first[row] + 0.1 * gradient;
      second[row] = 0.999 * second[row] + 0.001 * gradient * gradient;
      next[row] -= rate * first[row] / (1 - std::pow(0.9, steps)) /
                   (std::sqrt(second[row] / (1 - std::pow(0.999, steps))) + 1e-8);
      pending[row] = next[row];
    }
    logits = pending;
  }
  Three pending{};
};

}  // namespace

TEST_CASE("the weights of FAMO are z / D, and sum to the number of tasks") {
  auto training = run(Famo{.epsilon = 1e-15, .lower_bounds = {{"click", -1}}});
  // 1 / D = 1/2, 1/3, 1/6
  const Three weights = training.take({2, 2, 6});
  same(weights, {1.5, 1, 0.5}, 1e-14);
}

TEST_CASE("the logits of FAMO follow the paper's recurrence") {
  Reference reference;
  auto training = run(Famo{.rate = 0.1, .gamma = 0.01});
  Three losses{3, 0.5, 20};
  for (int step = 0; step < 6; ++step) {
    const Three after{losses[0] * 0.7, losses[1] * (step < 3 ? 0.99 : 0.5), losses[2] * 1.01};
    Three expected = reference.weights(losses);
    for (double& weight : expected) weight *= 3;
    same(training.take(losses, 1, after), expected, 1e-11);
    reference.step(losses, after, 0.1, 0.01);
    same({training.state.logits()[0], training.state.logits()[1], training.state.logits()[2]}, reference.logits, 1e-10);
    losses = {after[0] * 1.1, after[1], after[2] - 0.5};  // of another batch
  }
}

TEST_CASE("two steps of FAMO by hand") {
  auto training = run(Famo{.rate = 0.1, .gamma = 0, .epsilon = 1e-30});
  training.take({1, 1, 1}, 1, {std::exp(-0.3), 1, std::exp(0.3)});
  // gains 0.3, 0, -0.3 about a mean of 0: the first step of Adam has the length of the rate; the gradient of 0 stays
  CHECK(training.state.logits()[0] == Approx(-0.1).epsilon(1e-6));
  CHECK(training.state.logits()[1] == Approx(0).margin(1e-7));
  CHECK(training.state.logits()[2] == Approx(0.1).epsilon(1e-6));
  const Three weights = training.take({1, 1, 1}, 1, {1, 1, 1});
  const double total = std::exp(-0.1) + 1 + std::exp(0.1);
  same(weights, {3 * std::exp(-0.1) / total, 3 / total, 3 * std::exp(0.1) / total}, 1e-6);
  // no gain: Adam goes on with the memory of 0.1 and -0.1, 0.9 of it
  const double first = 0.9 * 0.1 / (1 - 0.81);
  const double second = std::sqrt(0.999 * 0.001 / (1 - 0.999 * 0.999));
  CHECK(training.state.logits()[0] == Approx(-0.1 - 0.1 * first / second).epsilon(1e-6));
}

TEST_CASE("weight decay leads the logits of FAMO back to equality, and does nothing at 0") {
  auto decayed = run(Famo{.rate = 0.01, .gamma = 0.1});
  for (int step = 0; step < 20; ++step) decayed.take({1, 1, 1}, 1, {0.9, 1, 1});
  const double apart = decayed.state.logits()[2] - decayed.state.logits()[0];
  CHECK(apart > 0.1);
  for (int step = 0; step < 2000; ++step) decayed.take({1, 1, 1}, 1, {1, 1, 1});
  CHECK(std::abs(decayed.state.logits()[2] - decayed.state.logits()[0]) < 0.01 * apart);
}

TEST_CASE("FAMO learns from the losses after the step on the same samples, not from the next batch") {
  auto one = run(Famo{});
  auto other = run(Famo{});
  one.take({1, 1, 1}, 1, {0.5, 1, 1});
  other.take({1, 1, 1}, 1, {1, 1, 0.5});
  CHECK(one.prepare({1, 1, 1})[0] < 1);
  CHECK(other.prepare({1, 1, 1})[0] > 1);
}

TEST_CASE("a task without a label keeps its logit, its memory and its weight in FAMO") {
  auto training = run(Famo{.rate = 0.1, .gamma = 0.1});
  training.take({1, 2, 3}, 1, {0.5, 2, 3});
  const Three before = training.weights();
  const double logit = training.state.logits()[1];
  const Three weights = training.take({1, none, 3}, 1, {0.9, none, 3});
  CHECK(weights[1] == before[1]);
  CHECK(training.state.logits()[1] == logit);
  CHECK(weights[0] + weights[2] == Approx(2).epsilon(1e-14));
  const Three alone = training.take({5, none, none}, 1, {4, none, none});
  CHECK(alone[0] == 1);
  CHECK(training.take({none, none, none}, 1, {none, none, none})[0] == 1);
}

TEST_CASE("losses of 0, tiny and huge ones are no harm to FAMO") {
  auto training = run(Famo{});
  for (const Three& losses : {Three{0, 1, 1e300}, Three{1e-320, 0, 0}, Three{0, 0, 0}}) {
    training.take(losses, 1, {1e300, 0, 1e-300});
    for (const double weight : training.weights()) CHECK(std::isfinite(weight));
    CHECK(sum(training.weights()) == Approx(3).epsilon(1e-12));
  }
  const double before = training.state.logits()[0];
  training.take({1, 1, 1}, 1, {infinity, 1, 1});  // a step that went wrong says nothing of the pace
  CHECK(training.state.logits()[0] == before);
}

TEST_CASE("FAMO names a task whose loss is below its bound, and refuses settings that make no sense") {
  auto training = run(Famo{.lower_bounds = {{"spend", -21}}});
  CHECK_NOTHROW(training.take({-21, 1, 1}));
  CHECK_THROWS_AS(training.take({-22, 1, 1}), TrainingError);
  CHECK_THROWS_WITH(
      training.take({-22, 1, 1}),
      "famo: the loss of task 'spend' is -22 in step 3, below its lower bound of -21; give a lower one in "
      "lower_bounds");
  CHECK_THROWS_WITH(training.take({1, 1, 1}, 1, {1, -0.5, 1}), containing("'click' is -0.5 in step 4"));
  CHECK_THROWS_WITH((Famo{.rate = -1}.begin(tasks)), containing("the rate is -1"));
  CHECK_THROWS_WITH((Famo{.gamma = none}.begin(tasks)), containing("gamma"));
  CHECK_THROWS_WITH((Famo{.epsilon = 0}.begin(tasks)), containing("epsilon is 0"));
  CHECK_THROWS_WITH((Famo{.lower_bounds = {{"clicks", 0}}}.begin(tasks)),
                    "famo: a lower bound is given for 'clicks', which is no task; the tasks are: spend, click, visits");
  CHECK_THROWS_WITH((Famo{.lower_bounds = {{"click", infinity}}}.begin(tasks)), containing("it must be finite"));
}

TEST_CASE("FAMO goes on where it stopped") {
  resumes(Famo{.rate = 0.2, .gamma = 0.01});
  auto other = Famo{.lower_bounds = {{"click", -1}}}.begin(tasks);
  CHECK_THROWS_WITH(restore(save(Famo{}.begin(tasks)), other), containing("another setting of 'lower_bounds'"));
}
