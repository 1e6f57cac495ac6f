#include "polytask/optimizers/adam.hpp"

#include "optimizers/checks.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/optimizers/any_optimizer.hpp"

using namespace polytask;

static_assert(Optimizer<Adam, float> && Optimizer<Adam, double>);
static_assert(Adam::memory_per_parameter == 2);

TEST_CASE("Adam takes the steps computed by hand") {
  const Adam adam{.first_decay = 0.5, .second_decay = 0.75, .epsilon = 1};
  Run<double> run(1);
  run.parameters[0] = 1;
  run.gradient[0] = 4;
  run.step(adam, 0.5, 1);  // first 2 / 0.5 = 4, second 4 / 0.25 = 16: 1 - 0.5 * 4 / (4 + 1) = 0.6
  CHECK(near<double>(run.parameters[0], 0.6));
  run.gradient[0] = -2;
  run.step(adam, 0.5, 2);  // first (1 - 1) / 0.75 = 0: stays
  CHECK(near<double>(run.parameters[0], 0.6));
  CHECK(near<double>(run.memory[0][0], 0));
  CHECK(near<double>(run.memory[1][0], 4));  // 0.75 * 4 + 0.25 * 4
  run.gradient[0] = 3;
  run.step(adam, 0.5, 3);  // first 1.5 / 0.875, second (3 + 2.25) / (1 - 0.421875)
  CHECK(near<double>(run.parameters[0], 0.6 - 0.5 * (1.5 / 0.875) / (std::sqrt(5.25 / 0.578125) + 1)));
}

TEMPLATE_TEST_CASE("Adam is its rule for runs of every length", "", float, double) {
  for (const double decay : {0.0, 0.3}) {
    check_rule<TestType>(Adam{.weight_decay = decay}, [&](Number& number, double gradient, double rate, double step) {
      gradient += decay * number.parameter;
      number.memory[0] = 0.9 * number.memory[0] + (1 - 0.9) * gradient;
      number.memory[1] = 0.999 * number.memory[1] + (1 - 0.999) * gradient * gradient;
      const double first = number.memory[0] / (1 - std::pow(0.9, step));
      const double second = std::sqrt(number.memory[1]) / std::sqrt(1 - std::pow(0.999, step));
      number.parameter -= rate * first / (second + 1e-8);
    });
  }
  check_rows<TestType>(Adam{.weight_decay = 0.3});
  check_zeros<TestType>(Adam{.weight_decay = 0.3});
}

TEMPLATE_TEST_CASE("Adam's first step is the rate, whatever the size of the gradient", "", float, double) {
  for (const double size : {1e-3, 1.0, 1e6}) {
    Run<TestType> run(1);
    run.gradient[0] = static_cast<TestType>(-size);
    run.step(Adam{}, 0.25, 1);
    CHECK(run.parameters[0] == Approx(0.25).epsilon(2e-5));
  }
}

TEST_CASE("Adam finds the minimum of a quadratic") {
  CHECK(distance_after<double>(Adam{.rate = 0.05}, 2000) < 1e-8);
  CHECK(distance_after<float>(Adam{.rate = 0.05}, 2000) < 1e-4);
}

TEST_CASE("Adam still steps after millions of steps") {
  Run<float> run(3);
  run.gradient.assign(3, 1.0f);
  run.memory[0].assign(3, 1.0f);
  run.memory[1].assign(3, 1.0f);
  run.step(Adam{}, 0.125, 100'000'000);
  CHECK(run.parameters[2] == Approx(-0.125));
}

TEST_CASE("Adam refuses an epsilon that would divide zero by zero") {
  Run<double> run(1);
  CHECK_THROWS_AS(run.step(Adam{.epsilon = 0}, 0.1, 1), ArgumentError);
  CHECK_THROWS_WITH(run.step(Adam{.epsilon = 0}, 0.1, 1), containing("Adam, AdamW: epsilon must be above 0, it is 0"));
}

TEST_CASE("Adam refuses settings that make no sense before the first step") {
  CHECK_NOTHROW(AnyOptimizer<float>(Adam{}));
  CHECK_THROWS_WITH(AnyOptimizer<float>(Adam{.first_decay = 1}),
                    "adam: first_decay must be at least 0 and below 1, it is 1");
  CHECK_THROWS_WITH(AnyOptimizer<float>(Adam{.second_decay = 1.5}),
                    "adam: second_decay must be at least 0 and below 1, it is 1.5");
  CHECK_THROWS_WITH(AnyOptimizer<float>(Adam{.weight_decay = -5}),
                    "adam: weight_decay must be a finite number of at least 0, it is -5");
}

TEST_CASE("Adam shows its settings") {
  CHECK(settings(Adam{.epsilon = 0.5}) ==
        "rate=0.001000 first_decay=0.900000 second_decay=0.999000 epsilon=0.500000 weight_decay=0.000000 ");
}
