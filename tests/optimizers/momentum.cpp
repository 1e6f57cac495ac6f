#include "polytask/optimizers/momentum.hpp"

#include "optimizers/checks.hpp"
#include "polytask/optimizers/any_optimizer.hpp"

using namespace polytask;

static_assert(Optimizer<Momentum, float> && Optimizer<Momentum, double>);
static_assert(Optimizer<Nesterov, float> && Optimizer<Nesterov, double>);
static_assert(Momentum::memory_per_parameter == 1 && Nesterov::memory_per_parameter == 1);

TEST_CASE("Momentum takes the steps computed by hand") {
  Run<double> run(1);
  run.parameters[0] = 1;
  run.gradient[0] = 2;
  run.step(Momentum{.momentum = 0.5}, 0.1, 1);  // velocity 2
  CHECK(near<double>(run.parameters[0], 0.8));
  run.gradient[0] = -1;
  run.step(Momentum{.momentum = 0.5}, 0.1, 2);  // velocity 0.5 * 2 - 1 = 0
  CHECK(near<double>(run.parameters[0], 0.8));
  CHECK(near<double>(run.memory[0][0], 0.0));
  run.gradient[0] = 3;
  run.step(Momentum{.momentum = 0.5, .weight_decay = 0.5}, 0.1, 3);  // velocity 3 + 0.4
  CHECK(near<double>(run.parameters[0], 0.46));
}

TEST_CASE("Nesterov takes the steps computed by hand") {
  Run<double> run(1);
  run.parameters[0] = 1;
  run.gradient[0] = 2;
  run.step(Nesterov{.momentum = 0.5}, 0.1, 1);  // velocity 2, direction 2 + 0.5 * 2 = 3
  CHECK(near<double>(run.parameters[0], 0.7));
  run.gradient[0] = -1;
  run.step(Nesterov{.momentum = 0.5}, 0.1, 2);  // velocity 0, direction -1
  CHECK(near<double>(run.parameters[0], 0.8));
}

TEMPLATE_TEST_CASE("Momentum and Nesterov are their rules for runs of every length", "", float, double) {
  for (const double decay : {0.0, 0.3}) {
    check_rule<TestType>(Momentum{.momentum = 0.8, .weight_decay = decay},
                         [&](Number& number, double gradient, double rate, double) {
                           gradient += decay * number.parameter;
                           number.memory[0] = 0.8 * number.memory[0] + gradient;
                           number.parameter -= rate * number.memory[0];
                         });
    const auto nesterov = [&](Number& number, double gradient, double rate, double) {
      gradient += decay * number.parameter;
      number.memory[0] = 0.8 * number.memory[0] + gradient;
      number.parameter -= rate * (gradient + 0.8 * number.memory[0]);
    };
    check_rule<TestType>(Nesterov{.momentum = 0.8, .weight_decay = decay}, nesterov);
    check_rule<TestType>(Momentum{.momentum = 0.8, .nesterov = true, .weight_decay = decay}, nesterov);
  }
  check_rows<TestType>(Momentum{.weight_decay = 0.3});
  check_rows<TestType>(Nesterov{.weight_decay = 0.3});
  check_zeros<TestType>(Momentum{.weight_decay = 0.3});
  check_zeros<TestType>(Nesterov{.weight_decay = 0.3});
}

TEST_CASE("Momentum and Nesterov find the minimum of a quadratic") {
  CHECK(distance_after<double>(Momentum{.rate = 0.05}, 600) < 1e-10);
  CHECK(distance_after<double>(Nesterov{.rate = 0.05}, 600) < 1e-10);
  CHECK(distance_after<float>(Nesterov{.rate = 0.05}, 600) < 1e-5);
}

TEST_CASE("Momentum refuses settings that make no sense before the first step") {
  CHECK_NOTHROW(AnyOptimizer<float>(Momentum{}));
  CHECK_THROWS_WITH(AnyOptimizer<float>(Momentum{.momentum = -3}),
                    "momentum: momentum must be at least 0 and below 1, it is -3");
  CHECK_THROWS_WITH(AnyOptimizer<float>(Momentum{.weight_decay = -1}),
                    "momentum: weight_decay must be a finite number of at least 0, it is -1");
  CHECK_THROWS_WITH(AnyOptimizer<float>(Nesterov{.momentum = 1}),
                    "nesterov: momentum must be at least 0 and below 1, it is 1");
}

TEST_CASE("Momentum and Nesterov show their settings") {
  CHECK(settings(Momentum{}) == "rate=0.010000 momentum=0.900000 nesterov=0 weight_decay=0.000000 ");
  CHECK(settings(Nesterov{}) == "rate=0.010000 momentum=0.900000 weight_decay=0.000000 ");
}
