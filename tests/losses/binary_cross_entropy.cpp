#include "loss_checks.hpp"

#include "polytask/losses/binary_cross_entropy.hpp"

using polytask::ArgumentError;
using polytask::BinaryCrossEntropy;
using polytask::Random;

TEST_CASE("binary cross-entropy keeps the contract of a loss") {
  const auto label = [](Random& random) { return random.chance(0.4) ? 1.0 : 0.0; };
  check_loss(connected(BinaryCrossEntropy{}), label);
  check_loss(connected(BinaryCrossEntropy{.positive_weight = 3.5}), label);
}

TEMPLATE_TEST_CASE("binary cross-entropy has hand-computed values", "", float, double) {
  const auto loss = connected(BinaryCrossEntropy{});
  auto even = one_sample<TestType>({0}, 1);
  CHECK(even.evaluate(loss) == near_to<TestType>(0.69314718055994531));
  CHECK(even.gradient(0, 0) == near_to<TestType>(-0.5));
  auto wrong = one_sample<TestType>({2}, 0, 3);
  CHECK(wrong.evaluate(loss, TestType(0.5)) == near_to<TestType>(3 * 2.1269280110429725));  // log(1 + e^2)
  CHECK(wrong.gradient(0, 0) == near_to<TestType>(1.5 * 0.88079707797788244));
  auto right = one_sample<TestType>({2}, 1);
  CHECK(right.evaluate(loss) == near_to<TestType>(0.12692801104297252));  // log(1 + e^-2)
  CHECK(right.gradient(0, 0) == near_to<TestType>(-0.11920292202211757));
  CHECK(predicted<TestType>(loss, {-2})[0] == near_to<TestType>(0.11920292202211757));
}

TEMPLATE_TEST_CASE("binary cross-entropy is exact at far logits", "", float, double) {
  const auto loss = connected(BinaryCrossEntropy{});
  auto wrong = one_sample<TestType>({1000}, 0);
  CHECK(wrong.evaluate(loss) == 1000.0);
  CHECK(wrong.gradient(0, 0) == TestType(1));
  auto right = one_sample<TestType>({1000}, 1);
  CHECK(right.evaluate(loss) == Approx(0.0).margin(1e-37));
  CHECK(std::abs(right.gradient(0, 0)) < TestType(1e-37));
  CHECK(one_sample<TestType>({-1000}, 1).value(loss) == 1000.0);
  // log(1 + e^-40) is e^-40, far below the rounding of 1 + e^-40.
  auto small = one_sample<TestType>({40}, 1);
  CHECK(small.evaluate(loss) == Approx(4.248354255291589e-18).epsilon(1e-5));
  CHECK(small.gradient(0, 0) == Approx(-4.248354255291589e-18).epsilon(1e-5));
  CHECK(predicted<TestType>(loss, {1000})[0] == TestType(1));
  CHECK(predicted<TestType>(loss, {-1000})[0] < TestType(1e-37));
}

TEST_CASE("the logistic function keeps all digits, chunk or single") {
  for (const polytask::Index size : {1, 256}) {
    for (const double z : {-700.0, -40.0, -1.0, -1e-3, 0.0, 1e-9, 0.3, 17.0, 36.5, 700.0}) {
      const polytask::Logistic<polytask::Chunk<double>> logistic(Eigen::ArrayXd::Constant(size, z));
      CHECK(logistic.positive[size - 1] == Approx(1 / (1 + std::exp(-z))).epsilon(1e-14).margin(1e-305));
      CHECK(logistic.negative[size - 1] == Approx(1 / (1 + std::exp(z))).epsilon(1e-14).margin(1e-305));
      const double softplus = (std::max)(z, 0.0) + std::log1p(std::exp(-std::abs(z)));
      const double opposite = (std::max)(-z, 0.0) + std::log1p(std::exp(-std::abs(z)));
      CHECK(logistic.negative_surprise[size - 1] == Approx(softplus).epsilon(1e-14).margin(1e-305));
      CHECK(logistic.positive_surprise[size - 1] == Approx(opposite).epsilon(1e-14).margin(1e-305));
    }
  }
}

TEST_CASE("the positive weight multiplies the loss of positives only") {
  const auto plain = connected(BinaryCrossEntropy{});
  const auto weighted = connected(BinaryCrossEntropy{.positive_weight = 4});
  auto positive = one_sample<double>({0.7}, 1);
  auto negative = one_sample<double>({0.7}, 0);
  const double positive_value = positive.evaluate(plain);
  const double positive_slope = positive.gradient(0, 0);
  CHECK(positive.evaluate(weighted) == Approx(4 * positive_value).epsilon(1e-15));
  CHECK(positive.gradient(0, 0) == Approx(4 * positive_slope).epsilon(1e-15));
  CHECK(negative.value(weighted) == negative.value(plain));
}

TEST_CASE("binary cross-entropy says what it cannot work with") {
  CHECK_THROWS_AS(BinaryCrossEntropy{}.connect(3, 0), ArgumentError);
  CHECK_THROWS_WITH(BinaryCrossEntropy{}.connect(3, 0),
                    "loss 'binary_cross_entropy' takes one label column, but the task has 3");
  CHECK_THROWS_WITH(BinaryCrossEntropy{}.connect(1, 5),
                    "loss 'binary_cross_entropy' takes labels that are 0 or 1, or of two classes, but the label column "
                    "holds 5 class names");
  CHECK_THROWS_WITH(BinaryCrossEntropy{.positive_weight = -1}.connect(1, 0),
                    "loss 'binary_cross_entropy' needs a positive weight, but it is -1");
  CHECK_NOTHROW(BinaryCrossEntropy{}.connect(1, 2));
  CHECK(BinaryCrossEntropy{}.problem_with(0.0) == "");
  CHECK(BinaryCrossEntropy{}.problem_with(1.0f) == "");
  CHECK(BinaryCrossEntropy{}.problem_with(0.5) == "is not 0 or 1");
  CHECK(BinaryCrossEntropy{}.problem_with(std::nan("")) == "is not 0 or 1");
  CHECK(setting_names(BinaryCrossEntropy{}) == "positive_weight");
}
