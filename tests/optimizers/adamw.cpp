#include "polytask/optimizers/adamw.hpp"

#include "optimizers/checks.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/optimizers/any_optimizer.hpp"

using namespace polytask;

static_assert(Optimizer<AdamW, float> && Optimizer<AdamW, double>);
static_assert(AdamW::memory_per_parameter == 2);

TEST_CASE("AdamW takes the steps computed by hand") {
  const AdamW adamw{.first_decay = 0.5, .second_decay = 0.75, .epsilon = 1, .weight_decay = 0.2};
  Run<double> run(1);
  run.parameters[0] = 1;
  run.gradient[0] = 4;
  run.step(adamw, 0.5, 1);  // 1 * (1 - 0.5 * 0.2) - 0.5 * 4 / (4 + 1) = 0.5
  CHECK(near<double>(run.parameters[0], 0.5));
  run.gradient[0] = -2;
  run.step(adamw, 0.5, 2);  // first is 0: only the decay
  CHECK(near<double>(run.parameters[0], 0.45));
}

TEMPLATE_TEST_CASE("AdamW is its rule for runs of every length", "", float, double) {
  for (const double decay : {0.0, 0.3}) {
    check_rule<TestType>(AdamW{.weight_decay = decay}, [&](Number& number, double gradient, double rate, double step) {
      number.parameter *= 1 - rate * decay;
      number.memory[0] = 0.9 * number.memory[0] + (1 - 0.9) * gradient;
      number.memory[1] = 0.999 * number.memory[1] + (1 - 0.999) * gradient * gradient;
      const double first = number.memory[0] / (1 - std::pow(0.9, step));
      const double second = std::sqrt(number.memory[1]) / std::sqrt(1 - std::pow(0.999, step));
      number.parameter -= rate * first / (second + 1e-8);
    });
  }
  check_rows<TestType>(AdamW{.weight_decay = 0.3});
  check_zeros<TestType>(AdamW{.weight_decay = 0.3});
}

TEST_CASE("AdamW finds the minimum of a quadratic") {
  CHECK(distance_after<double>(AdamW{.rate = 0.05, .weight_decay = 0}, 2000) < 1e-8);
  CHECK(distance_after<float>(AdamW{.rate = 0.05, .weight_decay = 0}, 2000) < 1e-4);
}

TEST_CASE("AdamW refuses an epsilon that would divide zero by zero") {
  Run<float> run(1);
  CHECK_THROWS_AS(run.step(AdamW{.epsilon = 0}, 0.1, 1), ArgumentError);
}

TEST_CASE("AdamW refuses settings that make no sense before the first step") {
  CHECK_NOTHROW(AnyOptimizer<float>(AdamW{}));
  CHECK_THROWS_WITH(AnyOptimizer<float>(AdamW{.first_decay = -0.1}),
                    "adamw: first_decay must be at least 0 and below 1, it is -0.1");
  CHECK_THROWS_WITH(AnyOptimizer<float>(AdamW{.second_decay = 1}),
                    "adamw: second_decay must be at least 0 and below 1, it is 1");
  CHECK_THROWS_WITH(AnyOptimizer<float>(AdamW{.weight_decay = -1}),
                    "adamw: weight_decay must be a finite number of at least 0, it is -1");
}

TEST_CASE("AdamW shows its settings") {
  CHECK(settings(AdamW{.epsilon = 0.5}) ==
        "rate=0.001000 first_decay=0.900000 second_decay=0.999000 epsilon=0.500000 weight_decay=0.010000 ");
}
