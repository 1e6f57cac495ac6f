#include "loss_checks.hpp"

#include "polytask/losses/huber.hpp"

using polytask::ArgumentError;
using polytask::Huber;
using polytask::Random;

TEST_CASE("huber keeps the contract of a loss") {
  const auto label = [](Random& random) { return random.normal(); };
  check_loss(connected(Huber{}), label);
  check_loss(connected(Huber{.delta = 2.5}, 2), label);
}

TEMPLATE_TEST_CASE("huber has hand-computed values on both sides of delta", "", float, double) {
  const auto loss = connected(Huber{.delta = 2});
  auto inside = one_sample<TestType>({2.5}, 1);
  CHECK(inside.evaluate(loss) == 1.125);  // 1.5^2 / 2
  CHECK(inside.gradient(0, 0) == TestType(1.5));
  auto at = one_sample<TestType>({-1}, 1);
  CHECK(at.evaluate(loss) == 2.0);
  CHECK(at.gradient(0, 0) == TestType(-2));
  auto below = one_sample<TestType>({-4}, 1, 3);
  CHECK(below.evaluate(loss, TestType(0.5)) == 24.0);  // 3 * 2 (5 - 1)
  CHECK(below.gradient(0, 0) == TestType(-3));         // 0.5 * 3 * -2
  CHECK(one_sample<TestType>({1000}, 0).value(loss) == 1998.0);
  CHECK(predicted<TestType>(loss, {7.25}) == std::vector<TestType>{TestType(7.25)});
}

TEST_CASE("huber says what it cannot work with") {
  CHECK_THROWS_AS(Huber{.delta = 0}.connect(1, 0), ArgumentError);
  CHECK_THROWS_WITH(Huber{.delta = 0}.connect(1, 0), "loss 'huber' needs a positive delta, but it is 0");
  CHECK_THROWS_WITH(Huber{.delta = std::nan("")}.connect(1, 0), containing("positive delta"));
  CHECK_THROWS_WITH(Huber{}.connect(1, 2), containing("holds 2 class names"));
  CHECK_THROWS_WITH(Huber{.columns = 1}.connect(2, 0), containing("is set to 1 columns, but the labels have 2"));
  CHECK(Huber{}.problem_with(1.0) == "");
  CHECK(Huber{}.problem_with(std::nan("")) == "is not a finite number");
  CHECK(setting_names(Huber{}) == "delta columns");
}
