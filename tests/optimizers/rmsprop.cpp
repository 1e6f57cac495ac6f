#include "polytask/optimizers/rmsprop.hpp"

#include "optimizers/checks.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/optimizers/any_optimizer.hpp"

using namespace polytask;

static_assert(Optimizer<RmsProp, float> && Optimizer<RmsProp, double>);
static_assert(RmsProp::memory_per_parameter == 1);

TEST_CASE("RmsProp takes the steps computed by hand") {
  const RmsProp rmsprop{.decay = 0.75, .epsilon = 0.5};
  Run<double> run(1);
  run.parameters[0] = 1;
  run.gradient[0] = 4;
  run.step(rmsprop, 0.25, 1);  // mean 0.25 * 16 = 4: 1 - 0.25 * 4 / (2 + 0.5) = 0.6
  CHECK(near<double>(run.parameters[0], 0.6));
  run.gradient[0] = -2;
  run.step(rmsprop, 0.25, 2);  // mean 0.75 * 4 + 0.25 * 4 = 4: 0.6 + 0.25 * 2 / 2.5 = 0.8
  CHECK(near<double>(run.parameters[0], 0.8));
  CHECK(near<double>(run.memory[0][0], 4));
}

TEMPLATE_TEST_CASE("RmsProp is its rule for runs of every length", "", float, double) {
  for (const double decay : {0.0, 0.3}) {
    check_rule<TestType>(RmsProp{.weight_decay = decay}, [&](Number& number, double gradient, double rate, double) {
      gradient += decay * number.parameter;
      number.memory[0] = 0.99 * number.memory[0] + (1 - 0.99) * gradient * gradient;
      number.parameter -= rate * gradient / (std::sqrt(number.memory[0]) + 1e-8);
    });
  }
  check_rows<TestType>(RmsProp{.weight_decay = 0.3});
  check_zeros<TestType>(RmsProp{.weight_decay = 0.3});
}

TEST_CASE("RmsProp comes near the minimum of a quadratic, to about its rate") {
  CHECK(distance_after<double>(RmsProp{.rate = 1e-3}, 6000) < 2e-3);
  CHECK(distance_after<float>(RmsProp{.rate = 1e-3}, 6000) < 2e-3);
}

TEST_CASE("RmsProp refuses an epsilon that would divide zero by zero") {
  Run<double> run(1);
  CHECK_THROWS_AS(run.step(RmsProp{.epsilon = 0}, 0.1, 1), ArgumentError);
  CHECK_THROWS_WITH(run.step(RmsProp{.epsilon = 0}, 0.1, 1), containing("RmsProp: epsilon must be above 0, it is 0"));
}

TEST_CASE("RmsProp refuses settings that make no sense before the first step") {
  CHECK_NOTHROW(AnyOptimizer<float>(RmsProp{}));
  CHECK_THROWS_WITH(AnyOptimizer<float>(RmsProp{.decay = 1}), "rmsprop: decay must be at least 0 and below 1, it is 1");
  CHECK_THROWS_WITH(AnyOptimizer<float>(RmsProp{.weight_decay = -1}),
                    "rmsprop: weight_decay must be a finite number of at least 0, it is -1");
}

TEST_CASE("RmsProp shows its settings") {
  CHECK(settings(RmsProp{.epsilon = 0.5}) == "rate=0.010000 decay=0.990000 epsilon=0.500000 weight_decay=0.000000 ");
}
