#include "polytask/metrics/accuracy.hpp"

#include "metrics/evaluations.hpp"

using namespace polytask;

TEST_CASE("Accuracy of one row, by hand: above one half is a yes") {
  CHECK(accuracy(rows({0.6, 0.5, 0.4, 0.9}, {1, 0, 1, 0})) == 0.5);
  CHECK(accuracy(rows({0.6, 0.5, 0.4, 0.9}, {1, 0, 1, 0}, {3, 1, 1, 3})) == 0.5);
  CHECK(accuracy(rows({0.6, 0.5, 0.4, 0.9}, {1, 0, 1, 0}, {5, 1, 1, 1})) == 0.75);
  CHECK(accuracy(rows({0.6, nothing, 0.4}, {1, nothing, 1}, {1, 0, 3})) == 0.25);
}

TEST_CASE("Accuracy of classes, by hand: the largest row, the first among equals") {
  Evaluation evaluation = rows({0, 0, 0, 0}, {2, 0, 1, 0});
  evaluation.predictions.resize(3, 4);
  evaluation.predictions << 0.1, 0.4, 0.3, 0.2,  //
      0.2, 0.4, 0.3, 0.5,                        //
      0.7, 0.2, 0.4, 0.3;
  CHECK(accuracy(evaluation) == 0.5);  // 2 right, 0 right by the tie, 2 and 1 wrong
  evaluation.weights << 1, 1, 0, 0;
  CHECK(accuracy(evaluation) == 1);
}

TEST_CASE("Accuracy is not defined without labels or with a prediction that is not a number") {
  CHECK(std::isnan(accuracy(rows({}, {}))));
  CHECK(std::isnan(accuracy(rows({0.7}, {1}, {0}))));
  CHECK(std::isnan(accuracy(rows({nothing, 0.7, 0.7}, {0, 1, 1}))));
  Evaluation classes = rows({0, 0}, {1, 0});
  classes.predictions.setConstant(2, 2, 0.5);
  classes.predictions(1, 0) = missing;
  CHECK(std::isnan(accuracy(classes)));
}

TEST_CASE("Accuracy says which label is none of the classes") {
  CHECK_THROWS_WITH(
      accuracy(rows({0.5}, {-1})),
      containing("metric 'accuracy': the label of sample 0 is -1, but must be a class number from 0 to 1"));
  CHECK_THROWS_AS(accuracy(rows({0.5}, {nothing})), DataError);
}
