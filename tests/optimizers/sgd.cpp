#include "polytask/optimizers/sgd.hpp"

#include "optimizers/checks.hpp"
#include "polytask/optimizers/any_optimizer.hpp"

using namespace polytask;

static_assert(Optimizer<Sgd, float> && Optimizer<Sgd, double>);
static_assert(Sgd::memory_per_parameter == 0);

TEST_CASE("Sgd takes the steps computed by hand") {
  Run<double> run(1);
  run.parameters[0] = 1;
  run.gradient[0] = 2;
  run.step(Sgd{}, 0.1, 1);
  CHECK(near<double>(run.parameters[0], 0.8));
  run.gradient[0] = -1;
  run.step(Sgd{}, 0.1, 2);
  CHECK(near<double>(run.parameters[0], 0.9));
  run.step(Sgd{.weight_decay = 0.5}, 0.1, 3);  // gradient -1 + 0.5 * 0.9 = -0.55
  CHECK(near<double>(run.parameters[0], 0.955));
}

TEMPLATE_TEST_CASE("Sgd is its rule for runs of every length", "", float, double) {
  for (const double decay : {0.0, 0.3}) {
    check_rule<TestType>(Sgd{.weight_decay = decay}, [&](Number& number, double gradient, double rate, double) {
      number.parameter -= rate * (gradient + decay * number.parameter);
    });
  }
  check_rows<TestType>(Sgd{.weight_decay = 0.3});
  check_zeros<TestType>(Sgd{.weight_decay = 0.3});
}

TEST_CASE("Sgd finds the minimum of a quadratic") {
  CHECK(distance_after<double>(Sgd{.rate = 0.2}, 300) < 1e-12);
  CHECK(distance_after<float>(Sgd{.rate = 0.2}, 300) < 1e-5);
}

TEST_CASE("Sgd does not hide a gradient that is not a number") {
  Run<float> run(20);
  run.gradient[17] = std::nanf("");
  run.step(Sgd{}, 0.1, 1);
  CHECK(std::isnan(run.parameters[17]));
  CHECK(run.parameters[16] == 0);
}

TEST_CASE("Sgd refuses settings that make no sense before the first step") {
  CHECK_NOTHROW(AnyOptimizer<float>(Sgd{}));
  CHECK_THROWS_WITH(AnyOptimizer<float>(Sgd{.weight_decay = -1}),
                    "sgd: weight_decay must be a finite number of at least 0, it is -1");
}

TEST_CASE("Sgd shows its settings, and they can be changed") {
  CHECK(settings(Sgd{.rate = 0.5}) == "rate=0.500000 weight_decay=0.000000 ");
  Sgd changed;
  Sgd::configuration(changed, [](std::string_view name, double& value) {
    if (name == "weight_decay") value = 0.25;
  });
  CHECK(changed.weight_decay == 0.25);
}
