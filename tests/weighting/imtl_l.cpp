#include "polytask/weighting/imtl_l.hpp"

#include "checks.hpp"
#include "polytask/weighting/uncertainty.hpp"

using namespace polytask;
using namespace weighting_checks;

static_assert(Weighting<ImtlL>);

namespace {

constexpr std::array<LossKind, 3> regressions{LossKind::regression, LossKind::regression, LossKind::regression};

}  // namespace

TEST_CASE("two steps of IMTL-L by hand") {
  auto training = run(ImtlL{.rate = 0.01});
  CHECK(training.take({3, 0.5, 1}) == Three{1, 1, 1});
  // gradients exp(0) L - 1 = 2, -0.5, 0: the first step of Adam has the length of the rate
  Three weights = training.take({3, 0.5, 1});
  same(weights, {std::exp(-0.01), std::exp(0.01), 1}, 1e-9);
  double s = -0.01;
  const double gradient = 3 * std::exp(s) - 1;
  const double first = 0.9 * 0.1 * 2 + 0.1 * gradient;
  const double second = 0.999 * 0.001 * 4 + 0.001 * gradient * gradient;
  s -= 0.01 * first / (1 - 0.81) / std::sqrt(second / (1 - 0.999 * 0.999));
  CHECK(training.weights()[0] == Approx(std::exp(s)).epsilon(1e-9));
}

TEST_CASE("IMTL-L brings every weighted loss to 1") {
  auto training = run(ImtlL{.rate = 0.05});
  for (int step = 0; step < 4000; ++step) training.take({4, 0.1, 1});
  same(training.weights(), {0.25, 10, 1}, 1e-3);
}

TEST_CASE("IMTL-L is twice the uncertainty weighting of a regression with the other sign") {
  for (const double start : {-0.7, 0.0, 1.3}) {
    const auto imtl = ImtlL{.start = start}.begin(tasks);
    const auto uncertainty = Uncertainty{.start = -start}.begin(WeightedTasks{names, regressions});
    for (std::size_t task = 0; task < 3; ++task) CHECK(imtl.weights()[task] == 2 * uncertainty.weights()[task]);
  }
  // its gradients are -2 times the others', which Adam does not see but for its epsilon
  auto imtl = run(ImtlL{.rate = 0.02});
  auto uncertainty = Uncertainty{.rate = 0.02}.begin(WeightedTasks{names, regressions});
  for (Index step = 1; step <= 50; ++step) {
    const Three losses = some_losses(step);
    imtl.take(losses);
    uncertainty.update(StepSignals{.losses = losses, .step = step});
    for (std::size_t task = 0; task < 3; ++task)
      CHECK(imtl.weights()[task] == Approx(2 * uncertainty.weights()[task]).epsilon(1e-7));
  }
}

TEST_CASE("a task without a label keeps its s in IMTL-L, and losses below 0 or huge ones end at the bound") {
  auto training = run(ImtlL{.rate = 0.1, .largest = 3});
  for (int step = 0; step < 500; ++step) training.take({none, -2, 1e20});
  same(training.weights(), {1, std::exp(3.0), std::exp(-3.0)});
  training.take({2, none, none});
  CHECK(training.weights()[0] == Approx(std::exp(-0.1)).epsilon(1e-8));  // its own first step
}

TEST_CASE("IMTL-L refuses settings that make no sense, and goes on where it stopped") {
  CHECK_THROWS_WITH((ImtlL{.rate = none}.begin(tasks)), containing("imtl_l: the rate is"));
  CHECK_THROWS_WITH((ImtlL{.largest = 0}.begin(tasks)), containing("largest is 0"));
  CHECK_THROWS_WITH((ImtlL{.start = 11}.begin(tasks)), containing("the first s is 11"));
  resumes(ImtlL{.rate = 0.3});
  auto other = ImtlL{.rate = 0.1}.begin(tasks);
  CHECK_THROWS_WITH(restore(save(ImtlL{}.begin(tasks)), other), containing("another setting of 'rate'"));
}
