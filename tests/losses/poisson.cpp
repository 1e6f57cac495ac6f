#include "loss_checks.hpp"

#include "polytask/losses/poisson.hpp"

using polytask::ArgumentError;
using polytask::Poisson;
using polytask::Random;

TEST_CASE("poisson keeps the contract of a loss") {
  const auto label = [](Random& random) { return static_cast<double>(random.below(6)); };
  check_loss(connected(Poisson{}), label);
  check_loss(connected(Poisson{}, 2), label);
}

TEMPLATE_TEST_CASE("poisson has hand-computed values", "", float, double) {
  const auto loss = connected(Poisson{});
  auto two = one_sample<TestType>({0.5}, 2);
  CHECK(two.evaluate(loss) == near_to<TestType>(0.03501563182001875));   // e^0.5 - 1 + 2 log 2 - 2
  CHECK(two.gradient(0, 0) == near_to<TestType>(-0.35127872929987185));  // e^0.5 - 2
  auto none = one_sample<TestType>({-2}, 0, 3);
  CHECK(none.evaluate(loss) == near_to<TestType>(0.40600584970983807));  // 3 e^-2
  CHECK(none.gradient(0, 0) == near_to<TestType>(0.40600584970983807));
  CHECK(one_sample<TestType>({-1000}, 2).value(loss) == near_to<TestType>(2000 + 2 * std::log(2.0) - 2));
  CHECK(predicted<TestType>(loss, {1.5})[0] == near_to<TestType>(4.4816890703380645));
}

TEMPLATE_TEST_CASE("the loss of large counts is not what rounding leaves of their terms", "", float, double) {
  const auto loss = connected(Poisson{});
  for (const double count : {30.0, 1e4, 1e6, 1e9})
    for (const double share : {-0.6, -0.49, -0.01, 0.02, 0.49, 0.51}) {
      CAPTURE(count, share);
      // the logit as the scalar type has it; u of it in double
      const auto logit = static_cast<TestType>(std::log(count) + share);
      const double u = static_cast<double>(logit) - std::log(static_cast<double>(static_cast<TestType>(count)));
      const double expected = count * (std::expm1(u) - u);
      const double tolerance = sizeof(TestType) == 4 ? 1e-3 : 1e-10;  // of u, which is rounded, beside 0.01
      CHECK(one_sample<TestType>({static_cast<double>(logit)}, count).value(loss) ==
            Approx(expected).epsilon(tolerance));
    }
  auto exact = one_sample<TestType>({0}, 1);
  CHECK(exact.evaluate(loss) == 0);
  CHECK(exact.gradient(0, 0) == 0);
}

TEMPLATE_TEST_CASE("poisson goes on as a tangent beyond a logit of 30", "", float, double) {
  const auto loss = connected(Poisson{});
  CHECK(std::exp(Poisson::largest_logit) == Approx(Poisson::largest_rate).epsilon(1e-15));
  const double rate = Poisson::largest_rate;
  auto beyond = one_sample<TestType>({1000}, 5);
  CHECK(beyond.evaluate(loss) == near_to<TestType>(rate * 971 - 5000 + 5 * std::log(5.0) - 5));
  CHECK(beyond.gradient(0, 0) == near_to<TestType>(rate - 5));
  CHECK(predicted<TestType>(loss, {1000})[0] == near_to<TestType>(rate));
}

TEST_CASE("poisson's gradient beyond the limit is the derivative of its value") {
  const auto loss = connected(Poisson{});
  auto beyond = one_sample<double>({33}, 5);
  beyond.evaluate(loss);
  const double difference = one_sample<double>({33.5}, 5).value(loss) - one_sample<double>({32.5}, 5).value(loss);
  CHECK(beyond.gradient(0, 0) == Approx(difference).epsilon(1e-12));
}

TEST_CASE("poisson says what it cannot work with") {
  CHECK_THROWS_AS(Poisson{}.connect(1, 4), ArgumentError);
  CHECK_THROWS_WITH(Poisson{}.connect(1, 4), containing("loss 'poisson' takes labels that are numbers"));
  CHECK(Poisson{}.problem_with(0.0f) == "");
  CHECK(Poisson{}.problem_with(2.5) == "");
  CHECK(Poisson{}.problem_with(-1.0) == "is negative");
  CHECK(Poisson{}.problem_with(std::nan("")) == "is not a finite number");
  CHECK(Poisson{}.problem_with(2e13) == "is more than the largest rate, exp(30)");
  CHECK(setting_names(Poisson{}) == "columns");
}
