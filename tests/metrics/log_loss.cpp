#include "polytask/metrics/log_loss.hpp"

#include "metrics/evaluations.hpp"

using namespace polytask;

TEST_CASE("Log loss of one row of probabilities, by hand") {
  CHECK(log_loss(rows({0.8, 0.4}, {1, 0})) == Approx(-(std::log(0.8) + std::log(0.6)) / 2).epsilon(1e-14));
  CHECK(log_loss(rows({0.8, 0.4}, {1, 0}, {3, 1})) == Approx(-(3 * std::log(0.8) + std::log(0.6)) / 4).epsilon(1e-14));
  CHECK(log_loss(rows({0.8, nothing, 0.4}, {1, nothing, 0}, {1, 0, 1})) ==
        Approx(log_loss(rows({0.8, 0.4}, {1, 0}))).epsilon(1e-15));
}

TEST_CASE("Log loss of class probabilities, by hand") {
  Evaluation evaluation = rows({0, 0}, {2, 0}, {1, 2});
  evaluation.predictions.resize(3, 2);
  evaluation.predictions << 0.1, 0.7, 0.2, 0.2, 0.7, 0.1;
  CHECK(log_loss(evaluation) == Approx(-(std::log(0.7) + 2 * std::log(0.7)) / 3).epsilon(1e-14));
  evaluation.predictions(0, 1) = 0.5;
  CHECK(log_loss(evaluation) == Approx(-(std::log(0.7) + 2 * std::log(0.5)) / 3).epsilon(1e-14));
}

TEST_CASE("A sure mistake is dear but not infinite") {
  CHECK(log_loss(rows({0}, {1})) == Approx(-std::log(1e-15)).epsilon(1e-12));
  CHECK(log_loss(rows({1}, {0})) == Approx(-std::log(1e-15)).epsilon(1e-12));
  CHECK(log_loss(rows({1}, {1})) == Approx(1e-15).epsilon(0.2));
}

TEST_CASE("Log loss is not defined without labels or with a probability that is not a number") {
  CHECK(std::isnan(log_loss(rows({}, {}))));
  CHECK(std::isnan(log_loss(rows({0.5}, {1}, {0}))));
  CHECK(std::isnan(log_loss(rows({0.5, nothing}, {1, 0}))));
}

TEST_CASE("Log loss says which label is none of the classes") {
  CHECK_THROWS_WITH(log_loss(rows({0.5, 0.5}, {1, 3})), containing("metric 'log_loss': the label of sample 1 is 3"));
  Evaluation evaluation = rows({0, 0}, {2, 3});
  evaluation.predictions.setConstant(3, 2, 1.0 / 3);
  CHECK_THROWS_AS(log_loss(evaluation), DataError);
  CHECK_THROWS_WITH(log_loss(evaluation),
                    containing("the label of sample 1 is 3, but must be a class number from 0 to 2"));
  evaluation.predictions.resize(0, 2);
  CHECK_THROWS_WITH(log_loss(evaluation), containing("needs at least one prediction row"));
}
