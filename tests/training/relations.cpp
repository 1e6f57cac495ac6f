// Regularizations that tie tasks together, in the training of whole models.
#include "catch.hpp"
#include "every_rule.hpp"
#include "problem.hpp"
#include "steps.hpp"

#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/insight/task_relations.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/optimizers/sgd.hpp"
#include "polytask/regularization/group_lasso.hpp"
#include "polytask/regularization/l2.hpp"
#include "polytask/regularization/mean_tying.hpp"
#include "polytask/regularization/task_covariance.hpp"
#include "polytask/regularization/task_graph.hpp"
#include "polytask/regularization/trace_norm.hpp"
#include "polytask/sharing/cross_stitch.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"
#include "polytask/sharing/separate.hpp"
#include "polytask/sharing/soft.hpp"
#include "polytask/training/comparison.hpp"
#include "polytask/weighting/grad_norm.hpp"
#include "polytask/weighting/uncertainty.hpp"

#include <cmath>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

namespace relations_tests {

namespace pt = polytask;
using pt::Index;

namespace {

using Any = pt::AnyRegularization<double>;

const pt::AnyOptimizer<double> sgd(pt::Sgd{});

/// Three tasks with heads of one shape.
template <class SharingPolicy>
auto model_of(pt::Features features, SharingPolicy sharing) {
  return pt::multi_task_model<double>(std::move(features), std::move(sharing),
                                      pt::task<"click">(pt::BinaryCrossEntropy{}),
                                      pt::task<"spend">(pt::SquaredError{}), pt::task<"visits">(pt::Huber{}));
}
auto hard(pt::Features features) { return model_of(std::move(features), pt::HardSharing{pt::mlp<pt::Tanh>({6})}); }
auto soft(pt::Features features, pt::SoftSettings settings = {.strength = 0}) {
  return model_of(std::move(features), pt::SoftSharing{pt::mlp<pt::Tanh>({6}), settings});
}

/// Four inputs. Spend is a function of the first, visits its negative plus something of the second, click another
/// function of the first; the last two inputs are noise.
pt::Dataset<double> data_of(Index rows, double of_second) {
  pt::Random random(11);
  pt::Matrix<double> inputs(4, rows);
  pt::Matrix<double> labels(3, rows);
  for (Index row = 0; row < rows; ++row) {
    for (Index input = 0; input < 4; ++input) inputs(input, row) = random.normal();
    labels(0, row) = inputs(0, row) + 0.5 * random.normal() > 0 ? 1 : 0;
    labels(1, row) = std::tanh(inputs(0, row)) + 0.05 * random.normal();
    labels(2, row) = -std::tanh(inputs(0, row)) + of_second * inputs(1, row) + 0.05 * random.normal();
  }
  return pt::Dataset<double>::from(inputs, labels);
}

std::vector<Index> all_of(const pt::Dataset<double>& data) {
  std::vector<Index> rows(static_cast<std::size_t>(data.size()));
  std::iota(rows.begin(), rows.end(), Index{0});
  return rows;
}

/// The model after one step of the given rules.
template <class Model>
Model stepped(Model model, const pt::Dataset<double>& data, double rate, std::vector<Any> regularizations = {}) {
  steps::Steps<double> step(model, {.optimizer = sgd, .regularizations = std::move(regularizations)}, data.size());
  step(data, all_of(data), rate);
  return model;
}

template <class Model>
pt::History trained(Model& model, const pt::Dataset<double>& data, std::vector<Any> regularizations, Index epochs,
                    pt::AnyOptimizer<double> optimizer = pt::AnyOptimizer<double>(pt::Adam{.rate = 0.02})) {
  pt::Training<double> training(model,
                                {.optimizer = std::move(optimizer), .regularizations = std::move(regularizations)});
  return training.fit(data, {.epochs = epochs, .batch = 20});
}

/// The tasks' segments of a name, as columns.
template <class Model>
pt::Matrix<double> columns_of(const Model& model, const std::string& segment) {
  pt::Matrix<double> columns;
  for (Index task = 0; task < 3; ++task) {
    const auto numbers = model.parameters[std::string(model.names()[static_cast<std::size_t>(task)]) + "/" + segment];
    columns.conservativeResize(numbers.size(), 3);
    columns.col(task) = pt::ConstFlat<double>(numbers.data(), numbers.size());
  }
  return columns;
}

std::vector<Any> every_relation(double strength, const std::string& inputs = pt::GroupLasso{}.segments) {
  return {Any(pt::TaskCovariance{.strength = strength, .every = 2}),
          Any(pt::GroupLasso{.strength = strength, .segments = inputs}), Any(pt::TraceNorm{.strength = strength}),
          Any(pt::TaskGraph{.strength = strength, .edges = {{"click", "spend"}, {"spend", "visits", -0.5}}}),
          Any(pt::MeanTying{.strength = strength})};
}

/// Trains with a relation, the first batch without any label of one task, and checks that every task's loss is lower
/// then.
template <class Model>
void lowers_every_loss(const Model& original, const pt::Table& train, const Any& relation,
                       const pt::AnyWeighting& weighting, const pt::AnyAggregation& aggregation) {
  INFO("sharing " << Model::sharing_type::name << ", regularization " << relation.name << ", weighting "
                  << weighting.name << ", aggregation " << aggregation.name);
  auto data = original.encode(train);
  data.weights.row(1).head(20).setZero();
  const auto before = pt::evaluate<double>(original, data);
  auto model = original;
  pt::Training<double> training(model,
                                {pt::AnyOptimizer<double>(pt::Adam{.rate = 0.01}), weighting, aggregation, {relation}});
  const auto& history = training.fit(data, {.epochs = 25, .batch = 20, .shuffle = false});
  CHECK(history.epochs.back().penalty > 0);
  const auto after = pt::evaluate<double>(model, data);
  for (std::size_t task = 0; task < 3; ++task) {
    INFO("task " << model.names()[task]);
    CHECK(after[task].loss < before[task].loss);
  }
}

/// Each relation with several weightings and aggregations.
template <class Model>
void every_relation_lowers_every_loss(const Model& original, const pt::Table& train, const std::string& inputs) {
  for (const auto& relation : every_relation(1e-3, inputs))
    for (const pt::AnyWeighting& weighting :
         {pt::AnyWeighting(pt::Equal{}), pt::AnyWeighting(pt::GradNorm{}), pt::AnyWeighting(pt::Uncertainty{})})
      for (const pt::AnyAggregation& aggregation : {pt::AnyAggregation(pt::Sum{}), pt::AnyAggregation(pt::PcGrad{})})
        lowers_every_loss(original, train, relation, weighting, aggregation);
}

}  // namespace

// tests/products has the other sharing policies
TEST_CASE("every relation lowers every loss with sharing, weightings and aggregations") {
  const auto train = problem::table(60);
  every_relation_lowers_every_loss(hard(problem::fitted(train)), train, "shared/0/weights");
  every_relation_lowers_every_loss(soft(problem::fitted(train)), train, "*/tower/0/weights");
  every_relation_lowers_every_loss(
      model_of(problem::fitted(train), pt::MixtureOfExperts{pt::mlp<pt::Tanh>({5}), {.experts = 3}}), train,
      "shared/experts/*/0/weights, */gate/weights");
  every_relation_lowers_every_loss(model_of(problem::fitted(train), pt::CrossStitch{pt::mlp<pt::Tanh>({5})}), train,
                                   "*/tower/0/0/weights");
}

TEST_CASE("every relation lowers every loss with every weighting and every aggregation") {
  const auto train = problem::table(60);
  const auto model = hard(problem::fitted(train));
  for (const auto& relation : every_relation(1e-3, "shared/0/weights")) {
    for (const auto& weighting : every_weighting()) lowers_every_loss(model, train, relation, weighting, pt::Sum{});
    for (const auto& aggregation : every_aggregation())
      lowers_every_loss(model, train, relation, pt::Equal{}, aggregation);
  }
}

TEST_CASE("a relation of strength 0 changes nothing, bit for bit") {
  const auto data = data_of(60, 0);
  auto plain = hard(pt::Features::dense(4));
  const auto original = plain;
  trained(plain, data, {}, 3);
  for (const auto& relation : every_relation(0)) {
    INFO(relation.name);
    auto model = original;
    CHECK(trained(model, data, {relation}, 3).epochs.back().penalty == 0);
    CHECK(model.parameters.values == plain.parameters.values);
  }
}

TEST_CASE("a step is the step without, and then the relation's own") {
  const auto data = data_of(60, 0.3);
  const auto start = hard(pt::Features::dense(4));
  const double rate = 0.1;
  const auto plain = stepped(start, data, rate);
  const pt::Matrix<double> before = columns_of(start, "0/weights");
  const pt::Matrix<double> without = columns_of(plain, "0/weights");
  const auto moved = [&](const auto& rule) { return columns_of(stepped(start, data, rate, {Any(rule)}), "0/weights"); };
  SECTION("task covariance") {  // Omega is I / 3 as yet
    CHECK((moved(pt::TaskCovariance{.strength = 0.2}) - without / (1 + rate * 0.2 * 3)).cwiseAbs().maxCoeff() < 1e-15);
  }
  SECTION("trace norm") {
    const pt::TraceNorm rule{.strength = 0.5};
    pt::Matrix<double> shrunk(6, 3);
    rule.begin(start.names()).shrink(without, rate, shrunk);
    CHECK((moved(rule) - shrunk).cwiseAbs().maxCoeff() < 1e-15);
    CHECK((shrunk - without).cwiseAbs().maxCoeff() > 1e-3);
  }
  SECTION("mean tying") {
    const pt::Matrix<double> expected = without - rate * 0.2 * (before.colwise() - before.rowwise().mean());
    CHECK((moved(pt::MeanTying{.strength = 0.2}) - expected).cwiseAbs().maxCoeff() < 1e-15);
  }
  SECTION("task graph") {
    pt::Matrix<double> expected = without;
    expected.col(0) -= rate * 0.2 * 2 * (before.col(0) + before.col(2));
    expected.col(2) -= rate * 0.2 * 2 * (before.col(2) + before.col(0));
    CHECK((moved(pt::TaskGraph{.strength = 0.2, .edges = {{"visits", "click", -2}}}) - expected).cwiseAbs().maxCoeff() <
          1e-15);
  }
  SECTION("group lasso") {
    const auto model = stepped(start, data, rate, {Any(pt::GroupLasso{.strength = 0.5})});
    const pt::Matrix<double> first = plain.parameters["shared/0/weights"];
    for (Index input = 0; input < 4; ++input)
      CHECK((model.parameters["shared/0/weights"].col(input) -
             (1 - rate * 0.5 / first.col(input).norm()) * first.col(input))
                .cwiseAbs()
                .maxCoeff() < 1e-15);
    CHECK(columns_of(model, "0/weights") == without);
  }
  SECTION("what is not chosen is not moved") {
    for (const auto& relation : every_relation(0.5)) {
      const auto model = stepped(start, data, rate, {relation});
      INFO(relation.name);
      CHECK(model.parameters["click/0/bias"] == plain.parameters["click/0/bias"]);
      CHECK(model.parameters["shared/0/bias"] == plain.parameters["shared/0/bias"]);
      CHECK(model.parameters.values != plain.parameters.values);
    }
  }
}

TEST_CASE("the penalty of a relation is part of what a step reports") {
  const auto data = data_of(60, 0.3);
  auto model = hard(pt::Features::dense(4));
  const pt::Matrix<double> heads = columns_of(model, "0/weights");
  const std::vector<Any> rules{Any(pt::TaskCovariance{.strength = 0.2}),
                               Any(pt::L2{.strength = 0.1, .segments = "shared/0/weights"}),
                               Any(pt::GroupLasso{.strength = 0.3})};
  const steps::Steps<double> step(model, {.optimizer = sgd, .regularizations = rules}, 60);
  const auto first = model.parameters["shared/0/weights"];
  CHECK(step.penalty() ==
        Approx(0.5 * 0.2 * 3 * heads.squaredNorm() + 0.05 * first.squaredNorm() + 0.3 * first.colwise().norm().sum())
            .epsilon(1e-13));
}

TEST_CASE("a task without a label in the batch counts in its relations, and is not moved") {
  auto data = data_of(60, 0.3);
  data.weights.row(1).setZero();
  const auto start = soft(pt::Features::dense(4));
  const auto plain = stepped(start, data, 0.1);
  for (const auto& relation : every_relation(0.5)) {
    INFO(relation.name);
    const auto model = stepped(start, data, 0.1, {relation});
    for (const auto& segment : start.parameters.layout.segments()) {
      const auto numbers = [&](const auto& of) {
        return pt::view(of.parameters.values).segment(segment.offset, segment.size());
      };
      if (segment.owner == 1) CHECK(numbers(model) == numbers(start));
    }
    CHECK(columns_of(model, "tower/0/weights").col(0) != columns_of(plain, "tower/0/weights").col(0));
  }
  // the others are moved as if it were there
  const auto model = stepped(start, data, 0.1, {Any(pt::TraceNorm{.strength = 0.5, .segments = "*/tower/0/weights"})});
  const pt::Matrix<double> without = columns_of(plain, "tower/0/weights");
  pt::Matrix<double> shrunk(without.rows(), 3);
  pt::TraceNorm{.strength = 0.5}.begin(start.names()).shrink(without, 0.1, shrunk);
  CHECK((columns_of(model, "tower/0/weights").col(2) - shrunk.col(2)).cwiseAbs().maxCoeff() < 1e-15);
}

TEST_CASE("the covariance that training learns is at its cadence that of the model") {
  const auto data = data_of(100, 0.3);
  auto model = hard(pt::Features::dense(4));
  pt::Training<double> training(
      model, {.optimizer = sgd, .regularizations = {Any(pt::L2{}), Any(pt::TaskCovariance{.every = 5})}});
  CHECK_THROWS_WITH(training.relations(), containing("but 0 regularizations of the training run learn any"));
  training.fit(data, {.epochs = 2, .batch = 20});  // ten steps
  const auto learnt = training.relations();
  CHECK(learnt.tasks == std::vector<std::string>{"click", "spend", "visits"});
  CHECK(learnt.covariance == pt::task_relations(model).covariance);
  CHECK(learnt.covariance != pt::task_relations(model, {.segments = "*/bias"}).covariance);
  CHECK_THROWS_WITH(training.relations(1), containing("relations 1 were asked for (from 0 on), but 1 regularizations"));
  // twelve steps: it is still that of the tenth
  auto other = hard(pt::Features::dense(4));
  pt::Training<double> longer(other, {.optimizer = sgd, .regularizations = {Any(pt::TaskCovariance{.every = 5})}});
  longer.fit(data, {.epochs = 3, .batch = 20, .epoch_steps = 4});
  CHECK(longer.relations().covariance != pt::task_relations(other).covariance);
  CHECK((longer.relations().covariance - pt::task_relations(other).covariance).cwiseAbs().maxCoeff() < 0.05);
  // less steps than the cadence
  pt::Training<double> shorter(other, {.optimizer = sgd, .regularizations = {Any(pt::TaskCovariance{.every = 100})}});
  shorter.fit(data, {.epochs = 1, .batch = 20});
  CHECK(shorter.relations().covariance == (pt::Matrix<double>::Identity(3, 3) / 3.0).eval());
}

TEST_CASE("a task that is another's negative gets a negative correlation") {
  const auto data = data_of(300, 0);
  auto model = hard(pt::Features::dense(4));
  pt::Training<double> training(model, {.optimizer = pt::AnyOptimizer<double>(pt::Adam{.rate = 0.02}),
                                        .regularizations = {Any(pt::TaskCovariance{.strength = 0.02})}});
  training.fit(data, {.epochs = 60, .batch = 30});
  const auto relations = training.relations();
  CHECK(relations.correlation("spend", "visits") < -0.95);
  CHECK(relations.correlation("click", "spend") > 0.5);  // both follow the first input
  CHECK(relations.correlation("click", "visits") < -0.5);
  CHECK(relations.covariance.trace() == Approx(1).epsilon(1e-12));
  CHECK(relations.covariance == relations.covariance.transpose());
  std::ostringstream text;
  text << relations;
  CHECK(text.str().substr(0, 38) == "correlation   click   spend  visits\ncl");
}

TEST_CASE("very strong relations tie tasks as they say") {
  const auto data = data_of(200, 0.3);
  const auto start = soft(pt::Features::dense(4));
  const auto towers = [&](const auto& rule, double rate = 0.01) {
    auto model = start;
    trained(model, data, {Any(rule)}, 20, pt::AnyOptimizer<double>(pt::Sgd{.rate = rate}));
    return columns_of(model, "tower/0/weights");
  };
  const std::string segments = "*/tower/0/weights";
  const auto free = towers(pt::MeanTying{.strength = 0, .segments = segments});
  CHECK((free.col(0) - free.col(1)).norm() > 0.5);
  CHECK((free.col(1) + free.col(2)).norm() > 0.5);
  const auto tied = towers(pt::MeanTying{.strength = 100, .segments = segments});  // rate * strength = 1
  CHECK((tied.col(0) - tied.col(1)).norm() < 0.02);
  CHECK((tied.col(0) - tied.col(2)).norm() < 0.02);
  CHECK(tied.col(0).norm() > 0.1);
  const auto opposed = towers(pt::TaskGraph{.strength = 50, .edges = {{"spend", "visits", -1}}, .segments = segments});
  CHECK((opposed.col(1) + opposed.col(2)).norm() < 0.02);
  CHECK(opposed.col(1).norm() > 0.1);
  CHECK((opposed.col(0) - opposed.col(1)).norm() > 0.5);
  // combinations of one direction: what is left of the others is below the rounding of the singular values
  const auto low = towers(pt::TraceNorm{.strength = 0.5, .segments = segments}, 0.1);
  const pt::ColumnSpectrum<double> spectrum(pt::whole(low));
  INFO(spectrum.singular_values << "\n\n" << low);
  CHECK((spectrum.singular_values.array() > 0.1).count() == 1);
  CHECK((spectrum.singular_values.array() == 0).count() == 2);
}

TEST_CASE("mean tying of towers is soft sharing's tie to the mean, of twice its strength") {
  const auto data = data_of(60, 0.3);
  auto tied = soft(pt::Features::dense(4), {.strength = 0.05, .tie = pt::Tie::mean});
  auto penalised = soft(pt::Features::dense(4));
  penalised.parameters.values = tied.parameters.values;
  const auto one = trained(tied, data, {}, 3);
  const auto other = trained(penalised, data, {Any(pt::MeanTying{.strength = 0.1, .segments = "*/tower/*"})}, 3);
  CHECK((pt::view(tied.parameters.values) - pt::view(penalised.parameters.values)).cwiseAbs().maxCoeff() < 1e-12);
  CHECK(other.epochs.back().penalty == Approx(one.epochs.back().penalty).epsilon(1e-10));
}

TEST_CASE("the group lasso drops noise for all tasks at once, exactly, and keeps what one task needs") {
  auto data = data_of(600, 0.8);
  const auto check = [&](auto model, const std::vector<std::vector<Index>>& batches,
                         const std::vector<std::string>& readers, double strength = 0.05) {
    steps::Steps<double> step(model, {.optimizer = sgd, .regularizations = {Any(pt::GroupLasso{.strength = strength})}},
                              600);
    for (std::size_t round = 0; round < 1500 * batches.size(); ++round)
      step(data, batches[round % batches.size()], 0.1);
    for (const auto& reader : readers) {
      const pt::Matrix<double> first = model.parameters[reader];
      INFO(reader << "\n" << first);
      CHECK(first.col(2).isZero(0));
      CHECK(first.col(3).isZero(0));
      CHECK(first.col(0).norm() > 0.1);
    }
    CHECK(model.parameters[readers.back()].col(1).norm() > 0.1);  // visits needs it
  };
  const std::vector<std::string> towers{"click/tower/0/weights", "spend/tower/0/weights", "visits/tower/0/weights"};
  check(hard(pt::Features::dense(4)), {all_of(data)}, {"shared/0/weights"});
  check(soft(pt::Features::dense(4)), {all_of(data)}, towers);
  // also where each batch has the labels of one task only
  std::vector<std::vector<Index>> batches(3);
  for (Index row = 0; row < data.size(); ++row) {
    batches[static_cast<std::size_t>(row % 3)].push_back(row);
    for (Index task = 0; task < 3; ++task)
      if (task != row % 3) data.weights(task, row) = 0;
  }
  check(hard(pt::Features::dense(4)), batches, {"shared/0/weights"});
  check(soft(pt::Features::dense(4)), batches, towers, 0.1);  // a tower sees a third of the rows: more noise to drop
}

TEST_CASE("a relation that cannot be is refused at the start of training, and leaves the model as it was") {
  const auto train = problem::table(60);
  auto unequal = pt::multi_task_model<double>(
      problem::fitted(train), pt::HardSharing{pt::mlp<pt::Tanh>({6})}, pt::task<"click">(pt::BinaryCrossEntropy{}),
      pt::task<"spend">(pt::SquaredError{}, pt::mlp<pt::Tanh>({4})), pt::task<"segment">(pt::SoftmaxCrossEntropy{}));
  const auto before = unequal.parameters.values;
  const auto data = unequal.encode(train);
  const auto fit = [&](auto rule) { trained(unequal, data, {Any(rule)}, 1); };
  CHECK_THROWS_AS(fit(pt::TaskCovariance{}), pt::ArgumentError);
  CHECK_THROWS_WITH(fit(pt::TaskCovariance{}),
                    containing("task_covariance: 'spend/0/weights' is 4 x 6, but 'click/0/weights' is 1 x 6; choose"));
  CHECK_THROWS_WITH(fit(pt::TraceNorm{.segments = "*/0/weights"}),
                    containing("trace_norm: 'click/0/weights' is 1 x 6, but 'spend/0/weights' is 4 x 6; choose"));
  CHECK_THROWS_WITH(fit(pt::MeanTying{.segments = "tower/*"}),
                    containing("mean_tying: no segment of a task is chosen by 'tower/*'"));
  CHECK_THROWS_WITH(fit(pt::GroupLasso{.segments = "*/0/weights"}),
                    containing("reads 6; choose weights that read the same ones"));
  CHECK_THROWS_WITH(fit(pt::GroupLasso{.strength = -1}),
                    containing("group_lasso: the strength must be a number of at least 0, not -1"));
  CHECK_THROWS_WITH(pt::task_relations(unequal), containing("task_relations: 'spend/0/weights' is 4 x 6"));
  CHECK(unequal.parameters.values == before);
  const auto numbers = data_of(60, 0);
  auto model = hard(pt::Features::dense(4));
  CHECK_THROWS_WITH(trained(model, numbers, {Any(pt::TaskGraph{.edges = {{"click", "buy"}}})}, 1),
                    containing("an edge names 'buy', which is no task; the tasks are: click, spend, visits"));
  // a training run that is refused later leaves the last one
  pt::Training<double> training(model, {.optimizer = sgd, .regularizations = {Any(pt::TaskCovariance{.every = 2})}});
  training.fit(numbers, {.epochs = 1, .batch = 20});
  const auto learnt = training.relations().covariance;
  CHECK_THROWS(training.fit(numbers, {.epochs = 0}));
  CHECK(training.relations().covariance == learnt);
}

TEST_CASE("each task alone is trained without the regularizations that relate it to others") {
  const auto train = problem::table(80);
  const auto test = problem::table(40, 2);
  const auto separate = model_of(problem::fitted(train), pt::Separate{pt::mlp<pt::Tanh>({6})});
  const auto alone = [&](std::vector<Any> rules) {
    return pt::train_alone<double>(separate, {.optimizer = sgd, .regularizations = std::move(rules)}, train, test,
                                   {.epochs = 2});
  };
  const Any ridge(pt::L2{.strength = 0.5});
  auto rules = every_relation(0.5);
  rules.insert(rules.begin() + 2, ridge);
  CHECK(alone(rules).scores == alone({ridge}).scores);
  CHECK(alone({}).scores != alone({ridge}).scores);
}

}  // namespace relations_tests
