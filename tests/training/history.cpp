#include "polytask/training/history.hpp"

#include "catch.hpp"
#include "problem.hpp"

#include "polytask/optimizers/adam.hpp"
#include "polytask/optimizers/sgd.hpp"
#include "polytask/regularization/l2.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/training/trainer.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

/// Adds up what each step reports.
struct Means {
  std::array<double, 4> losses{};
  std::array<double, 4> counts{};
  double rate = 0;

  void step_taken(const pt::StepReport& report) {
    for (std::size_t task = 0; task < 4; ++task) {
      if (report.label_weights[task] > 0) losses[task] += report.losses[task] * report.label_weights[task];
      counts[task] += report.label_weights[task];
    }
    rate = report.rate;
  }
};

}  // namespace

TEST_CASE("a report's training losses are means over the labels of the epoch") {
  const auto train = problem::table(230);  // batches of 100, 100 and 30
  auto model = problem::model<double>(train, pt::HardSharing{pt::mlp({6})});
  const auto data = model.encode(train);
  Means means;
  const auto history = pt::Trainer(model, pt::Adam{}, pt::Fixed{{{"spend", 0.5}}}, pt::L2{.strength = 0.1})
                           .fit(data, {.epochs = 1, .batch = 100}, means);
  REQUIRE(history.epochs.size() == 1);
  const auto& report = history.epochs[0];
  CHECK(report.epoch == 1);
  for (std::size_t task = 0; task < 4; ++task) {
    CHECK(report.training_losses[task] == Approx(means.losses[task] / means.counts[task]).epsilon(1e-12));
    CHECK(means.counts[task] == Approx(data.weights.row(static_cast<Index>(task)).sum()).epsilon(1e-12));
  }
  CHECK(report.weights == std::vector<double>{1, 0.5, 1, 1});
  CHECK(report.rate == means.rate);
  CHECK(report.penalty > 0);
  CHECK(report.validation_losses.empty());
  CHECK(report.metrics.empty());
  CHECK_FALSE(report.best);
  CHECK(history.tasks == std::vector<std::string>{"click", "spend", "visits", "segment"});
  CHECK(history.metrics == std::vector<std::string>{"auc", "rmse", "poisson_deviance", "accuracy"});
  CHECK(history.steps == 3);
  CHECK(history.best_epoch == 0);
}

TEST_CASE("steps so small that nothing moves report the loss of the model as it stands") {
  const auto train = problem::table(150);
  auto model = problem::model<double>(train, pt::HardSharing{pt::mlp({6})});
  const auto scores = pt::evaluate(model, train);
  pt::Trainer trainer(model, pt::Sgd{.rate = 1e-300});
  const auto& report = trainer.fit(train, {.epochs = 1, .batch = 64}).epochs[0];
  for (std::size_t task = 0; task < 4; ++task)
    CHECK(report.training_losses[task] == Approx(scores[task].loss).epsilon(1e-12));
}

TEST_CASE("a task that is not trained has no numbers in the history") {
  const auto train = problem::table(100);
  auto model = problem::model<double>(train, pt::HardSharing{pt::mlp({6})});
  pt::Trainer trainer(model, pt::Adam{});
  const auto& history = trainer.fit(train, {.epochs = 2, .validation = &train, .only = {"spend", "segment"}});
  for (const auto& report : history.epochs) {
    CHECK(std::isnan(report.training_losses[0]));
    CHECK(std::isnan(report.validation_losses[2]));
    CHECK(std::isnan(report.metrics[0]));
    CHECK(std::isfinite(report.training_losses[1]));
    CHECK(std::isfinite(report.metrics[3]));
    CHECK(std::isfinite(report.score));
  }
}

TEST_CASE("the score by the mean is the relative fall of the validation losses since the first epoch") {
  const auto train = problem::table(200);
  const auto validation = problem::table(100, 2);
  auto model = problem::model<double>(train, pt::HardSharing{pt::mlp({6})});
  pt::Trainer trainer(model, pt::Adam{.rate = 0.01});
  const auto& history = trainer.fit(train, {.epochs = 4, .validation = &validation});
  double best = -1;
  for (const auto& report : history.epochs) {
    double sum = 0;
    for (std::size_t task = 0; task < 4; ++task) {
      const double first = history.epochs[0].validation_losses[task];
      sum += (first - report.validation_losses[task]) / first;
    }
    CHECK(report.score == Approx(sum / 4).epsilon(1e-12).margin(1e-14));
    CHECK(report.best == (report.score > best));
    best = (std::max)(best, report.score);
  }
  CHECK(history.epochs[static_cast<std::size_t>(history.best_epoch - 1)].score == best);
}
