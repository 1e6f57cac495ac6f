#include "polytask/training/evaluate.hpp"

#include "catch.hpp"
#include "problem.hpp"

#include "polytask/metrics/grouped_auc.hpp"
#include "polytask/metrics/regression.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/training/trainer.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

auto trained(const pt::Table& train) {
  auto model = problem::model<double>(train, pt::HardSharing{pt::mlp({8})});
  pt::Trainer(model, pt::Adam{.rate = 0.01}).fit(train, {.epochs = 3});
  return model;
}

/// Losses that are easy to compute by hand, on a data set with known logits: the prediction is 2 x, the label rows are
/// y and z.
auto doubling() {
  auto model = pt::multi_task_model<double>(pt::Features::dense(1), pt::HardSharing{pt::Sequence<>{}},
                                            pt::task<"y">(pt::SquaredError{}), pt::task<"z">(pt::SquaredError{}));
  for (const std::string task : {"y", "z"}) {
    model.parameters[task + "/0/weights"].setConstant(2);
    model.parameters[task + "/0/bias"].setZero();
  }
  return model;
}

}  // namespace

TEST_CASE("losses and metrics are means over the labels that are present, by their weights") {
  const auto model = doubling();
  pt::Matrix<double> inputs(1, 3);
  inputs << 1, 2, 3;  // predictions 2, 4, 6
  pt::Matrix<double> labels(2, 3);
  labels << 3, 4, 2,  //
      pt::missing, 1, pt::missing;
  pt::Vector<double> weights(3);
  weights << 1, 2, 5;
  const auto scores = pt::evaluate(model, pt::Dataset<double>::from(inputs, labels, weights));
  REQUIRE(scores.size() == 2);
  CHECK(scores[0].task == "y");
  CHECK(scores[0].metric == "rmse");
  CHECK(scores[0].loss == Approx((1.0 + 0 + 5 * 16) / 8).epsilon(1e-14));
  CHECK(scores[0].value == Approx(std::sqrt(81.0 / 8)).epsilon(1e-14));
  CHECK(scores[1].loss == Approx(9).epsilon(1e-14));
  CHECK(scores[1].value == Approx(3).epsilon(1e-14));
}

TEST_CASE("a task without labels has no loss and no metric") {
  const auto model = doubling();
  const pt::Matrix<double> inputs = pt::Matrix<double>::Ones(1, 2);
  pt::Matrix<double> labels = pt::Matrix<double>::Ones(2, 2);
  labels.row(1).setConstant(pt::missing);
  const auto scores = pt::evaluate(model, pt::Dataset<double>::from(inputs, labels));
  CHECK(scores[0].loss == Approx(1));
  CHECK(std::isnan(scores[1].loss));
  CHECK(std::isnan(scores[1].value));
}

TEST_CASE("a data set without samples has no scores") {
  const auto train = problem::table(50);
  const auto model = trained(train);
  for (const auto& score : pt::evaluate(model, train.rows({}))) {
    CHECK(std::isnan(score.loss));
    CHECK(std::isnan(score.value));
  }
}

TEST_CASE("evaluations hold what predict gives, over batches of any number") {
  const auto train = problem::table(1300);
  const auto model = trained(train);
  const auto data = model.encode(train);
  std::vector<double> losses;
  const auto found = pt::evaluations(model, data, {}, &losses);
  CHECK((found[0].predictions - model.predict<"click">(data)).cwiseAbs().maxCoeff() < 1e-14);
  CHECK((found[3].predictions - model.predict<"segment">(data)).cwiseAbs().maxCoeff() < 1e-14);
  CHECK(found[1].labels == data.labels.row(1));
  CHECK(found[2].weights == data.weights.row(2));
  const pt::Matrix<double> errors = model.predict<"spend">(data) - data.labels.row(1);
  const double squared = (errors.array().square() * data.weights.row(1).array()).sum() / data.weights.row(1).sum();
  CHECK(losses[1] == Approx(squared).epsilon(1e-12));
  double cross_entropy = 0;
  const auto segment = model.predict<"segment">(data);
  for (Index sample = 0; sample < data.size(); ++sample)
    cross_entropy -= data.weights(3, sample) * std::log(segment(static_cast<Index>(data.labels(3, sample)), sample));
  CHECK(losses[3] == Approx(cross_entropy / data.weights.row(3).sum()).epsilon(1e-12));
}

TEST_CASE("only active tasks are evaluated") {
  const auto train = problem::table(100);
  const auto model = trained(train);
  const auto data = model.encode(train);
  const auto all = pt::evaluate(model, data);
  const auto some = pt::evaluate(model, data, {}, {}, {0, 1, 0, 1});
  for (std::size_t task = 0; task < 4; ++task) {
    CHECK(std::isnan(some[task].value) == (task % 2 == 0));
    CHECK(std::isnan(some[task].loss) == (task % 2 == 0));
    if (task % 2 == 1) CHECK(some[task].value == all[task].value);
    if (task % 2 == 1) CHECK(some[task].loss == all[task].loss);
  }
}

TEST_CASE("metrics can be chosen, and grouped ones get their groups") {
  const auto train = problem::table(400);
  const auto model = trained(train);
  const auto data = model.encode(train);
  auto metrics = pt::default_metrics(model);
  CHECK(metrics[0].name == "auc");
  CHECK(metrics[1].name == "rmse");
  CHECK(metrics[2].name == "poisson_deviance");
  CHECK(metrics[3].name == "accuracy");
  metrics[0] = pt::metrics::grouped_auc;
  metrics[1] = pt::metrics::mae;
  const std::vector<std::int32_t> one_group(400, 7);
  const auto scores = pt::evaluate(model, data, metrics, one_group);
  CHECK(scores[0].metric == "grouped_auc");
  CHECK(scores[0].value == Approx(pt::evaluate(model, data)[0].value).epsilon(1e-12));
  const pt::Matrix<double> errors = model.predict<"spend">(data) - data.labels.row(1);
  CHECK(scores[1].value ==
        Approx((errors.array().abs() * data.weights.row(1).array()).sum() / data.weights.row(1).sum()).epsilon(1e-12));
  CHECK_THROWS_AS(pt::evaluate(model, data, metrics, std::vector<std::int32_t>(399, 7)), pt::ArgumentError);
  CHECK_THROWS_WITH(pt::evaluate(model, data, metrics, std::vector<std::int32_t>(399, 7)),
                    "there are 399 groups for 400 samples");
}

TEST_CASE("an evaluation is of all tasks or of some, with a metric each") {
  const auto model = doubling();
  const auto data = pt::Dataset<double>::from(pt::Matrix<double>::Ones(1, 2), pt::Matrix<double>::Ones(2, 2));
  const auto second = pt::evaluate(model, data, {}, {}, {0, 1});
  CHECK(std::isnan(second[0].loss));
  CHECK(second[1].loss == 1);
  CHECK_THROWS_WITH(pt::evaluate(model, data, {pt::metrics::mae}), "there are 1 metrics for 2 tasks");
  CHECK_THROWS_WITH(pt::evaluate(model, data, {}, {}, {1}), "there are 1 bytes for 2 tasks");
}

TEST_CASE("the levels of a quantile task reach its metric") {
  auto model = pt::multi_task_model<double>(pt::Features::dense(1), pt::HardSharing{pt::Sequence<>{}},
                                            pt::task<"y">(pt::Quantile{.levels = {0.2, 0.7}}));
  const auto data = pt::Dataset<double>::from(pt::Matrix<double>::Ones(1, 2), pt::Matrix<double>::Ones(1, 2));
  const auto found = pt::evaluations(model, data);
  CHECK(std::vector<double>(found[0].levels.begin(), found[0].levels.end()) == std::vector<double>{0.2, 0.7});
}
