#include "catch.hpp"
#include "problem.hpp"

#include "polytask/layers/batch_normalization.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/separate.hpp"
#include "polytask/training/trainer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

auto hard(const pt::Table& train) {
  return problem::model<double>(train, pt::HardSharing{pt::sequence(pt::dense<pt::Tanh>(6), pt::dropout(0.3))});
}

auto normalised(const pt::Table& train) {
  return problem::model<double>(train,
                                pt::HardSharing{pt::sequence(pt::dense<pt::Relu>(6), pt::batch_normalization())});
}

/// A table with the same columns but for one, which holds the given values.
template <class Values>
pt::Table with(const pt::Table& table, const std::string& name, Values values) {
  pt::Table changed("visits.csv");
  for (const auto& column : table.columns())
    changed.add(column.name, column.use, column.name == name ? pt::Table::Values(values) : column.values);
  return changed;
}

pt::Table without(const pt::Table& table, const std::string& name) {
  pt::Table changed;
  for (const auto& column : table.columns())
    if (column.name != name) changed.add(column.name, column.use, column.values);
  return changed;
}

template <class Model>
void predicts_alike_in_every_way(const Model& model, const pt::Table& table) {
  const auto data = model.encode_inputs(table);
  const auto of_table = std::array{model.template predict<"click">(table), model.template predict<"spend">(table),
                                   model.template predict<"visits">(table), model.template predict<"segment">(table)};
  CHECK(model.template predict<"click">(data) == of_table[0]);
  CHECK(model.template predict<"segment">(data) == of_table[3]);
  auto space = model.workspace(1);
  double apart = 0;
  for (Index row = 0; row < table.size(); ++row) {
    model.predict(space, data, std::array{row});
    apart = (std::max)(apart, (model.template prediction<"click">(space) - of_table[0].col(row)).norm());
    apart = (std::max)(apart, (model.template prediction<"spend">(space) - of_table[1].col(row)).norm());
    apart = (std::max)(apart, (model.template prediction<"visits">(space) - of_table[2].col(row)).norm());
    apart = (std::max)(apart, (model.template prediction<"segment">(space) - of_table[3].col(row)).norm());
  }
  CHECK(apart < 1e-13);
}

}  // namespace

TEST_CASE("a table, its data set and one row at a time get the same predictions") {
  const auto train = problem::table(300);
  const auto table = problem::table(1100, 2);  // more than two batches of prediction
  auto model = normalised(train);
  pt::Trainer(model, pt::Adam{}).fit(train, {.epochs = 1});
  predicts_alike_in_every_way(model, table);
  predicts_alike_in_every_way(problem::model<double>(train, pt::Separate{pt::mlp({5})}), table);
  CHECK(model.predict<"segment">(table.rows({})).rows() == 3);
  CHECK(model.predict<"segment">(table.rows({})).cols() == 0);
}

TEST_CASE("a prediction of batch normalisation does not depend on the rows beside it") {
  const auto train = problem::table(200);
  auto model = normalised(train);
  pt::Trainer(model, pt::Adam{.rate = 0.01}).fit(train, {.epochs = 3});
  const auto statistics = model.statistics.values;
  const auto data = model.encode_inputs(train);
  auto space = model.workspace(4);
  model.predict(space, data, std::array<Index, 4>{17, 3, 5, 8});
  const pt::Vector<double> with_some = model.prediction<"segment">(space).col(0);
  model.predict(space, data, std::array<Index, 3>{100, 120, 17});
  const pt::Vector<double> with_others = model.prediction<"segment">(space).col(2);
  CHECK((with_some - with_others).norm() < 1e-14);
  CHECK(model.statistics.values == statistics);
}

TEST_CASE("a model knows its tasks by name") {
  const auto model = hard(problem::table(50));
  using Model = std::remove_cv_t<decltype(model)>;
  STATIC_REQUIRE(Model::task_index<"click">() == 0);
  STATIC_REQUIRE(Model::task_index<"visits">() == 2);
  STATIC_REQUIRE(Model::task_names[3] == "segment");
  CHECK(model.task<"segment">().loss.classes == 3);
  CHECK(model.task<"spend">().labels == std::vector<std::string>{"spend"});
  CHECK(model.label_offsets() == std::vector<Index>{0, 1, 2, 3, 4});
  std::string seen;
  std::apply([&](const auto&... task) { ((seen += std::string(task.name.view()) + " "), ...); }, model.tasks());
  CHECK(seen == "click spend visits segment ");
}

TEST_CASE("each active head gets the labels and weights of its own task, sample by sample") {
  const auto model = pt::multi_task_model<double>(
      pt::Features::dense(2), pt::HardSharing{pt::mlp({4})}, pt::task<"one">(pt::SquaredError{}),
      pt::task<"three">(pt::SquaredError{}, {"a", "b", "c"}), pt::task<"idle">(pt::SquaredError{}),
      pt::task<"last">(pt::SquaredError{}));
  const auto data = pt::Dataset<double>::from(pt::Matrix<double>::Random(2, 60), pt::Matrix<double>::Random(6, 60),
                                              pt::Vector<double>::Random(60).cwiseAbs());
  auto space = model.workspace(40, true);
  std::vector<Index> samples;
  for (Index place = 0; place < 40; ++place) samples.push_back(place * 7 % 60);
  model.gather(space, data, samples);
  space.active = {1, 1, 0, 1};
  std::fill(space.heads[2].labels.begin(), space.heads[2].labels.end(), -99);
  model.gather_labels(space, data, samples);
  const auto has = [&](std::size_t task, Index first, Index rows) {
    for (std::size_t place = 0; place < samples.size(); ++place)
      for (Index row = 0; row < rows; ++row) {
        const std::size_t where = place * static_cast<std::size_t>(rows) + static_cast<std::size_t>(row);
        if (space.heads[task].labels[where] != data.labels(first + row, samples[place])) return false;
        if (space.heads[task].weights[where] != data.weights(first + row, samples[place])) return false;
      }
    return true;
  };
  CHECK(has(0, 0, 1));
  CHECK(has(1, 1, 3));
  CHECK(has(3, 5, 1));
  const auto& idle = space.heads[2].labels;
  CHECK(std::all_of(idle.begin(), idle.end(), [](double label) { return label == -99; }));
}

TEST_CASE("copies of a model share its features") {
  const auto model = hard(problem::table(50));
  const auto copy = model;
  CHECK(&copy.features() == &model.features());
  CHECK(&model.clone()->features() == &model.features());
}

TEST_CASE("each head has statistics and noise of its own, and can couple samples") {
  const auto layers = pt::sequence(pt::dense<pt::Tanh>(4), pt::batch_normalization(), pt::dropout(0.5));
  auto model = pt::multi_task_model<double>(
      pt::Features::dense(3), pt::HardSharing{pt::mlp<pt::Tanh>({5})}, pt::task<"plain">(pt::SquaredError{}),
      pt::task<"one">(pt::SquaredError{}, layers), pt::task<"two">(pt::SquaredError{}, layers));
  CHECK(model.couples_samples());
  const auto data = pt::Dataset<double>::from(pt::Matrix<double>::Random(3, 6), pt::Matrix<double>::Random(3, 6));
  for (const std::string part : {"/0/weights", "/0/bias", "/3/weights", "/3/bias"})
    model.parameters["two" + part] = model.parameters["one" + part];

  auto space = model.workspace(6, true);
  const std::vector<Index> samples{0, 1, 2, 3, 4, 5};
  auto running = model.statistics;
  CHECK(running["two/1/mean"] == running["one/1/mean"]);
  CHECK(running["two/1/variance"] == running["one/1/variance"]);
  const auto before = running;
  model.gather(space, data, samples);
  model.forward(space, pt::view(running.values), pt::Random(3), true);
  CHECK(running["one/1/mean"] != before["one/1/mean"]);
  CHECK(running["two/1/mean"] == running["one/1/mean"]);
  CHECK(space.heads[1].logits != space.heads[2].logits);  // other numbers are dropped

  model.forward(space, pt::view(running.values), pt::Random(3), false);
  CHECK(space.heads[1].logits == space.heads[2].logits);
}

TEST_CASE("the segments of hard sharing come first and are shared, then each task's head") {
  const auto model = hard(problem::table(300));
  std::string segments;
  for (const auto& segment : model.parameters.layout.segments())
    segments += segment.name + " " + std::to_string(segment.owner) + " " + std::to_string(segment.rows) + "x" +
                std::to_string(segment.columns) + "; ";
  // 2 numbers, a flag for a missing age, 3 numbers for each of city and viewed
  CHECK(segments ==
        "shared/0/weights -1 6x9; shared/0/bias -1 6x1; click/0/weights 0 1x6; click/0/bias 0 1x1; "
        "spend/0/weights 1 4x6; spend/0/bias 1 4x1; spend/1/weights 1 1x4; spend/1/bias 1 1x1; "
        "visits/0/weights 2 1x6; visits/0/bias 2 1x1; segment/0/weights 3 3x6; segment/0/bias 3 3x1; ");
  REQUIRE(model.embeddings.size() == 2);
  CHECK(model.embeddings[0].name == "embeddings/city");
  CHECK(model.embeddings[0].owner == pt::shared_owner);
  CHECK(model.embeddings[0].rows == 6);  // four cities, unknown, missing
  CHECK(model.embeddings[1].rows == 7);  // six products and unknown
  CHECK(model.parameter_count() == 6 * 9 + 6 + 7 + (28 + 5) + 7 + 21 + 3 * (6 + 7));
}

TEST_CASE("separate networks have segments and embedding tables of their own") {
  const auto train = problem::table(300);
  const auto model = problem::model<float>(train, pt::Separate{pt::mlp({2})});
  std::string owners;
  for (const auto& segment : model.parameters.layout.segments())
    owners += segment.name.substr(0, segment.name.find('/')) + std::to_string(segment.owner) + " ";
  CHECK(owners ==
        "click0 click0 spend1 spend1 visits2 visits2 segment3 segment3 "
        "click0 click0 spend1 spend1 spend1 spend1 visits2 visits2 segment3 segment3 ");
  REQUIRE(model.embeddings.size() == 8);
  CHECK(model.embeddings[3].name == "spend/embeddings/viewed");
  CHECK(model.embeddings[3].owner == 1);
  CHECK(model.embeddings[6].owner == 3);
  CHECK(model.embeddings[0].values != model.embeddings[2].values);
  CHECK(model.parameter_count() == 4 * (20 + 3 * 13) + 3 + (12 + 5) + 3 + 9);
}

TEST_CASE("the first parameters follow from the seed alone") {
  const auto train = problem::table(60);
  auto one = hard(train);
  auto other = hard(train);
  CHECK(one.parameters.values == other.parameters.values);
  other.initialize(2);
  CHECK(one.parameters.values != other.parameters.values);
  CHECK(one.embeddings[0].values != other.embeddings[0].values);
  other.initialize(1);
  CHECK(one.parameters.values == other.parameters.values);
  CHECK(one.embeddings[1].values == other.embeddings[1].values);
  for (const auto& table : one.embeddings)  // the unknown entry
    CHECK(pt::ConstFlat<double>(table.row(0), table.width).isZero());
}

TEST_CASE("a copy of a model has numbers of its own") {
  const auto train = problem::table(100);
  auto model = normalised(train);
  const auto before = model.predict<"spend">(train);
  auto copy = model;
  pt::Trainer(copy, pt::Adam{.rate = 0.05}).fit(train, {.epochs = 2});
  CHECK(copy.predict<"spend">(train) != before);
  CHECK(model.predict<"spend">(train) == before);
  model = copy;
  CHECK(model.predict<"spend">(train) == copy.predict<"spend">(train));
  CHECK(model.parameters.values.data() != copy.parameters.values.data());
}

TEST_CASE("predictions are in the units of the labels") {
  const auto train = problem::table(300);
  auto model = problem::model<float>(train, pt::HardSharing{pt::mlp({16})});
  pt::Trainer(model, pt::Adam{.rate = 0.01}).fit(train, {.epochs = 10});
  const auto click = model.predict<"click">(train);
  CHECK(click.rows() == 1);
  CHECK(click.minCoeff() > 0);
  CHECK(click.maxCoeff() < 1);
  const auto segment = model.predict<"segment">(train);
  CHECK(segment.rows() == 3);
  CHECK((segment.colwise().sum().array() - 1).abs().maxCoeff() < 1e-6f);
  CHECK(segment.minCoeff() > 0);
  CHECK(model.predict<"visits">(train).minCoeff() > 0);
  CHECK(model.predict<"spend">(train).minCoeff() < 0);
}

TEST_CASE("encoded labels are numbers or places in the sorted class names, with weights") {
  auto train = problem::table(40);
  const auto model = hard(train);
  const auto data = model.encode(train);
  REQUIRE(data.labels.rows() == 4);
  const auto& weight = train.numbers("weight").values;
  const std::vector<std::string> names{"casual", "loyal", "rare"};
  CHECK(model.features().class_names("segment") == names);
  bool missing_click = false;
  for (Index row = 0; row < 40; ++row) {
    const auto place = static_cast<std::size_t>(row);
    const double click = train.numbers("click").values[place];
    missing_click = missing_click || std::isnan(click);
    CHECK(data.labels(0, row) == (std::isnan(click) ? 0 : click));
    CHECK(data.weights(0, row) == (std::isnan(click) ? 0 : weight[place]));
    const auto segment = train.categories("segment").at(row);
    CHECK(data.weights(3, row) == (segment.empty() ? 0 : weight[place]));
    if (!segment.empty()) CHECK(names[static_cast<std::size_t>(data.labels(3, row))] == segment);
  }
  CHECK(missing_click);
  const auto unweighted = model.encode(without(train, "weight"));
  CHECK(unweighted.weights.row(1).isOnes());
}

TEST_CASE("a table that does not suit the model is refused with the place") {
  const auto train = problem::table(8);
  const auto model = hard(problem::table(100));
  CHECK_THROWS_AS(model.encode(without(train, "spend")), pt::DataError);
  CHECK_THROWS_WITH(model.encode(without(train, "spend")), containing("there is no column 'spend'; there are: age"));
  CHECK_THROWS_WITH(model.encode(without(train, "city")), containing("there is no column 'city'"));
  CHECK_NOTHROW(model.encode_inputs(without(train, "spend")));

  pt::CategoryColumn segments{{0, 0, 1, 0, 2, pt::missing_code, 0, 0}, {"rare", "casual", "lost"}};
  CHECK_THROWS_WITH(
      model.encode(with(train, "segment", segments)),
      containing("visits.csv: column 'segment', row 4") && containing("the class 'lost' did not occur in training"));
  segments.codes[4] = 1;  // a name that no row has is no harm
  CHECK_NOTHROW(model.encode(with(train, "segment", segments)));

  const pt::NumberColumn click{{0, 1, pt::missing, 1, 0, 0.5, 1, 1}};
  CHECK_THROWS_AS(model.encode(with(train, "click", click)), pt::DataError);
  CHECK_THROWS_WITH(model.encode(with(train, "click", click)),
                    "visits.csv: task 'click', column 'click', row 5 (counted from 0): 0.5 is not 0 or 1");
  const pt::NumberColumn visits{{0, 1, 2, -3, 0, 0, 1, 1}};
  CHECK_THROWS_WITH(model.encode(with(train, "visits", visits)), containing("task 'visits'") && containing("row 3"));

  const pt::NumberColumn income{{1, 2, 3, 4, 5, 6, -std::numeric_limits<double>::infinity(), 8}};
  CHECK_THROWS_WITH(model.encode(with(train, "income", income)), containing("visits.csv: column 'income', row 6") &&
                                                                     containing("expected a finite number, got -inf"));

  CHECK_THROWS_WITH(model.encode(with(train, "city", income)), containing("column 'city' does not hold categories"));
  CHECK_THROWS_WITH(model.encode(with(train, "age", segments)), containing("column 'age' does not hold numbers"));
  CHECK_THROWS_WITH(model.encode(with(train, "viewed", segments)), containing("column 'viewed' does not hold lists"));
  const pt::ListColumn lists{{0, 0, 0, 0, 0, 0, 0, 0, 0}, {}, {}};
  CHECK_THROWS_WITH(model.encode(with(train, "segment", lists)),
                    containing("column 'segment' does not hold categories"));
}

TEST_CASE("sample weights must be finite numbers of at least 0") {
  const auto train = problem::table(4);
  const auto model = hard(problem::table(100));
  for (const double weight : {pt::missing, -1.0, std::numeric_limits<double>::infinity()}) {
    const pt::NumberColumn weights{{1, 0, weight, 1}};
    CHECK_THROWS_AS(model.encode(with(train, "weight", weights)), pt::DataError);
    CHECK_THROWS_WITH(model.encode(with(train, "weight", weights)),
                      containing("visits.csv: column 'weight', row 2 (counted from 0)") && containing("at least 0"));
  }
}

TEST_CASE("a loss that does not suit its label column names the task") {
  const auto train = problem::table(100);
  const auto make = [&](auto task) {
    return pt::multi_task_model(problem::fitted(train), pt::HardSharing{pt::mlp({4})}, task);
  };
  CHECK_THROWS_AS(make(pt::task<"segment">(pt::SquaredError{})), pt::ArgumentError);
  CHECK_THROWS_WITH(make(pt::task<"segment">(pt::SquaredError{})), containing("task 'segment': loss 'squared_error'"));
  CHECK_THROWS_WITH(make(pt::task<"spend">(pt::SoftmaxCrossEntropy{})), containing("task 'spend': loss 'softmax"));
}

TEST_CASE("a pass needs a workspace of its size, and a data set of the model's shape") {
  const auto train = problem::table(20);
  const auto model = hard(train);
  const auto data = model.encode(train);
  auto space = model.workspace(2);
  CHECK_THROWS_AS(model.predict(space, data, std::array<Index, 3>{0, 1, 2}), pt::ArgumentError);
  CHECK_THROWS_WITH(model.predict(space, data, std::array<Index, 3>{0, 1, 2}),
                    "a pass over 3 samples needs a workspace of that size, not of 2");
  CHECK_THROWS_WITH(model.workspace(0), containing("at least one sample, not 0"));
  for (const Index row : {-1, 20})
    CHECK_THROWS_WITH(model.predict(space, data, std::array<Index, 2>{0, row}),
                      pt::text("a prediction was asked for sample ", row, ", but the data set has 20"));
  auto narrow = data;
  narrow.categories.resize(0, 20);
  CHECK_THROWS_WITH(model.predict(space, narrow, std::array<Index, 1>{0}),
                    "the model takes 1 categories a sample, the data set has 0");
  CHECK_THROWS_WITH(model.predict<"click">(narrow), "the model takes 1 categories a sample, the data set has 0");
  narrow = data;
  narrow.lists.clear();
  CHECK_THROWS_WITH(model.predict<"click">(narrow), "the model takes 1 lists a sample, the data set has 0");
  narrow = data;
  narrow.labels.resize(3, 20);
  CHECK_THROWS_WITH(pt::evaluate(model, narrow),
                    "the model's tasks have 4 labels a sample, the data set has 3 and 4 weights of labels");
  narrow = data;
  narrow.weights.resize(4, 3);
  CHECK_THROWS_WITH(pt::evaluate(model, narrow),
                    "the data set has numbers of 20 samples, labels of 20 and weights of 3");
  narrow = data;
  narrow.labels.resize(4, 21);
  CHECK_THROWS_WITH(pt::evaluate(model, narrow),
                    "the data set has numbers of 20 samples, labels of 21 and weights of 20");
}

TEST_CASE("a data set made by hand is refused when a row or a label is out of range") {
  const auto train = problem::table(20);
  const auto model = hard(train);
  const auto data = model.encode(train);
  const auto refused = [&](auto change, const std::string& message) {
    auto changed = data;
    change(changed);
    CHECK_THROWS_AS(pt::evaluate(model, changed), pt::DataError);
    CHECK_THROWS_WITH(pt::evaluate(model, changed), containing(message));
  };
  const auto rows = static_cast<std::int32_t>(model.embeddings[0].rows);
  refused([&](auto& changed) { changed.categories(0, 7) = rows; },
          "column 'city', sample 7: row " + std::to_string(rows));
  refused([](auto& changed) { changed.categories(0, 2) = -1; }, "column 'city', sample 2: row -1");
  refused([](auto& changed) { changed.lists[0].rows.back() = 99; }, "column 'viewed', sample");
  refused([](auto& changed) { changed.labels(0, 3) = 0.5, changed.weights(0, 3) = 1; },
          "task 'click', sample 3: the label 0.5 is not 0 or 1");
  refused([](auto& changed) { changed.weights(1, 4) = -1; }, "task 'spend', sample 4: the weight is -1");
  auto missing_label = data;
  missing_label.labels(0, 3) = 0.5;
  missing_label.weights(0, 3) = 0;  // a label that does not count may be anything
  CHECK_NOTHROW(pt::evaluate(model, missing_label));
}

TEST_CASE("threads predict from one const model, each with its own workspace") {
  const auto train = problem::table(200);
  const auto check = [&](const auto& model) {
    const auto data = model.encode_inputs(train);
    const auto expected = model.template predict<"segment">(train);
    std::array<pt::Matrix<double>, 3> found;
    {
      std::vector<std::jthread> threads;
      for (std::size_t thread = 0; thread < 2; ++thread)
        threads.emplace_back([&, thread] {
          auto space = model.workspace(50);
          found[thread].resize(3, 200);
          std::vector<Index> rows(50);
          for (int round = 0; round < 5; ++round)
            for (Index first = 0; first < 200; first += 50) {
              for (std::size_t place = 0; place < 50; ++place) rows[place] = first + static_cast<Index>(place);
              model.predict(space, data, rows);
              found[thread].middleCols(first, 50) = model.template prediction<"segment">(space);
            }
        });
      threads.emplace_back([&] { found[2] = model.template predict<"segment">(data); });
    }
    for (const auto& predictions : found) CHECK((predictions - expected).cwiseAbs().maxCoeff() < 1e-13);
  };
  check(normalised(train));
  check(problem::model<double>(train, pt::Separate{pt::mlp({5})}));
}

TEST_CASE("a category and a list column can share an embedding table") {
  const std::vector<std::string> product{"tea", "rice", "tea", "oil"};
  const std::vector<std::vector<std::string>> viewed{{"tea"}, {"milk", "rice"}, {}, {"oil"}};
  pt::Table train;
  train.add_categories("product", product).add_lists("viewed", viewed);
  train.add_numbers("price", {1, 2, 3, 4}, pt::Use::label);
  const pt::FeatureOptions options{.embedding_width = 2,
                                   .columns = {{"product", {.table = "goods"}}, {"viewed", {.table = "goods"}}}};
  auto model = pt::multi_task_model<double>(pt::features(train, options), pt::HardSharing{pt::mlp<pt::Tanh>({3})},
                                            pt::task<"price">(pt::SquaredError{}));
  REQUIRE(model.embeddings.size() == 1);
  CHECK(model.embeddings[0].name == "embeddings/goods");
  CHECK(model.embeddings[0].rows == 5);  // unknown, tea, rice, oil, milk
  const auto data = model.encode(train);
  auto space = model.workspace(2);
  model.gather(space, data, std::array<Index, 2>{0, 3});
  const auto inputs = space.input_views()[0];
  REQUIRE(inputs.rows() == 4);
  CHECK(inputs.topRows(2) == inputs.bottomRows(2));  // the same product, viewed alone
  CHECK(inputs.col(0) != inputs.col(1));
  const auto before = model.embeddings[0].values;
  pt::Trainer(model, pt::Adam{}).fit(train, {.epochs = 1});
  for (Index row = 1; row < 5; ++row)
    CHECK(model.embeddings[0].values[static_cast<std::size_t>(row * 2)] != before[static_cast<std::size_t>(row * 2)]);
}

TEST_CASE("a model of categories alone has no numbers") {
  const std::vector<std::string> city{"Athens", "Bergen", "Athens", "Cork"};
  pt::Table train;
  train.add_categories("city", city).add_numbers("sales", {1, 2, 3, 4}, pt::Use::label);
  auto model = pt::multi_task_model<double>(pt::features(train), pt::HardSharing{pt::mlp({3})},
                                            pt::task<"sales">(pt::SquaredError{}));
  pt::Trainer(model, pt::Adam{.rate = 0.05}).fit(train, {.epochs = 200});
  const auto sales = model.predict<"sales">(train);
  CHECK(sales(0, 1) == Approx(2).epsilon(0.1));
  CHECK(sales(0, 3) == Approx(4).epsilon(0.1));
}

TEST_CASE("any one of several networks predicts alone what it predicts among all, with embeddings or without") {
  const auto check = [](const auto& model, const auto& data) {
    auto space = model.workspace(20);
    std::vector<Index> rows(20);
    for (std::size_t row = 0; row < rows.size(); ++row) rows[row] = static_cast<Index>(row);
    model.predict(space, data, rows);
    CHECK(model.template predict<"click">(data) == model.template prediction<"click">(space));
    CHECK(model.template predict<"spend">(data) == model.template prediction<"spend">(space));
  };
  const auto train = problem::table(20);
  const auto embedding = problem::model<double>(train, pt::Separate{pt::mlp({5})});
  check(embedding, embedding.encode(train));
  const auto dense =
      pt::multi_task_model<double>(pt::Features::dense(3), pt::Separate{pt::mlp<pt::Tanh>({5})},
                                   pt::task<"click">(pt::BinaryCrossEntropy{}), pt::task<"spend">(pt::SquaredError{}));
  check(dense, pt::Dataset<double>::from(pt::Matrix<double>::Random(3, 20), pt::Matrix<double>::Zero(2, 20)));
}

TEST_CASE("a label that is a feature, too, is refused") {
  pt::Table table;
  table.add_numbers("age", {1, 2, 3}).add_numbers("click", {0, 1, 0});
  const auto make = [&](const pt::Table& train) {
    return pt::multi_task_model<double>(pt::features(train), pt::HardSharing{pt::mlp({2})},
                                        pt::task<"click">(pt::BinaryCrossEntropy{}));
  };
  CHECK_THROWS_AS(make(table), pt::ArgumentError);
  CHECK_THROWS_WITH(make(table), containing("column 'click' holds the labels of task 'click' and is a feature, too"));
  pt::Table right;
  right.add_numbers("age", {1, 2, 3}).add_numbers("click", {0, 1, 0}, pt::Use::label);
  CHECK_NOTHROW(make(right));
}

TEST_CASE("rows have one weight") {
  const auto train = problem::table(20);
  const auto model = problem::model<double>(train, pt::HardSharing{pt::mlp({2})});
  pt::Table twice = train;
  twice.add_numbers("importance", std::vector<double>(20, 1.0), pt::Use::weight);
  CHECK_NOTHROW(model.encode(train));
  CHECK_THROWS_AS(model.encode(twice), pt::DataError);
  CHECK_THROWS_WITH(model.encode(twice), containing("column 'importance' is a second one of weights of the rows"));
}
