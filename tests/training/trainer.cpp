#include "catch.hpp"
#include "problem.hpp"
#include "steps.hpp"

#include "polytask/layers/batch_normalization.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/optimizers/sgd.hpp"
#include "polytask/regularization/l1.hpp"
#include "polytask/regularization/l2.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"
#include "polytask/sharing/separate.hpp"
#include "polytask/sharing/shared_private.hpp"
#include "polytask/training/progress.hpp"
#include "polytask/training/trainer.hpp"
#include "polytask/weighting/any_weighting.hpp"
#include "polytask/weighting/grad_norm.hpp"
#include "polytask/weighting/scheduled.hpp"
#include "polytask/weighting/uncertainty.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

auto hard(const pt::Table& train) { return problem::model<double>(train, pt::HardSharing{pt::mlp({8, 6})}); }

/// Notes which events came.
struct Events {
  std::string seen;
  Index stop_after = 1000;
  void training_started(const pt::History&) { seen += "S"; }
  void epoch_started(Index) { seen += "e"; }
  template <class Report>
  void step_taken(const Report&) {
    seen += ".";
  }
  bool epoch_ended(const pt::EpochReport& report) {
    seen += "E";
    return report.epoch == stop_after;
  }
  void training_ended(const pt::History&) { seen += "T"; }
};

double largest_difference(const pt::Buffer<double>& left, const pt::Buffer<double>& right) {
  return (pt::view(left) - pt::view(right)).cwiseAbs().maxCoeff();
}

}  // namespace

TEST_CASE("training lowers every task's loss") {
  const auto train = problem::table(600);
  auto model = hard(train);
  pt::Trainer trainer(model, pt::Adam{.rate = 0.01});
  const auto& history = trainer.fit(train, {.epochs = 30, .batch = 64});
  for (std::size_t task = 0; task < 4; ++task)
    CHECK(history.epochs.back().training_losses[task] < 0.75 * history.epochs.front().training_losses[task]);
  CHECK(history.steps == 300);
}

TEST_CASE("the same seed gives the same numbers, another seed others") {
  const auto train = problem::table(300);
  const auto trained = [&](std::uint64_t seed) {
    auto model = problem::model<double>(train, pt::HardSharing{pt::sequence(pt::dense<pt::Relu>(8), pt::dropout(0.3))});
    pt::Trainer(model, pt::Adam{}).fit(train, {.epochs = 2, .batch = 32, .seed = seed});
    return model.parameters.values;
  };
  CHECK(trained(1) == trained(1));
  CHECK(trained(1) != trained(2));
}

TEST_CASE("several threads and slices give the result of one piece to rounding") {
  const auto train = problem::table(900);
  const auto trained = [&](Index threads) {
    auto model = problem::model<double>(train, pt::HardSharing{pt::sequence(pt::dense<pt::Relu>(8), pt::dropout(0.2))});
    pt::Trainer(model, pt::Adam{}, pt::L2{.strength = 0.01})
        .fit(train, {.epochs = 3, .batch = 900, .threads = threads});
    return model;
  };
  const auto one = trained(1);
  const auto two = trained(2);
  const auto three = trained(3);
  CHECK(largest_difference(one.parameters.values, two.parameters.values) < 1e-12);
  CHECK(largest_difference(one.parameters.values, three.parameters.values) < 1e-12);
  for (std::size_t table = 0; table < one.embeddings.size(); ++table)
    CHECK(largest_difference(one.embeddings[table].values, two.embeddings[table].values) < 1e-12);
  CHECK(two.parameters.values == trained(2).parameters.values);
}

TEST_CASE("a task without a label in the batch contributes nothing and is not moved") {
  auto train = problem::table(64);
  auto model = problem::model<double>(train, pt::HardSharing{pt::mlp<pt::Tanh>({5})});
  auto data = model.encode(train);
  data.weights.row(model.label_offsets()[2]).head(63).setZero();  // visits: a label in the last sample alone
  auto with = model;
  auto without = model;
  auto no_visits = data;
  no_visits.labels.row(model.label_offsets()[2]).setConstant(1e6);
  // batches of 32 in order: the first has no label of visits
  struct First {
    double loss = 0;
    bool seen = false;
    void step_taken(const pt::StepReport& report) {
      if (!seen) loss = report.losses[2];
      seen = true;
    }
  } first;
  pt::Trainer(with, pt::Adam{}).fit(data, {.epochs = 1, .batch = 32, .shuffle = false}, first);
  CHECK(std::isnan(first.loss));
  // one step of seven samples only, then compare a head that had no label
  steps::Steps<double> step(without, {.optimizer = pt::AnyOptimizer<double>(pt::Adam{})}, 7);
  const std::vector<Index> rows{0, 1, 2, 3, 4, 5, 6};
  step(no_visits, rows, 1e-3);
  CHECK(without.parameters["visits/0/weights"] == model.parameters["visits/0/weights"]);
  CHECK(without.parameters["visits/0/bias"] == model.parameters["visits/0/bias"]);
  CHECK(without.parameters["click/0/weights"] != model.parameters["click/0/weights"]);
}

TEST_CASE("a batch without any label moves nothing") {
  const auto train = problem::table(64);
  const auto check = [&](auto model) {
    auto data = model.encode(train);
    data.weights.rightCols(32).setZero();
    auto once = model;
    // one batch with labels, then the same and one without: the second batch must not matter
    std::vector<Index> first(32);
    std::iota(first.begin(), first.end(), Index{0});
    pt::Trainer(once, pt::Sgd{.rate = 0.1}, pt::L1{.strength = 0.1})
        .fit(data.samples(first), {.epochs = 1, .batch = 32, .shuffle = false});
    pt::Trainer(model, pt::Sgd{.rate = 0.1}, pt::L1{.strength = 0.1})
        .fit(data, {.epochs = 1, .batch = 32, .shuffle = false});
    CHECK(model.parameters.values == once.parameters.values);
    CHECK(model.statistics.values == once.statistics.values);
    for (std::size_t table = 0; table < once.embeddings.size(); ++table)
      CHECK(model.embeddings[table].values == once.embeddings[table].values);
  };
  check(
      problem::model<double>(train, pt::HardSharing{pt::sequence(pt::dense<pt::Tanh>(5), pt::batch_normalization())}));
  check(problem::model<double>(train, pt::Separate{pt::mlp<pt::Tanh>({5})}));
}

TEST_CASE("a task that seldom has a label is stepped as if its batches were all there are") {
  // only the head of a task with few labels: features x = 1, one weight, Adam's first step is the rate
  pt::Matrix<double> inputs = pt::Matrix<double>::Ones(1, 12);
  pt::Matrix<double> labels(2, 12);
  labels.row(0).setLinSpaced(-1, 1);
  labels.row(1).setConstant(pt::missing);
  labels(1, 11) = 5;
  labels(1, 10) = 4;
  auto model =
      pt::multi_task_model<double>(pt::Features::dense(1), pt::HardSharing{pt::Sequence<>{}},
                                   pt::task<"often">(pt::SquaredError{}), pt::task<"seldom">(pt::SquaredError{}));
  const double before = model.parameters["seldom/0/bias"](0, 0);
  pt::Trainer(model, pt::Adam{.rate = 0.01})
      .fit(pt::Dataset<double>::from(inputs, labels), {.epochs = 1, .batch = 2, .shuffle = false});
  // five batches without, then one with labels: its first step
  CHECK(model.parameters["seldom/0/bias"](0, 0) - before == Approx(0.01).epsilon(1e-6));
}

TEST_CASE("observers of any subset of events are told, and can stop") {
  const auto train = problem::table(100);
  auto model = hard(train);
  pt::Trainer trainer(model, pt::Adam{});
  Events events;
  struct OnlySteps {
    int steps = 0;
    void step_taken(const pt::StepReport&) { ++steps; }
  } steps;
  trainer.fit(train, {.epochs = 2, .batch = 50}, events, steps);
  CHECK(events.seen == "Se..Ee..ET");
  CHECK(steps.steps == 4);
  Events stopping;
  stopping.stop_after = 1;
  CHECK(trainer.fit(train, {.epochs = 5, .batch = 100}, stopping).stopped_early);
  CHECK(stopping.seen == "Se.ET");
}

TEST_CASE("early stopping keeps the parameters of the best epoch") {
  const auto train = problem::table(150);
  const auto validation = problem::table(300, 2);
  auto model = problem::model<double>(train, pt::HardSharing{pt::mlp({64})});
  pt::Trainer trainer(model, pt::Adam{.rate = 0.03});
  for (const std::string stop_on : {"mean", "click", "spend"}) {
    model.initialize(3);
    const auto history =
        trainer.fit(train, {.epochs = 60, .batch = 50, .validation = &validation, .patience = 5, .stop_on = stop_on});
    CHECK(history.stopped_early);
    REQUIRE(history.best_epoch > 0);
    CHECK(history.best_epoch == static_cast<Index>(history.epochs.size()) - 5);
    const auto& best = history.epochs[history.best_epoch - 1];
    for (const auto& epoch : history.epochs) CHECK(epoch.score <= best.score);
    const auto scores = pt::evaluate(model, validation);
    for (std::size_t task = 0; task < 4; ++task) {
      CHECK(scores[task].value == Approx(best.metrics[task]).epsilon(1e-12));
      CHECK(scores[task].loss == Approx(best.validation_losses[task]).epsilon(1e-12));
    }
    if (stop_on == "click") CHECK(best.score == best.metrics[0]);   // AUC: higher is better
    if (stop_on == "spend") CHECK(best.score == -best.metrics[1]);  // RMSE: lower is better
  }
}

TEST_CASE("early stopping judges the tasks' own losses, never their weighted total") {
  const auto train = problem::table(150);
  const auto validation = problem::table(300, 2);
  auto model = hard(train);
  const auto time = [](const pt::TrainingTime& now) { return static_cast<double>(now.epoch); };
  pt::Trainer trainer(model, pt::Scheduled{{{"click", time}, {"spend", time}, {"visits", time}, {"segment", time}}},
                      pt::Adam{});
  const auto& history = trainer.fit(train, {.epochs = 6, .batch = 50, .validation = &validation, .patience = 1});
  const auto total = [&](std::size_t epoch) {
    const auto& report = history.epochs[epoch];
    return std::inner_product(report.weights.begin(), report.weights.end(), report.validation_losses.begin(), 0.0);
  };
  // weights that grow let the total rise while every loss falls
  REQUIRE(history.epochs.size() == 6);
  CHECK_FALSE(history.stopped_early);
  for (std::size_t epoch = 1; epoch < 6; ++epoch) {
    CHECK(total(epoch) > total(epoch - 1));
    CHECK(history.epochs[epoch].best);
  }
}

TEST_CASE("in Separate, training all tasks together is training each alone") {
  const auto train = problem::table(200);
  auto together = problem::model<double>(train, pt::Separate{pt::mlp<pt::Tanh>({6})});
  auto alone = together;
  auto data = together.encode(train);
  data.weights.setOnes();
  data.labels = data.labels.cwiseAbs().cwiseMin(1);
  pt::Trainer(together, pt::Adam{.rate = 0.01}).fit(data, {.epochs = 3, .batch = 40, .shuffle = false});
  pt::Trainer trainer(alone, pt::Adam{.rate = 0.01});
  for (const std::string task : {"click", "spend", "visits", "segment"})
    trainer.fit(data, {.epochs = 3, .batch = 40, .shuffle = false, .only = {task}});
  CHECK(largest_difference(together.parameters.values, alone.parameters.values) < 1e-13);
  for (std::size_t table = 0; table < together.embeddings.size(); ++table)
    CHECK(largest_difference(together.embeddings[table].values, alone.embeddings[table].values) < 1e-13);
}

TEST_CASE("a single task in hard sharing is the single-task model") {
  const auto train = problem::table(200);
  auto one = pt::multi_task_model<double>(problem::fitted(train), pt::HardSharing{pt::mlp({6})},
                                          pt::task<"spend">(pt::SquaredError{}));
  auto other = pt::multi_task_model<double>(problem::fitted(train), pt::Separate{pt::mlp({6})},
                                            pt::task<"spend">(pt::SquaredError{}));
  pt::Trainer(one, pt::Adam{}).fit(train, {.epochs = 2});
  pt::Trainer(other, pt::Adam{}).fit(train, {.epochs = 2});
  CHECK(one.parameters.values == other.parameters.values);
}

TEST_CASE("L1 leaves exact zeros, L2 smaller weights") {
  const auto train = problem::table(200);
  const auto trained = [&](auto... penalty) {
    auto model = hard(train);
    pt::Trainer trainer(model, pt::Sgd{.rate = 0.05}, penalty...);
    const double last = trainer.fit(train, {.epochs = 20, .batch = 50}).epochs.back().penalty;
    return std::pair(pt::Matrix<double>(model.parameters["shared/0/weights"]), last);
  };
  const auto plain = trained();
  const auto ridge = trained(pt::L2{.strength = 0.1, .segments = "shared/*"});
  const auto lasso = trained(pt::L1{.strength = 0.1, .segments = "shared/0/weights"});
  CHECK(plain.second == 0);
  CHECK((plain.first.array() == 0).count() == 0);
  CHECK(ridge.first.norm() < 0.8 * plain.first.norm());
  CHECK((lasso.first.array() == 0).count() > 5);
  CHECK(lasso.second == Approx(0.1 * lasso.first.cwiseAbs().sum()).epsilon(1e-12));
}

TEST_CASE("clipping bounds the length of a step") {
  const auto train = problem::table(100);
  auto model = hard(train);
  const auto before = model.parameters.values;
  const auto tables = model.embeddings;
  pt::Trainer(model, pt::Sgd{.rate = 1}).fit(train, {.epochs = 1, .batch = 100, .clip_norm = 1e-3});
  double squared = (pt::view(model.parameters.values) - pt::view(before)).squaredNorm();
  for (std::size_t table = 0; table < tables.size(); ++table)
    squared += (pt::view(model.embeddings[table].values) - pt::view(tables[table].values)).squaredNorm();
  CHECK(std::sqrt(squared) == Approx(1e-3).epsilon(1e-9));
}

TEST_CASE("the schedule moves the learning rate") {
  const auto train = problem::table(100);
  auto model = hard(train);
  std::vector<double> rates;
  struct Rates {
    std::vector<double>& rates;
    void step_taken(const pt::StepReport& report) { rates.push_back(report.rate); }
  } observer{rates};
  pt::Trainer(model, pt::Sgd{.rate = 0.1})
      .fit(train, {.epochs = 2, .batch = 50, .schedule = pt::WarmUp{2, pt::ConstantRate{}}}, observer);
  CHECK(rates == std::vector<double>{0.05, 0.1, 0.1, 0.1});
}

TEST_CASE("an epoch can have another number of steps than the rows make") {
  const auto train = problem::table(100);
  auto model = hard(train);
  auto other = model;
  pt::Trainer trainer(model, pt::Adam{});
  CHECK(trainer.fit(train, {.epochs = 3, .batch = 30, .epoch_steps = 6}).steps == 18);
  CHECK(trainer.history().epochs.size() == 3);
  // the rows are gone through as they are without it: 18 steps are four passes of four and half of a fifth
  pt::Trainer whole(other, pt::Adam{});
  CHECK(whole.fit(train, {.epochs = 18, .batch = 30, .epoch_steps = 1}).steps == 18);
  CHECK(model.parameters.values == other.parameters.values);
}

TEST_CASE("training that cannot go on says why") {
  const auto train = problem::table(200);
  auto model = hard(train);
  pt::Trainer trainer(model, pt::Sgd{.rate = 1e9});
  CHECK_THROWS_AS(trainer.fit(train, {.epochs = 50, .batch = 50}), pt::TrainingError);
  model.initialize(1);
  CHECK_THROWS_WITH(trainer.fit(train, {.epochs = 50, .batch = 50}),
                    containing("the loss of task '") && containing("with learning rate 1e+09"));

  model.initialize(1);
  auto data = model.encode(train);
  auto broken = data;
  broken.weights.row(1).setZero();
  CHECK_THROWS_WITH(trainer.fit(broken), containing("task 'spend' has no label in the training data (column 'spend')"));
  broken = data;
  broken.labels.row(0).setOnes();
  CHECK_THROWS_WITH(trainer.fit(broken), containing("task 'click' has one class only in the training data"));
  broken = data;
  broken.numbers.conservativeResize(1, broken.numbers.cols());
  CHECK_THROWS_WITH(trainer.fit(broken), containing("the model takes 3 numbers a sample, the data set has 1"));
  CHECK_THROWS_WITH(trainer.fit(data, {.epochs = 0}), containing("epochs must be at least 1"));
  CHECK_THROWS_WITH(trainer.fit(data, {.patience = 2}), containing("patience needs validation data"));
  CHECK_THROWS_WITH(trainer.fit(data, {.only = {"clicks"}}),
                    containing("'clicks', which is no task; the tasks are: click, spend, visits, segment"));
  CHECK_THROWS_WITH(trainer.fit(data, {.stop_on = "spend", .only = {"click"}}),
                    containing("not among the tasks of only"));
  CHECK_THROWS_WITH(trainer.fit(data, {.metrics = {{"clack", pt::metrics::auc}}}),
                    containing("'clack', which is no task"));
  CHECK_THROWS_WITH(pt::Trainer(model, pt::Sgd{}, pt::Fixed{{{"clack", 1}}}).fit(data),
                    containing("a fixed weight is given for 'clack'"));
}

TEST_CASE("a learning rate that cannot be, and parameters that are no numbers, are told") {
  const auto train = problem::table(60);
  auto model = hard(train);
  const auto before = model.parameters.values;
  CHECK_THROWS_AS(pt::Trainer(model, pt::Sgd{.rate = -0.5}).fit(train), pt::ArgumentError);
  CHECK_THROWS_WITH(pt::Trainer(model, pt::Sgd{.rate = -0.5}).fit(train),
                    containing("the learning rate of step 1 is -0.5"));
  CHECK_THROWS_WITH(pt::Trainer(model, pt::Adam{.rate = std::nan("")}).fit(train),
                    containing("the learning rate of step 1 is"));
  CHECK(model.parameters.values == before);
  CHECK_THROWS_WITH(pt::Trainer(model, pt::Adam{})
                        .fit(train, {.batch = 20, .schedule = [](Index step, Index) { return step == 3 ? -1 : 1; }}),
                    containing("the learning rate of step 3 is -0.001"));
  auto large = model.encode(train);
  large.labels.row(1) *= 1e10;
  const auto overflows = [&] { pt::Trainer(model, pt::Sgd{.rate = 1e308}).fit(large, {.epochs = 1, .batch = 60}); };
  CHECK_THROWS_AS(overflows(), pt::TrainingError);
  model.initialize(1);
  CHECK_THROWS_WITH(overflows(),
                    "training ends with parameters that are not finite; a smaller rate or clip_norm may help");
}

TEST_CASE("training that is broken off leaves the parameters of the best epoch") {
  const auto train = problem::table(150);
  const auto validation = problem::table(300, 2);
  auto model = problem::model<double>(train, pt::HardSharing{pt::mlp({64})});
  struct Breaks {
    void epoch_started(Index epoch) {
      if (epoch == 40) throw std::runtime_error("enough");
    }
  };
  pt::Trainer trainer(model, pt::Adam{.rate = 0.03});
  const auto broken = [&](bool keep_best) {
    model.initialize(3);
    CHECK_THROWS_AS(
        trainer.fit(train, {.epochs = 60, .batch = 50, .validation = &validation, .keep_best = keep_best}, Breaks{}),
        std::runtime_error);
    return pt::evaluate(model, validation)[0].loss;
  };
  const double best = broken(true);
  const auto& history = trainer.history();
  REQUIRE(history.best_epoch > 0);
  REQUIRE(history.best_epoch < 39);
  CHECK(best == Approx(history.epochs[static_cast<std::size_t>(history.best_epoch - 1)].validation_losses[0]));
  CHECK(broken(false) == Approx(trainer.history().epochs.back().validation_losses[0]));
}

TEST_CASE("an epoch in which a validation loss is infinite is no good one") {
  const auto train = problem::table(150);
  auto model = hard(train);
  auto validation = model.encode(problem::table(100, 2));
  const auto trained = [&]() -> const pt::History& {
    static pt::Trainer trainer(model, pt::Adam{});
    return trainer.fit(model.encode(train), {.epochs = 3, .encoded_validation = &validation});
  };
  CHECK(std::isfinite(trained().epochs.back().score));
  validation.labels(1, 7) = 1e200;  // its square is infinite
  validation.weights(1, 7) = 1;
  for (const auto& epoch : trained().epochs) CHECK(epoch.score == -std::numeric_limits<double>::infinity());
  CHECK(trained().best_epoch == 1);
  validation.weights.row(1).setZero();  // no label: the task does not count
  CHECK(std::isfinite(trained().epochs.back().score));
}

TEST_CASE("a batch of more than all rows is all rows, and takes no more memory") {
  const auto train = problem::table(60);
  const auto trained = [&](Index batch) {
    auto model = problem::model<double>(
        train, pt::HardSharing{pt::Sequence{pt::dense(8), pt::batch_normalization(), pt::dense(4)}});
    pt::Trainer(model, pt::Adam{}).fit(train, {.epochs = 2, .batch = batch});
    return model.parameters.values;
  };
  CHECK(trained(1'000'000'000'000) == trained(60));
}

TEST_CASE("a regularization that chooses nothing, or is below 0, is refused") {
  const auto train = problem::table(60);
  auto model = hard(train);
  const auto fit = [&](auto rule) { pt::Trainer(model, pt::Adam{}, rule).fit(train, {.epochs = 1}); };
  CHECK_THROWS_AS(fit(pt::L2{.segments = "shraed/*"}), pt::ArgumentError);
  CHECK_THROWS_WITH(
      fit(pt::L2{.segments = "shraed/*"}),
      containing("l2: no segment and no embedding table is chosen by 'shraed/*'") && containing("shared/0/weights"));
  CHECK_THROWS_WITH(fit(pt::L1{.strength = -1}), containing("l1: the strength must be a number of at least 0, not -1"));
  CHECK_NOTHROW(fit(pt::L2{.segments = "embeddings/*"}));
}

TEST_CASE("progress is one line an epoch where the output is no terminal") {
  const auto train = problem::table(100);
  auto model = hard(train);
  std::ostringstream output;
  pt::Progress progress(output, "hard");
  pt::Trainer(model, pt::Adam{}).fit(train, {.epochs = 2, .validation = &train}, progress);
  const std::string lines = output.str();
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
  CHECK(lines.find('\r') == std::string::npos);
  CHECK(lines.substr(0, 25) == "hard epoch 1  click auc 0");
}

TEST_CASE("a weighting chosen at run time that balances shared layers is refused where there are none") {
  const auto train = problem::table(60);
  auto model = problem::model<double>(train, pt::Separate{pt::mlp({4})});
  pt::Trainer trainer(model, pt::AnyWeighting(pt::GradNorm{}), pt::Adam{});
  CHECK_THROWS_AS(trainer.fit(train), pt::ArgumentError);
  CHECK_THROWS_WITH(trainer.fit(train),
                    containing("gradients of the last shared layer, but sharing 'separate' has none"));
  pt::Trainer(model, pt::AnyWeighting(pt::Uncertainty{}), pt::Adam{}).fit(train, {.epochs = 1});
}

TEST_CASE("GradNorm with slices, threads and missing labels is GradNorm of one piece to rounding") {
  const auto train = problem::table(900);
  const auto trained = [&](Index threads, auto sharing) {
    auto model = problem::model<double>(train, std::move(sharing));
    pt::Trainer trainer(model, pt::GradNorm{.alpha = 1}, pt::Sgd{.rate = 0.05});
    trainer.fit(train, {.epochs = 3, .batch = 900, .threads = threads});
    const pt::Vector<double> parameters = pt::view(model.parameters.values);
    const pt::Vector<double> weights = Eigen::Map<const pt::Vector<double>>(trainer.weights().data(), 4);
    return std::pair(parameters, weights);
  };
  const auto agree = [&](auto sharing, auto whole) {
    const auto one = trained(1, sharing);
    const auto two = trained(2, sharing);
    const auto piece = trained(1, whole);  // its samples are coupled, so that the batch is one slice
    CHECK((one.first - two.first).norm() < 1e-12 * one.first.norm());
    CHECK((one.second - two.second).norm() < 1e-12);
    CHECK((one.second.array() - 1).abs().maxCoeff() > 1e-3);
    CHECK((one.second - piece.second).norm() < 1e-10);
  };
  // a term that couples the samples and is too small to change anything
  agree(pt::SharedPrivate{pt::mlp<pt::Tanh>({6}), {.orthogonality = 0}},
        pt::SharedPrivate{pt::mlp<pt::Tanh>({6}), {.orthogonality = 1e-300}});
  agree(pt::MixtureOfExperts{pt::mlp<pt::Tanh>({6}), {.experts = 3}},
        pt::MixtureOfExperts{pt::mlp<pt::Tanh>({6}), {.experts = 3, .balance = 1e-300}});
}

TEST_CASE("a training run that is refused can still be taken up") {
  const auto train = problem::table(100);
  auto model = hard(train);
  pt::Trainer first(model, pt::Adam{});
  first.fit(train, {.epochs = 2});
  auto straight = hard(train);
  pt::Trainer(straight, pt::Adam{}).fit(train, {.epochs = 4});
  pt::Trainer rest(model, pt::Adam{});
  rest.resume(first.run());
  CHECK_THROWS_AS(rest.fit(train, {.epochs = 4, .threads = 0}), pt::ArgumentError);
  CHECK_THROWS_WITH(rest.fit(train, {.epochs = 4, .validation = &train}),
                    containing("with other settings: validated (0 then, 1 now)"));
  rest.fit(train, {.epochs = 4});
  CHECK(rest.history().epochs.size() == 4);
  CHECK(largest_difference(model.parameters.values, straight.parameters.values) == 0);
}

TEST_CASE("the history and the run that were handed out are written over, not replaced") {
  const auto train = problem::table(100);
  auto model = hard(train);
  pt::Trainer trainer(model, pt::Adam{});
  const auto& run = trainer.run();
  const auto& history = trainer.fit(train, {.epochs = 3});
  trainer.fit(train, {.epochs = 2});
  CHECK(history.epochs.size() == 2);
  auto other = hard(train);
  pt::Trainer longer(other, pt::Adam{});
  longer.fit(train, {.epochs = 4});
  trainer.resume(longer.run());
  CHECK(&history == &trainer.history());
  CHECK(&run == &trainer.run());
  CHECK(history.epochs.size() == 4);
}
