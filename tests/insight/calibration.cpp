#include "catch.hpp"

#include "polytask/insight/calibration.hpp"
#include "polytask/losses/binary_cross_entropy.hpp"
#include "polytask/losses/squared_error.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/sharing/hard.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

pt::Evaluation evaluation(const std::vector<double>& predictions, const std::vector<double>& labels,
                          const std::vector<double>& weights = {}) {
  const auto row = [](const std::vector<double>& values) {
    return pt::Matrix<double>(
        Eigen::Map<const pt::Matrix<double>>(values.data(), 1, static_cast<Index>(values.size())));
  };
  pt::Evaluation found{
      row(predictions), row(labels), pt::Matrix<double>::Ones(1, static_cast<Index>(labels.size())), {}};
  if (!weights.empty()) found.weights = row(weights);
  return found;
}

}  // namespace

TEST_CASE("the bins of a calibration are those computed by hand") {
  // two bins: 0.1, 0.2, 0.3 with one positive, and 0.6, 0.8 and 0.9 with two
  const auto found =
      pt::calibration(evaluation({0.8, 0.1, 0.9, 0.3, 0.6, 0.2}, {1, 0, 1, 1, 0, 0}), {.bins = 2}, "click");
  CHECK(found.task == "click");
  CHECK(found.samples == 6);
  REQUIRE(found.bins.size() == 2);
  CHECK(found.bins[0].samples == 3);
  CHECK(found.bins[0].mean_prediction == Approx(0.2).epsilon(1e-12));
  CHECK(found.bins[0].share == Approx(1.0 / 3).epsilon(1e-12));
  CHECK(found.bins[1].mean_prediction == Approx(2.3 / 3).epsilon(1e-12));
  CHECK(found.bins[1].share == Approx(2.0 / 3).epsilon(1e-12));
  CHECK(found.mean_prediction == Approx(2.9 / 6).epsilon(1e-12));
  CHECK(found.share == Approx(0.5).epsilon(1e-12));
  CHECK(found.expected_error == Approx((0.4 / 3 + 0.3 / 3) / 2).epsilon(1e-12));
}

TEST_CASE("the interval is Wilson's") {
  // 8 of 10 with z = 1.96: the textbook's 0.490 to 0.943
  const auto [low, high] = pt::wilson_interval(0.8, 10, 1.96);
  CHECK(low == Approx(0.49016).epsilon(1e-5));
  CHECK(high == Approx(0.94331).epsilon(1e-5));
  const auto [none, above] = pt::wilson_interval(0, 10, 1.96);
  CHECK(none == 0);
  CHECK(above == Approx(1.96 * 1.96 / (10 + 1.96 * 1.96)).epsilon(1e-12));
  CHECK(pt::wilson_interval(1, 10, 1.96).first == Approx(1 - above).epsilon(1e-12));
  CHECK(pt::wilson_interval(1, 10, 1.96).second <= 1);
  // where the true probability is 0.3, of 20 draws it is in the interval of 95 % in at least 93 of 100
  double covered = 0, chance = std::pow(0.7, 20);
  for (int positives = 0; positives <= 20; ++positives) {
    const auto [from, to] = pt::wilson_interval(positives / 20.0, 20, 1.96);
    if (from <= 0.3 && 0.3 <= to) covered += chance;
    chance *= (20.0 - positives) / (positives + 1.0) * 0.3 / 0.7;
  }
  CHECK(covered > 0.93);
  CHECK(covered < 0.99);
}

TEST_CASE("weights count as repeated samples do, and missing labels not at all") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto weighted = pt::calibration(evaluation({0.1, 0.3, 0.5, 0.9}, {0, 1, nan, 1}, {2, 2, 0, 2}), {.bins = 1});
  const auto repeated = pt::calibration(evaluation({0.1, 0.1, 0.3, 0.3, 0.9, 0.9}, {0, 0, 1, 1, 1, 1}), {.bins = 1});
  CHECK(weighted.samples == 3);
  CHECK(weighted.share == Approx(repeated.share).epsilon(1e-12));
  CHECK(weighted.expected_error == Approx(repeated.expected_error).epsilon(1e-12));
  // equal weights are as many samples as there are, however large they are
  const auto [low, high] = pt::wilson_interval(2.0 / 3, 3, 1.96);
  CHECK(weighted.bins[0].low == Approx(low).epsilon(1e-12));
  CHECK(weighted.bins[0].high == Approx(high).epsilon(1e-12));
  // (1 + 3)^2 / (1 + 9) = 1.6 samples
  const auto uneven = pt::calibration(evaluation({0.5, 0.6}, {1, 0}, {1, 3}), {.bins = 1});
  CHECK(uneven.bins[0].share == Approx(0.25).epsilon(1e-12));
  CHECK(uneven.bins[0].high == Approx(pt::wilson_interval(0.25, 1.6, 1.96).second).epsilon(1e-12));
}

TEST_CASE("equal predictions are in one bin, and bins are of about equal weight") {
  const auto tied = pt::calibration(evaluation({0.2, 0.2, 0.2, 0.2, 0.2, 0.7}, {0, 1, 0, 0, 0, 1}), {.bins = 3});
  REQUIRE(tied.bins.size() == 2);
  CHECK(tied.bins[0].samples == 5);
  CHECK(tied.bins[1].samples == 1);
  for (const Index count : {10, 11, 47, 883, 995}) {
    std::vector<double> predictions, labels;
    for (Index place = 0; place < count; ++place) {
      predictions.push_back((static_cast<double>(place) + 0.5) / static_cast<double>(count));
      labels.push_back(static_cast<double>(place % 2));
    }
    const auto found = pt::calibration(evaluation(predictions, labels));
    CHECK(found.bins.size() == 10);
    Index samples = 0;
    for (const auto& bin : found.bins) {
      CHECK(std::abs(static_cast<double>(bin.samples) - static_cast<double>(count) / 10) <= 1);
      samples += bin.samples;
    }
    CHECK(samples == count);
  }
}

TEST_CASE("what cannot be calibrated says why") {
  CHECK_THROWS_WITH(pt::calibration(evaluation({0.5}, {2})), containing("the label of sample 0 is 2"));
  CHECK_THROWS_WITH(pt::calibration(evaluation({0.5, 1.5}, {0, 1})), containing("the prediction of sample 1 is 1.5"));
  CHECK_THROWS_WITH(pt::calibration(evaluation({std::nan("")}, {1})), containing("must be a probability"));
  CHECK_THROWS_WITH(pt::calibration(evaluation({0.5}, {1}, {0}), {}, "click"),
                    containing("calibration of task 'click' needs at least one label"));
  CHECK_THROWS_WITH(pt::calibration(evaluation({0.5}, {1}), {.bins = 0}), containing("at least one bin, not 0"));
  CHECK_THROWS_WITH(pt::calibration(evaluation({0.5}, {1}), {.normal = 0}), containing("0 standard deviations"));
}

TEST_CASE("the calibrations of a model are those of its tasks with probabilities") {
  auto model = pt::multi_task_model(pt::Features::dense(1), pt::HardSharing{pt::mlp({2})},
                                    pt::task<"click">(pt::BinaryCrossEntropy{}), pt::task<"spend">(pt::SquaredError{}),
                                    pt::task<"never">(pt::BinaryCrossEntropy{}));
  std::fill(model.parameters.values.begin(), model.parameters.values.end(), 0.0f);  // every probability is one half
  const float nan = std::numeric_limits<float>::quiet_NaN();
  pt::Matrix<float> labels(3, 4);
  labels << 1, 0, 0, 0, 5, 6, 7, 8, nan, nan, nan, nan;
  const auto data = pt::Dataset<float>::from(pt::Matrix<float>::Ones(1, 4), labels);
  const auto found = pt::calibrations(model, data);
  REQUIRE(found.size() == 1);
  CHECK(found[0].task == "click");
  REQUIRE(found[0].bins.size() == 1);
  CHECK(found[0].mean_prediction == 0.5);
  CHECK(found[0].share == 0.25);
  CHECK(found[0].expected_error == 0.25);
  std::ostringstream text;
  text << found[0];
  CHECK(text.str() ==
        "calibration of click\n"
        "predicted    share          interval   samples\n"
        "    0.500    0.250    0.046 to 0.699         4\n"
        "mean prediction 0.500, share of positives 0.250, expected calibration error 0.250\n");
}
