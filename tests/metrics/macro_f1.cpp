#include "polytask/metrics/macro_f1.hpp"

#include "metrics/evaluations.hpp"

using namespace polytask;

namespace {

/// Predictions that are sure of a class.
Evaluation sure(const std::vector<Index>& predicted, const std::vector<double>& labels, Index classes) {
  Evaluation evaluation = rows(labels, labels);
  evaluation.predictions.setZero(classes, static_cast<Index>(predicted.size()));
  for (std::size_t i = 0; i < predicted.size(); ++i) evaluation.predictions(predicted[i], static_cast<Index>(i)) = 1;
  return evaluation;
}

}  // namespace

TEST_CASE("Macro F1 by hand") {
  // class 0: 2 hits of 2 labels, 3 predictions: 4/5; class 1: 0 hits: 0; class 2: 1 hit of 2 labels, 1 prediction: 2/3
  CHECK(macro_f1(sure({0, 0, 0, 2, 1}, {0, 0, 1, 2, 2}, 4)) == Approx((0.8 + 0 + 2.0 / 3) / 3).epsilon(1e-14));
  // class 3 is predicted once and never a label: no part of its own, but one hit less for class 0
  CHECK(macro_f1(sure({0, 3, 1}, {0, 0, 1}, 4)) == Approx((2.0 / 3 + 1) / 2).epsilon(1e-14));
}

TEST_CASE("Macro F1 of one row counts both classes") {
  // label 1: 1 hit, 2 labels, 2 predictions; label 0: 2 hits, 3 labels, 3 predictions
  CHECK(macro_f1(rows({0.9, 0.2, 0.7, 0.1, 0.3}, {1, 1, 0, 0, 0})) == Approx((0.5 + 2.0 / 3) / 2).epsilon(1e-14));
}

TEST_CASE("A weight of three is the same as three samples, and nothing missing is looked at") {
  CHECK(macro_f1(rows({0.9, 0.2, 0.7, nothing}, {1, 1, 0, nothing}, {3, 1, 2, 0})) ==
        Approx(macro_f1(rows({0.9, 0.9, 0.9, 0.2, 0.7, 0.7}, {1, 1, 1, 1, 0, 0}))).epsilon(1e-14));
}

TEST_CASE("Macro F1 is not defined without labels or with a prediction that is not a number") {
  CHECK(std::isnan(macro_f1(rows({}, {}))));
  CHECK(std::isnan(macro_f1(rows({nothing, 0.7}, {0, 1}))));
  CHECK(macro_f1(rows({0.7}, {0})) == 0);
  CHECK_THROWS_WITH(macro_f1(rows({0.7}, {4})), containing("metric 'macro_f1': the label of sample 0 is 4"));
}
