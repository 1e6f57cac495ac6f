#include "polytask/optimizers/adagrad.hpp"

#include "optimizers/checks.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/optimizers/any_optimizer.hpp"

using namespace polytask;

static_assert(Optimizer<Adagrad, float> && Optimizer<Adagrad, double>);
static_assert(Adagrad::memory_per_parameter == 1);

TEST_CASE("Adagrad takes the steps computed by hand") {
  const Adagrad adagrad{.epsilon = 0.5};
  Run<double> run(1);
  run.parameters[0] = 1;
  run.gradient[0] = 3;
  run.step(adagrad, 0.7, 1);  // total 9: 1 - 0.7 * 3 / (3 + 0.5) = 0.4
  CHECK(near<double>(run.parameters[0], 0.4));
  run.gradient[0] = -4;
  run.step(adagrad, 0.55, 2);  // total 25: 0.4 + 0.55 * 4 / (5 + 0.5) = 0.8
  CHECK(near<double>(run.parameters[0], 0.8));
  CHECK(near<double>(run.memory[0][0], 25));
}

TEMPLATE_TEST_CASE("Adagrad is its rule for runs of every length", "", float, double) {
  for (const double decay : {0.0, 0.3}) {
    check_rule<TestType>(Adagrad{.weight_decay = decay}, [&](Number& number, double gradient, double rate, double) {
      gradient += decay * number.parameter;
      number.memory[0] += gradient * gradient;
      number.parameter -= rate * gradient / (std::sqrt(number.memory[0]) + 1e-10);
    });
  }
  check_rows<TestType>(Adagrad{.weight_decay = 0.3});
  check_zeros<TestType>(Adagrad{.weight_decay = 0.3});
}

TEST_CASE("Adagrad finds the minimum of a quadratic") {
  CHECK(distance_after<double>(Adagrad{.rate = 0.5}, 2000) < 1e-10);
  CHECK(distance_after<float>(Adagrad{.rate = 0.5}, 2000) < 1e-5);
}

TEST_CASE("Adagrad refuses an epsilon that would divide zero by zero") {
  Run<double> run(1);
  CHECK_THROWS_AS(run.step(Adagrad{.epsilon = 0}, 0.1, 1), ArgumentError);
  CHECK_THROWS_WITH(run.step(Adagrad{.epsilon = -1}, 0.1, 1), containing("Adagrad: epsilon must be above 0, it is -1"));
  Run<float> single(1);
  CHECK_THROWS_WITH(single.step(Adagrad{.epsilon = 1e-60}, 0.1, 1), containing("it is 1e-60"));
}

TEST_CASE("Adagrad refuses settings that make no sense before the first step") {
  CHECK_NOTHROW(AnyOptimizer<float>(Adagrad{}));
  CHECK_THROWS_WITH(AnyOptimizer<float>(Adagrad{.weight_decay = -1}),
                    "adagrad: weight_decay must be a finite number of at least 0, it is -1");
}

TEST_CASE("Adagrad shows its settings") {
  CHECK(settings(Adagrad{.epsilon = 0.5}) == "rate=0.010000 epsilon=0.500000 weight_decay=0.000000 ");
}
