#include "polytask/weighting/bounded.hpp"

#include "checks.hpp"
#include "polytask/weighting/any_weighting.hpp"
#include "polytask/weighting/famo.hpp"
#include "polytask/weighting/fixed.hpp"
#include "polytask/weighting/grad_norm.hpp"
#include "polytask/weighting/scale_invariant.hpp"
#include "polytask/weighting/uncertainty.hpp"

using namespace polytask;
using namespace weighting_checks;

static_assert(Weighting<Bounded<GradNorm>> && Weighting<Bounded<AnyWeighting>> && Weighting<Bounded<Bounded<Famo>>>);
static_assert(needs_shared_layer<Bounded<GradNorm>> && !needs_shared_layer<Bounded<Uncertainty>>);
static_assert(Bounded<Famo>::needs().losses_after && Bounded<Famo>::needs().losses_first);

TEST_CASE("bounded weights are those of the rule between floor and ceiling, and are not scaled") {
  auto training = run(Bounded{ScaleInvariant{}, {.floor = 0.1, .ceiling = 3}});
  CHECK(training.take({2, 0.1, 100}) == Three{0.5, 3, 0.1});
  same(training.take({2, 0.5, 4}), {0.5, 2, 0.25});
  auto free = run(Bounded{ScaleInvariant{}});
  same(free.take({2, 1e-9, 1e9}), {0.5, 1e9, 1e-9});
}

TEST_CASE("a task has its own bounds in place of the common ones") {
  auto training = run(Bounded{Fixed{{{"spend", 5}, {"click", 0}, {"visits", 5}}},
                              {.ceiling = 2},
                              {{"visits", {.ceiling = infinity}}, {"click", {.floor = 0.5, .ceiling = 0.75}}}});
  CHECK(training.take({1, 1, 1}) == Three{2, 0.5, 5});
  CHECK(training.state.inner().weights()[0] == 5);
}

TEST_CASE("a bounded rule has the name and the needs of the rule") {
  const Bounded norm{GradNorm{}, {.floor = 0.1}};
  CHECK(norm.name == "gradnorm");
  CHECK(norm.needs().gradient_norms);
  const Bounded any{AnyWeighting(Famo{}), {.floor = 0.1}};
  CHECK(any.name == "famo");
  CHECK(any.needs().losses_after);
  CHECK(AnyWeighting(norm).name == "gradnorm");
}

TEST_CASE("GradNorm under bounds is told with which weights the step was taken, and does not wind up") {
  auto bounded = run(Bounded{GradNorm{.alpha = 0, .rate = 0.05}, {.floor = 0.8, .ceiling = 1.2}});
  auto plain = run(GradNorm{.alpha = 0, .rate = 0.05});
  for (int step = 0; step < 400; ++step) {
    bounded.prepare({1, 1, 1});
    bounded.update({1, 1, 1}, 1, {1, 1, 1}, {4, 1, 1});
    plain.prepare({1, 1, 1});
    plain.update({1, 1, 1}, 1, {1, 1, 1}, {4, 1, 1});
    // the rule within sees the same raw gradient norms, so that it goes as it would without bounds
    for (std::size_t task = 0; task < 3; ++task)
      REQUIRE(bounded.state.inner().weights()[task] == Approx(plain.weights()[task]).epsilon(1e-9));
  }
  CHECK(plain.weights()[0] < 0.8);
  CHECK(plain.weights()[1] > 1.2);
  CHECK(bounded.weights()[0] == 0.8);
  CHECK(bounded.weights()[1] == 1.2);
}

TEST_CASE("GradNorm leaves a task out whose weight was bounded to 0") {
  auto training = run(Bounded{GradNorm{.alpha = 0, .rate = 0.05}, {}, {{"visits", {.ceiling = 0}}}});
  CHECK(training.prepare({1, 1, 1}) == Three{1, 1, 0});
  training.update({1, 1, 1}, 1, {1, 1, 1}, {2, 1, 5});
  // norms 2 and 1 about 1.5: slopes 2 and -1, then the sum of 2 again
  CHECK(training.weights()[0] == Approx(0.9 * 2 / 1.95).epsilon(1e-13));
  CHECK(training.weights()[1] == Approx(1.05 * 2 / 1.95).epsilon(1e-13));
  CHECK(training.weights()[2] == 0);
  CHECK(training.state.inner().weights()[2] == 1);
}

TEST_CASE("bounds that make no sense are refused") {
  CHECK_THROWS_WITH((Bounded{Equal{}, {.floor = -0.5}}.begin(tasks)),
                    "the floor of the weight of 'spend' is -0.5; it must be finite and at least 0");
  CHECK_THROWS_WITH((Bounded{Equal{}, {}, {{"visits", {.floor = 2, .ceiling = 1}}}}.begin(tasks)),
                    "the ceiling of the weight of 'visits' is 1; it must be at least the floor, 2");
  CHECK_THROWS_WITH((Bounded{Equal{}, {.ceiling = none}}.begin(tasks)), containing("the ceiling of the weight"));
  CHECK_THROWS_WITH(
      (Bounded{Equal{}, {}, {{"visit", {}}}}.begin(tasks)),
      "a bound of the weight is given for 'visit', which is no task; the tasks are: spend, click, visits");
}

TEST_CASE("bounded weights go on where they stopped") {
  resumes(Bounded{Famo{.rate = 0.3}, {.floor = 0.2, .ceiling = 1.5}});
  resumes(Bounded{GradNorm{.rate = 0.3}, {.floor = 0.9, .ceiling = 1.05}});
  resumes(Bounded{Uncertainty{.rate = 0.3}, {.floor = 0.3}});
  resumes(Bounded{AnyWeighting(Famo{.rate = 0.3}), {.floor = 0.2, .ceiling = 1.5}});
  auto other = Bounded{Equal{}, {.floor = 0.25}}.begin(tasks);
  CHECK_THROWS_WITH(restore(save(Bounded{Equal{}}.begin(tasks)), other), containing("another setting of 'floors'"));
}
