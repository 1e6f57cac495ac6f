#include "polytask/training/comparison_table.hpp"

#include "catch.hpp"
#include "problem.hpp"

#include "polytask/layers/dropout.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/regularization/l2.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/separate.hpp"

#include <sstream>
#include <string>
#include <vector>

namespace pt = polytask;

namespace {

auto layers() { return pt::sequence(pt::dense<pt::Relu>(8), pt::dropout(0.1)); }

auto model_of(const pt::Table& train) { return problem::model<double>(train, pt::HardSharing{layers()}); }

/// All numbers of a model.
template <class Model>
std::vector<pt::Buffer<double>> numbers_of(const Model& model) {
  std::vector<pt::Buffer<double>> numbers{model.parameters.values, model.statistics.values};
  for (const auto& table : model.embeddings) numbers.push_back(table.values);
  return numbers;
}

/// Both sides of a comparison by hand: trained with all tasks, and each task alone. The test data are no argument:
/// nothing is trained or chosen by them.
auto by_hand(const pt::Table& train, const pt::Features& features, std::uint64_t seed, const pt::Table* own_validation,
             const std::string& group = "") {
  const auto parts = pt::split(train, {.test_fraction = 0.15, .seed = seed, .group = group});
  const auto& learning = own_validation == nullptr ? parts.train : train;
  const auto* validation = own_validation == nullptr ? &parts.test : own_validation;
  const auto options = [&](std::vector<std::string> only) {
    return pt::FitOptions<double>{.epochs = 4,
                                  .batch = 64,
                                  .epoch_steps = (learning.size() + 63) / 64,  // of all rows, for each task alone too
                                  .validation = validation,
                                  .patience = 2,
                                  .seed = seed,
                                  .only = std::move(only)};
  };
  const auto make = [&](auto sharing) {
    return pt::multi_task_model<double>(features, sharing, pt::task<"click">(pt::BinaryCrossEntropy{}),
                                        pt::task<"spend">(pt::SquaredError{}, pt::mlp<pt::Tanh>({4})),
                                        pt::task<"visits">(pt::Poisson{}),
                                        pt::task<"segment">(pt::SoftmaxCrossEntropy{}));
  };
  auto together = make(pt::HardSharing{layers()});
  together.initialize(seed);
  pt::Trainer(together, pt::Adam{.rate = 0.02}, pt::Fixed{{{"spend", 0.3}}}, pt::L2{.strength = 1e-3})
      .fit(learning, options({}));
  auto alone = make(pt::Separate{layers()});
  alone.initialize(seed);
  for (const std::string task : {"click", "spend", "visits", "segment"})
    pt::Trainer(alone, pt::Adam{.rate = 0.02}, pt::L2{.strength = 1e-3}).fit(learning, options({task}));
  return std::pair(together, alone);
}

/// A trainer with the policies of by_hand(), after a fit with its options.
template <class Model>
auto fitted_trainer(Model& model, const pt::Table& train, const pt::Table& validation) {
  pt::Trainer trainer(model, pt::Adam{.rate = 0.02}, pt::Fixed{{{"spend", 0.3}}}, pt::L2{.strength = 1e-3});
  trainer.fit(train, {.epochs = 4, .batch = 64, .validation = &validation, .patience = 2});
  return trainer;
}

bool same_numbers(const pt::Comparison& left, const pt::Comparison& right) {
  bool same = left.gains == right.gains && left.rows.size() == right.rows.size();
  for (std::size_t row = 0; same && row < left.rows.size(); ++row)
    same = left.rows[row].multi == right.rows[row].multi && left.rows[row].single == right.rows[row].single &&
           left.rows[row].gains == right.rows[row].gains;
  return same;
}

}  // namespace

TEST_CASE("a comparison is training by hand on rows split off for validation, whatever the test data are") {
  const auto train = problem::table(400);
  const auto validation = problem::table(80, 3);
  auto model = model_of(train);
  const auto trainer = fitted_trainer(model, train, validation);
  const std::vector tests{problem::table(200, 4), problem::table(150, 5)};
  std::vector<pt::Comparison> found;
  for (const auto& test : tests)
    found.push_back(pt::compare_with_single_task(trainer, train, test, {.seeds = 2, .first_seed = 7}));
  for (std::size_t run = 0; run < 2; ++run) {
    const auto [together, alone] = by_hand(train, model.features(), 7 + run, nullptr);
    for (std::size_t which = 0; which < 2; ++which) {
      const auto multi = pt::evaluate(together, tests[which]);
      const auto single = pt::evaluate(alone, tests[which]);
      double sum = 0;
      for (std::size_t task = 0; task < 4; ++task) {
        const auto& row = found[which].rows[task];
        INFO(row.task << ", run " << run);
        CHECK(row.multi[run] == Approx(multi[task].value).epsilon(1e-12));
        CHECK(row.single[run] == Approx(single[task].value).epsilon(1e-12));
        const double gain = pt::relative_gain(row.metric, multi[task].value, single[task].value);
        CHECK(row.gains[run] == Approx(gain).epsilon(1e-9));
        sum += gain;
      }
      CHECK(found[which].gains[run] == Approx(sum / 4).epsilon(1e-9));
    }
    CHECK(found[0].multi.parameters == together.parameter_count());
    CHECK(found[0].single.parameters == alone.parameter_count());
  }
  CHECK(found[0].rows[1].multi[0] != found[0].rows[1].multi[1]);
}

TEST_CASE("rows for validation are split off by whole groups where that is asked for") {
  const auto train = problem::table(300);
  const auto test = problem::table(100, 4);
  auto model = model_of(train);
  const auto trainer = fitted_trainer(model, train, test);
  const auto found = pt::compare_with_single_task(trainer, train, test, {.validation_group = "customer"});
  const auto [together, alone] = by_hand(train, model.features(), 1, nullptr, "customer");
  const auto multi = pt::evaluate(together, test);
  const auto single = pt::evaluate(alone, test);
  for (std::size_t task = 0; task < 4; ++task) {
    CHECK(found.rows[task].multi[0] == Approx(multi[task].value).epsilon(1e-12));
    CHECK(found.rows[task].single[0] == Approx(single[task].value).epsilon(1e-12));
  }
  CHECK_THROWS_WITH(pt::compare_with_single_task(trainer, train, test, {.validation_group = "custmer"}),
                    containing("custmer"));
}

TEST_CASE("validation data of one's own are taken instead") {
  const auto train = problem::table(300);
  const auto validation = problem::table(100, 3);
  const auto test = problem::table(100, 4);
  auto model = model_of(train);
  const auto trainer = fitted_trainer(model, train, validation);
  const auto found = pt::compare_with_single_task(trainer, train, test, {.validation = &validation});
  const auto [together, alone] = by_hand(train, model.features(), 1, &validation);
  const auto multi = pt::evaluate(together, test);
  const auto single = pt::evaluate(alone, test);
  for (std::size_t task = 0; task < 4; ++task) {
    CHECK(found.rows[task].multi[0] == Approx(multi[task].value).epsilon(1e-12));
    CHECK(found.rows[task].single[0] == Approx(single[task].value).epsilon(1e-12));
  }
}

TEST_CASE("a comparison leaves the trainer and its model as they are") {
  const auto train = problem::table(200);
  const auto test = problem::table(100, 4);
  auto model = model_of(train);
  const auto trainer = fitted_trainer(model, train, test);
  const auto before = numbers_of(model);
  const auto history = trainer.history();
  pt::compare_with_single_task(trainer, train, test);
  CHECK(numbers_of(model) == before);
  CHECK(trainer.history().steps == history.steps);
  CHECK(trainer.history().epochs.size() == history.epochs.size());
  CHECK(&trainer.model() == &model);
  CHECK(trainer.options().batch == 64);
  CHECK(trainer.options().validation == &test);
}

TEST_CASE("seeds that run at the same time give the same numbers") {
  const auto train = problem::table(200);
  const auto test = problem::table(100, 4);
  auto model = model_of(train);
  const auto trainer = fitted_trainer(model, train, test);
  const auto one = pt::compare_with_single_task(trainer, train, test, {.seeds = 3});
  const auto two = pt::compare_with_single_task(trainer, train, test, {.seeds = 3, .threads = 2});
  CHECK(same_numbers(one, two));
  CHECK_FALSE(same_numbers(one, pt::compare_with_single_task(trainer, train, test, {.seeds = 3, .first_seed = 2})));
}

TEST_CASE("whoever asks is told the model of each seed, which has the scores of the comparison") {
  const auto train = problem::table(200);
  const auto test = problem::table(200, 4);
  auto model = model_of(train);
  const auto trainer = fitted_trainer(model, train, test);
  std::vector<double> scores(2, -1);
  const auto side = pt::train_together<double>(model, trainer.rules(), train, test, trainer.options(), {.seeds = 2},
                                               [&](pt::Index run, const pt::Model<double>& trained) {
                                                 scores[static_cast<std::size_t>(run)] =
                                                     pt::evaluate(trained, test).front().value;
                                               });
  CHECK(scores == side.scores.front());
  CHECK(scores[0] != scores[1]);
}

TEST_CASE("a comparison with separate networks finds no gain but that of chance and of epochs") {
  const auto train = problem::table(200);
  const auto test = problem::table(200, 4);
  auto model = pt::multi_task_model<double>(problem::fitted(train), pt::Separate{pt::mlp<pt::Tanh>({6})},
                                            pt::task<"spend">(pt::SquaredError{}));
  pt::Trainer trainer(model, pt::Adam{.rate = 0.01});
  trainer.fit(train, {.epochs = 3});
  const auto found = pt::compare_with_single_task(trainer, train, test, {.seeds = 2});
  CHECK(found.gains == std::vector<double>{0, 0});  // one task: the two sides are one
}

namespace {

/// Two tasks as if they had been learnt, with one number a seed.
pt::ComparisonSide side(pt::Index parameters, std::vector<double> auc, std::vector<double> rmse, double seconds,
                        double prediction) {
  pt::ComparisonSide made;
  made.parameters = parameters;
  made.tasks = {"click", "spend"};
  made.metrics = {pt::metrics::auc, pt::metrics::rmse};
  made.training_seconds.assign(auc.size(), seconds);
  made.prediction_seconds.assign(auc.size(), prediction);
  made.step_seconds.assign(auc.size(), 1e-5 * seconds);
  made.scores = {std::move(auc), std::move(rmse)};
  return made;
}

}  // namespace

TEST_CASE("two ways of learning are set side by side, seed by seed") {
  const auto comparison = pt::compare(side(1, {0.8, 0.9}, {2, 2}, 1, 1), side(1, {0.7, 0.7}, {1, 1}, 1, 1));
  CHECK(comparison.rows[0].gains[0] == Approx(50).epsilon(1e-12));  // 0.3 over 0.2 above chance
  CHECK(comparison.rows[0].gains[1] == Approx(100).epsilon(1e-12));
  CHECK(comparison.rows[1].gains == std::vector<double>{-100, -100});
  CHECK(comparison.gains[0] == Approx(-25).epsilon(1e-12));
  CHECK_THROWS_WITH(pt::compare(side(1, {0.8}, {2}, 1, 1), side(1, {0.7, 0.7}, {1, 1}, 1, 1)),
                    containing("the same tasks and seeds"));
}

TEST_CASE("the table of several comparisons has a line for each, and one for the single tasks") {
  const auto single = side(240, {0.7, 0.7}, {1, 1}, 3, 1);
  const std::vector<pt::Comparison> comparisons{pt::compare(side(120, {0.8, 0.9}, {2, 2}, 2, 1), single),
                                                pt::compare(side(360, {0.7, 0.7}, {0.5, 0.5}, 4, 1), single)};
  std::ostringstream stream;
  stream << pt::comparison_table(comparisons, std::vector<std::string>{"hard", "soft"});
  const std::string lines = stream.str();
  INFO(lines);
  CHECK_THAT(lines, containing("click auc") && containing("spend rmse") && containing("each task alone"));
  CHECK(lines.find("hard") < lines.find("soft"));
  CHECK_THAT(lines.substr(lines.find("hard"), lines.find("soft") - lines.find("hard")),
             containing("0.8500 +- 0.0707") && containing("-12.5 +- 17.7 %") && containing("120") &&
                 containing("2 s") && containing("20 us"));
  CHECK_THAT(lines.substr(lines.find("soft")), containing("+25.0 +- 0.0 %") && containing("360") && containing("4 s"));
  CHECK_THROWS_WITH(pt::comparison_table(comparisons, std::vector<std::string>{"hard"}), containing("1 names"));
}

TEST_CASE("the table of a comparison has a line for every task, the gain and the cost") {
  const auto comparison = pt::compare(side(120, {0.8, 0.9}, {2, 2}, 2, 0.25), side(240, {0.7, 0.7}, {1, 1}, 3, 0.5));
  std::ostringstream stream;
  stream << comparison;
  const std::string lines = stream.str();
  INFO(lines);
  CHECK_THAT(lines, containing("click") && containing("auc ") && containing("0.8500 +- 0.0707") &&
                        containing("0.7000 +- 0.0000") && containing("+75.0 +- 35.4 %"));
  CHECK_THAT(lines, containing("spend") && containing("rmse (lower is better)") && containing("-100.0 +- 0.0 %"));
  CHECK_THAT(lines, containing("mean gain (delta m)") && containing("-12.5 +- 17.7 %"));
  CHECK_THAT(lines, containing("parameters") && containing("120") && containing("240"));
  CHECK_THAT(lines, containing("training time") && containing("2 s") && containing("3 s"));
  CHECK_THAT(lines, containing("prediction time") && containing("0.25 s") && containing("0.5 s"));
  std::istringstream parts(lines);
  std::string line;
  std::size_t width = 0;
  while (std::getline(parts, line)) {
    if (width == 0) width = line.size();
    CHECK(line.size() == width);
  }
}

TEST_CASE("a comparison with one seed shows no deviation, and none without a seed is made") {
  const auto comparison = pt::compare(side(1, {0.8}, {1}, 1, 1), side(1, {0.7}, {1}, 1, 1));
  std::ostringstream stream;
  stream << comparison;
  CHECK(stream.str().find("+-") == std::string::npos);
  CHECK_THAT(stream.str(), containing("+25.0 %"));

  const auto train = problem::table(60);
  auto model = model_of(train);
  const pt::Trainer trainer(model, pt::Adam{});
  CHECK_THROWS_WITH(pt::compare_with_single_task(trainer, train, train, {.seeds = 0}),
                    "a comparison needs at least one seed, not 0");
}
