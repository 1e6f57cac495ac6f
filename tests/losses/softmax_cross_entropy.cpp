#include "loss_checks.hpp"

#include "polytask/losses/binary_cross_entropy.hpp"
#include "polytask/losses/softmax_cross_entropy.hpp"

using polytask::ArgumentError;
using polytask::Index;
using polytask::Random;
using polytask::SoftmaxCrossEntropy;

TEST_CASE("softmax cross-entropy keeps the contract of a loss") {
  for (const Index classes : {2, 5, 300}) {
    const auto label = [=](Random& random) {
      return static_cast<double>(random.below(static_cast<std::uint64_t>(classes)));
    };
    if (classes < 300) {
      check_loss(connected(SoftmaxCrossEntropy{.classes = classes}), label);
      check_loss(connected(SoftmaxCrossEntropy{.label_smoothing = 0.2}, 1, classes), label);
    } else {
      auto batch = random_batch<double>(connected(SoftmaxCrossEntropy{}, 1, classes), label, 3);
      const auto loss = connected(SoftmaxCrossEntropy{}, 1, classes);
      CHECK(batch.evaluate(loss) == Approx(batch.value(loss)).epsilon(1e-14));
      CHECK(batch.gradient.colwise().sum().isZero(1e-13));
    }
  }
}

TEMPLATE_TEST_CASE("softmax cross-entropy has hand-computed values", "", float, double) {
  const auto loss = connected(SoftmaxCrossEntropy{.classes = 3});
  // Odds 1 : 2 : 5.
  auto batch = one_sample<TestType>({0, std::log(2.0), std::log(5.0)}, 1, 3);
  CHECK(batch.evaluate(loss, TestType(0.5)) == near_to<TestType>(3 * std::log(4.0)));
  CHECK(batch.gradient(0, 0) == near_to<TestType>(1.5 * 0.125));
  CHECK(batch.gradient(1, 0) == near_to<TestType>(1.5 * -0.75));
  CHECK(batch.gradient(2, 0) == near_to<TestType>(1.5 * 0.625));
  const auto probabilities = predicted<TestType>(loss, {0, std::log(2.0), std::log(5.0)});
  CHECK(probabilities[0] == near_to<TestType>(0.125));
  CHECK(probabilities[1] == near_to<TestType>(0.25));
  CHECK(probabilities[2] == near_to<TestType>(0.625));

  auto far = one_sample<TestType>({1000, -1000, 0}, 1);
  CHECK(far.evaluate(loss) == 2000.0);
  CHECK(far.gradient(0, 0) == near_to<TestType>(1));
  CHECK(far.gradient(1, 0) == near_to<TestType>(-1));
  CHECK(predicted<TestType>(loss, {1000, -1000, 0})[0] == near_to<TestType>(1));
}

TEMPLATE_TEST_CASE("label smoothing spreads a part of the target over all classes", "", float, double) {
  const auto loss = connected(SoftmaxCrossEntropy{.classes = 3, .label_smoothing = 0.3});
  auto batch = one_sample<TestType>({0, std::log(2.0), std::log(5.0)}, 1);
  // targets 0.1, 0.8, 0.1 against probabilities 1/8, 1/4, 5/8
  CHECK(batch.evaluate(loss) == near_to<TestType>(0.1 * std::log(8.0) + 0.8 * std::log(4.0) + 0.1 * std::log(1.6)));
  CHECK(batch.gradient(0, 0) == near_to<TestType>(0.025));
  CHECK(batch.gradient(1, 0) == near_to<TestType>(-0.55));
  CHECK(batch.gradient(2, 0) == near_to<TestType>(0.525));
}

TEST_CASE("softmax cross-entropy of two classes is binary cross-entropy of the difference") {
  const auto loss = connected(SoftmaxCrossEntropy{}, 1, 2);
  const auto binary = connected(polytask::BinaryCrossEntropy{});
  CHECK(one_sample<double>({0.3, 1.7}, 1).value(loss) ==
        Approx(one_sample<double>({1.4}, 1).value(binary)).epsilon(1e-14));
}

TEMPLATE_TEST_CASE("softmax cross-entropy of a sure label is small, and not 0", "", float, double) {
  const auto loss = connected(SoftmaxCrossEntropy{.classes = 3});
  for (const double margin : {17.5, 30.0, 60.0}) {
    CAPTURE(margin);
    auto sure = one_sample<TestType>({margin, 0, 0}, 0);
    const double other = std::exp(-margin);
    CHECK(sure.evaluate(loss) == Approx(2 * other).epsilon(1e-6));
    CHECK(sure.value(loss) == Approx(2 * other).epsilon(1e-6));
    CHECK(sure.gradient(0, 0) == Approx(-2 * other).epsilon(1e-6));
    CHECK(sure.gradient(1, 0) == Approx(other).epsilon(1e-6));
  }
}

TEST_CASE("softmax cross-entropy says what it cannot work with") {
  CHECK_THROWS_AS(SoftmaxCrossEntropy{}.connect(1, 0), ArgumentError);
  CHECK_THROWS_WITH(SoftmaxCrossEntropy{}.connect(1, 0),
                    "loss 'softmax_cross_entropy' cannot know the number of classes: set it, as in .classes = 5, or "
                    "give it a label column of class names");
  CHECK_THROWS_WITH(SoftmaxCrossEntropy{.classes = 4}.connect(1, 3),
                    "loss 'softmax_cross_entropy' is set to 4 classes, but the labels have 3");
  CHECK_THROWS_WITH(SoftmaxCrossEntropy{}.connect(1, 1),
                    "loss 'softmax_cross_entropy' needs at least 2 classes, but there are 1");
  CHECK_THROWS_WITH(SoftmaxCrossEntropy{.classes = -2}.connect(1, 0),
                    "loss 'softmax_cross_entropy' is set to -2 classes");
  CHECK_THROWS_WITH(SoftmaxCrossEntropy{}.connect(2, 3), containing("takes one label column, but the task has 2"));
  CHECK_THROWS_WITH(SoftmaxCrossEntropy{.label_smoothing = 1}.connect(1, 3),
                    "loss 'softmax_cross_entropy' needs a label smoothing in [0, 1), but it is 1");
  const auto loss = connected(SoftmaxCrossEntropy{}, 1, 3);
  CHECK(loss.classes == 3);
  CHECK(loss.outputs() == 3);
  CHECK(loss.label_rows() == 1);
  CHECK(loss.prediction_rows() == 3);
  CHECK(loss.problem_with(2.0) == "");
  CHECK(loss.problem_with(3.0) == "is not a class number from 0 to 2");
  CHECK(loss.problem_with(-1.0f) == "is not a class number from 0 to 2");
  CHECK(loss.problem_with(0.5) == "is not a class number from 0 to 2");
  CHECK(loss.problem_with(std::nan("")) == "is not a class number from 0 to 2");
  CHECK(setting_names(loss) == "classes label_smoothing");
}
