#include "catch.hpp"
#include "passes.hpp"
#include "problem.hpp"
#include "steps.hpp"

#include "polytask/aggregation/ca_grad.hpp"
#include "polytask/aggregation/imtl_g.hpp"
#include "polytask/aggregation/mgda.hpp"
#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/layers/batch_normalization.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/layers/layer_normalization.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/optimizers/momentum.hpp"
#include "polytask/optimizers/sgd.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"
#include "polytask/sharing/separate.hpp"
#include "polytask/sharing/soft.hpp"
#include "polytask/sharing/stem.hpp"
#include "polytask/training/training.hpp"
#include "polytask/weighting/famo.hpp"
#include "polytask/weighting/grad_norm.hpp"
#include "polytask/weighting/uw_so.hpp"

#include <cmath>
#include <limits>
#include <numeric>

namespace pt = polytask;
using pt::Index;

namespace {

const pt::AnyOptimizer<double> sgd(pt::Sgd{});

template <class SharingPolicy>
auto model_of(const pt::Table& train, SharingPolicy sharing) {
  return pt::multi_task_model<double>(
      problem::fitted(train), std::move(sharing), pt::task<"click">(pt::BinaryCrossEntropy{}),
      pt::task<"spend">(pt::SquaredError{}, pt::mlp<pt::Tanh>({4})), pt::task<"visits">(pt::Poisson{}),
      pt::task<"segment">(pt::SoftmaxCrossEntropy{}));
}

std::vector<Index> all_of(const pt::Dataset<double>& data) {
  std::vector<Index> rows(static_cast<std::size_t>(data.size()));
  std::iota(rows.begin(), rows.end(), Index{0});
  return rows;
}

double apart(const pt::Buffer<double>& one, const pt::Buffer<double>& other) {
  return (pt::view(one) - pt::view(other)).cwiseAbs().maxCoeff();
}

/// Gives one task no number.
struct BrokenWeights {
  static constexpr std::string_view name = "broken";
  static constexpr pt::WeightingNeeds needs() { return {}; }
  pt::ConstantWeights begin(const pt::WeightedTasks&) const { return pt::ConstantWeights({1, std::nan(""), 1, 1}); }
};

/// What a rule was told.
struct Told {
  std::vector<double> before;
  std::vector<double> first;
  std::vector<double> after;
};

/// Asks for losses before and after the step.
struct Asking {
  Told* told;
  static constexpr std::string_view name = "asking";
  static constexpr pt::WeightingNeeds needs() { return {.losses_first = true, .losses_after = true}; }
  struct State {
    Told* told;
    std::vector<double> weights_ = std::vector<double>(4, 1.0);
    pt::Span<const double> weights() const { return weights_; }
    void prepare(const pt::StepSignals& signals) { told->first.assign(signals.losses.begin(), signals.losses.end()); }
    void update(const pt::StepSignals& signals) {
      told->before.assign(signals.losses.begin(), signals.losses.end());
      told->after.assign(signals.losses_after.begin(), signals.losses_after.end());
    }
    template <class Self, class Visitor>
    static void configuration(Self&, Visitor&&) {}
  };
  State begin(const pt::WeightedTasks&) const { return {told}; }
};

/// What an aggregation was told.
struct ToldGradients {
  std::vector<Index> tasks;
  std::vector<double> losses;
  pt::Matrix<double> gram;
  double precision = 0;
};

/// Gives every gradient one coefficient.
struct Times {
  double coefficient;
  static constexpr std::string_view name = "times";
  static constexpr pt::AggregationNeeds needs() { return {.gram = true}; }
  struct State {
    double coefficient;
    void weigh(const pt::StepGradients&, pt::Flat<double> coefficients) { coefficients.setConstant(coefficient); }
    template <class Self, class Visitor>
    static void configuration(Self&, Visitor&&) {}
  };
  State begin(const pt::AggregatedTasks&) const { return {coefficient}; }
};

/// Gives the gradients it is told of coefficients of 2 and, if it asks for nothing, is not called.
struct Listening {
  ToldGradients* told;
  bool asks = true;
  static constexpr std::string_view name = "listening";
  pt::AggregationNeeds needs() const { return {.gram = asks}; }
  struct State {
    ToldGradients* told;
    void weigh(const pt::StepGradients& step, pt::Flat<double> coefficients) {
      told->tasks.assign(step.tasks.begin(), step.tasks.end());
      told->losses.assign(step.losses.begin(), step.losses.end());
      told->gram = step.gram;
      told->precision = step.precision;
      coefficients.setConstant(2);
    }
    template <class Self, class Visitor>
    static void configuration(Self&, Visitor&&) {}
  };
  State begin(const pt::AggregatedTasks&) const { return {told}; }
};

/// The gradients of every task alone, as columns; with them those of the embedding tables, one matrix a table.
template <class ModelType>
std::pair<pt::Matrix<double>, std::vector<pt::Matrix<double>>> gradients_of(const ModelType& model,
                                                                            const pt::Dataset<double>& data) {
  pt::Matrix<double> gradients(static_cast<Index>(model.parameters.values.size()), 4);
  std::vector<pt::Matrix<double>> tables;
  for (const auto& table : model.embeddings) tables.emplace_back(static_cast<Index>(table.values.size()), 4);
  for (Index task = 0; task < 4; ++task) {
    passes::Pass pass(model, data, all_of(data), {1, 1, 1, 1});
    pass.space.active.assign(4, 0);
    pass.space.active[static_cast<std::size_t>(task)] = 1;
    pass.loss();
    pass.clear();
    pass.backward();
    gradients.col(task) = pt::view(pass.space.gradient);
    for (std::size_t table = 0; table < tables.size(); ++table) tables[table].col(task) = pass.table_gradient(table);
  }
  return {gradients, tables};
}

}  // namespace

TEST_CASE("an aggregation combines what is shared; heads and gates take their own task's gradient") {
  const auto train = problem::table(60);
  const auto check = [&](const auto& original, bool embeddings) {
    const auto data = original.encode(train);
    const auto [gradients, tables] = gradients_of(original, data);
    auto model = original;
    steps::Steps<double> step(model, {.optimizer = sgd, .aggregation = pt::ImtlG{}, .combine_embeddings = embeddings},
                              60);
    const auto report = step(data, all_of(data), 1.0);
    // the rule on inner products over what takes part
    pt::Matrix<double> gram = pt::Matrix<double>::Zero(4, 4);
    for (const auto& segment : original.parameters.layout.segments())
      if (segment.owner == pt::shared_owner) {
        const auto rows = gradients.middleRows(segment.offset, segment.size());
        gram += rows.transpose() * rows;
      }
    for (std::size_t table = 0; embeddings && table < tables.size(); ++table)
      gram += tables[table].transpose() * tables[table];
    const std::array<std::string_view, 4> names{"click", "spend", "visits", "segment"};
    const std::array<Index, 4> tasks{0, 1, 2, 3};
    pt::Vector<double> coefficients(4);
    pt::ImtlG{}
        .begin({names, 1})
        .weigh({tasks, report.losses, pt::ConstColumns<double>(gram.data(), 4, 4), 1},
               pt::Flat<double>(coefficients.data(), 4));
    for (Index task = 0; task < 4; ++task) {
      CHECK(report.coefficients[static_cast<std::size_t>(task)] == Approx(coefficients[task]).epsilon(1e-9));
      CHECK(report.gradient_norms[static_cast<std::size_t>(task)] ==
            Approx(std::sqrt(gram(task, task))).epsilon(1e-11));
      CHECK(report.cosines[static_cast<std::size_t>(task)] ==
            Approx(gram(0, task) / std::sqrt(gram(0, 0) * gram(task, task))).epsilon(1e-10));
    }
    for (const auto& segment : original.parameters.layout.segments()) {
      const pt::Vector<double> weights =
          segment.owner == pt::shared_owner ? coefficients : pt::Vector<double>::Unit(4, segment.owner).eval();
      const pt::Vector<double> expected = gradients.middleRows(segment.offset, segment.size()) * weights;
      const auto at = [&](const auto& of) {
        return pt::view(of.parameters.values).segment(segment.offset, segment.size());
      };
      INFO(segment.name);
      CHECK((at(original) - at(model) - expected).cwiseAbs().maxCoeff() < 1e-10);
    }
    for (std::size_t table = 0; table < tables.size(); ++table) {
      const pt::Vector<double> weights = embeddings ? coefficients : pt::Vector<double>::Ones(4).eval();
      const pt::Vector<double> expected = tables[table] * weights;
      CHECK((pt::view(original.embeddings[table].values) - pt::view(model.embeddings[table].values) - expected)
                .cwiseAbs()
                .maxCoeff() < 1e-10);
    }
  };
  for (const bool embeddings : {false, true}) {
    check(model_of(train, pt::HardSharing{pt::mlp<pt::Tanh>({6, 5})}), embeddings);
    check(model_of(train, pt::MixtureOfExperts{pt::mlp<pt::Tanh>({4}), {.experts = 3}}), embeddings);
  }
}

TEST_CASE("a step with separate gradients, or with a look at the losses, is the same in slices and on threads") {
  const auto train = problem::table(600);
  const auto original =
      model_of(train, pt::HardSharing{pt::sequence(pt::dense<pt::Tanh>(6), pt::dropout(0.3), pt::dense<pt::Tanh>(5))});
  const auto data = original.encode(train);
  const auto stepped = [&](const pt::AnyWeighting& weighting, const pt::AnyAggregation& aggregation, Index threads) {
    auto model = original;
    steps::Steps<double>(model, {sgd, weighting, aggregation, {}, 0, true}, 600, threads)(data, all_of(data), 0.1);
    return model;
  };
  for (const auto& [weighting, aggregation] : std::vector<std::pair<pt::AnyWeighting, pt::AnyAggregation>>{
           {pt::Equal{}, pt::PcGrad{}}, {pt::UwSo{}, pt::Sum{}}, {pt::UwSo{}, pt::ImtlG{}}}) {
    const auto one = stepped(weighting, aggregation, 1);  // three slices: looked at, then gone through again
    for (const Index threads : {2, 3, 4}) {               // with three workers a slice each goes on from the look
      const auto several = stepped(weighting, aggregation, threads);
      CHECK(apart(one.parameters.values, several.parameters.values) < 1e-12);
      for (std::size_t table = 0; table < one.embeddings.size(); ++table)
        CHECK(apart(one.embeddings[table].values, several.embeddings[table].values) < 1e-12);
      CHECK(several.parameters.values == stepped(weighting, aggregation, threads).parameters.values);
    }
  }
}

TEST_CASE("a rule that asks for it is told the losses of the same samples before and after the step") {
  const auto train = problem::table(300);
  auto model = model_of(train, pt::HardSharing{pt::mlp<pt::Tanh>({6})});
  const auto data = model.encode(train);
  Told told;
  const auto before = pt::evaluate<double>(model, data);
  steps::Steps<double>(model, {.optimizer = sgd, .weighting = Asking{&told}}, 300)(data, all_of(data), 0.1);
  const auto after = pt::evaluate<double>(model, data);
  for (std::size_t task = 0; task < 4; ++task) {
    CHECK(told.first[task] == Approx(before[task].loss).epsilon(1e-12));
    CHECK(told.before[task] == Approx(before[task].loss).epsilon(1e-12));
    CHECK(told.after[task] == Approx(after[task].loss).epsilon(1e-12));
    CHECK(told.after[task] != told.before[task]);
  }
}

TEST_CASE("looks at the losses leave the statistics of normalisation layers as one pass does") {
  const auto train = problem::table(64);
  const auto original =
      model_of(train, pt::HardSharing{pt::sequence(pt::dense<pt::Tanh>(6), pt::batch_normalization())});
  const auto data = original.encode(train);
  const auto statistics = [&](const pt::AnyWeighting& weighting) {
    auto model = original;
    steps::Steps<double>(model, {.optimizer = sgd, .weighting = weighting}, 64)(data, all_of(data), 0.1);
    return model.statistics.values;
  };
  CHECK(statistics(pt::Equal{}) != original.statistics.values);
  CHECK(statistics(pt::UwSo{}) == statistics(pt::Equal{}));
  CHECK(statistics(pt::Famo{}) == statistics(pt::Equal{}));
}

TEST_CASE("the mean of the gradients moves what is shared by a quarter of the sum, and heads as the sum does") {
  const auto train = problem::table(60);
  auto sum = model_of(train, pt::HardSharing{pt::mlp<pt::Tanh>({6})});
  auto mean = sum;
  const auto start = sum;
  const auto data = sum.encode(train);
  steps::Steps<double>(sum, {.optimizer = sgd}, 60)(data, all_of(data), 0.1);
  steps::Steps<double>(mean, {.optimizer = sgd, .aggregation = pt::Mean{}}, 60)(data, all_of(data), 0.1);
  const Index shared = sum.sharing_size();
  const auto move = [&](const auto& model) {
    return (pt::view(model.parameters.values) - pt::view(start.parameters.values)).eval();
  };
  CHECK((move(mean).head(shared) - 0.25 * move(sum).head(shared)).cwiseAbs().maxCoeff() < 1e-15);
  CHECK(move(mean).tail(move(mean).size() - shared) == move(sum).tail(move(sum).size() - shared));
}

TEST_CASE("norms, cosines and conflicts of the gradients are in the history if asked for, and change nothing") {
  const auto train = problem::table(60);
  const auto original = model_of(train, pt::HardSharing{pt::mlp<pt::Tanh>({6})});
  const auto data = original.encode(train);
  const auto trained = [&](bool record) {
    auto model = original;
    pt::Training<double> training(model, {.optimizer = pt::AnyOptimizer<double>(pt::Adam{})});
    training.fit(data, {.epochs = 2, .batch = 20, .record_gradients = record});
    return std::pair(model, training.history());
  };
  const auto [plain, without] = trained(false);
  const auto [model, history] = trained(true);
  CHECK(apart(plain.parameters.values, model.parameters.values) < 1e-12);
  CHECK(without.epochs[0].gradient_norms.empty());
  CHECK(without.epochs[0].cosines.empty());
  const auto& epoch = history.epochs[1];
  REQUIRE(epoch.gradient_norms.size() == 4);
  REQUIRE(epoch.cosines.size() == 16);
  for (std::size_t one = 0; one < 4; ++one) {
    CHECK(epoch.gradient_norms[one] > 0);
    CHECK(epoch.coefficients[one] == 1);
    CHECK(epoch.cosines[5 * one] == Approx(1).epsilon(1e-12));
    for (std::size_t other = 0; other < one; ++other) {
      CHECK(epoch.cosines[4 * one + other] == Approx(epoch.cosines[4 * other + one]).epsilon(1e-12));
      CHECK(std::abs(epoch.cosines[4 * one + other]) < 1);
    }
  }
  // three batches of six pairs
  CHECK(std::abs(std::remainder(epoch.conflicts * 18, 1)) < 1e-9);
}

TEST_CASE("an aggregation is told of the tasks that have a label and a weight, by their numbers") {
  const auto train = problem::table(60);
  const auto original = model_of(train, pt::HardSharing{pt::mlp<pt::Tanh>({6})});
  auto data = original.encode(train);
  const auto told_of = [&](const pt::Fixed& weights) {
    ToldGradients told;
    auto model = original;
    steps::Steps<double> step(model, {.optimizer = sgd, .weighting = weights, .aggregation = Listening{&told}}, 60);
    const auto report = step(data, all_of(data), 0.1);
    for (std::size_t rank = 0; rank < told.tasks.size(); ++rank) {
      const auto task = static_cast<std::size_t>(told.tasks[rank]);
      CHECK(told.losses[rank] == report.losses[task]);
      CHECK(report.coefficients[task] == 2);
      const auto place = static_cast<Index>(rank);
      CHECK(std::sqrt(told.gram(place, place)) == report.gradient_norms[task]);
    }
    return std::pair(told, report);
  };
  CHECK(told_of({}).first.tasks == std::vector<Index>{0, 1, 2, 3});
  CHECK(told_of({}).first.precision == std::numeric_limits<double>::epsilon());
  const auto [told, report] = told_of({{{"visits", 0}}});
  CHECK(told.tasks == std::vector<Index>{0, 1, 3});
  CHECK(report.losses[2] > 0);
  CHECK(std::isnan(report.coefficients[2]));
  data.weights.row(original.label_offsets()[1]).setZero();
  CHECK(told_of({}).first.tasks == std::vector<Index>{0, 2, 3});
}

TEST_CASE("an aggregation knows the precision of the gradients") {
  const auto train = problem::table(40);
  auto model = problem::model<float>(train, pt::HardSharing{pt::mlp<pt::Tanh>({6})});
  const auto data = model.encode(train);
  ToldGradients told;
  steps::Steps<float> step(
      model, {.optimizer = pt::AnyOptimizer<float>(pt::Sgd{}), .weighting = {}, .aggregation = Listening{&told}}, 40);
  std::vector<Index> rows(40);
  std::iota(rows.begin(), rows.end(), Index{0});
  step(data, rows, 0.1);
  CHECK(told.precision == std::numeric_limits<float>::epsilon());
}

TEST_CASE("a weight of 0 leaves the balancing to the other tasks") {
  const auto train = problem::table(60);
  const auto original = model_of(train, pt::HardSharing{pt::mlp<pt::Tanh>({6})});
  const auto data = original.encode(train);
  auto unlabelled = data;
  unlabelled.weights.row(original.label_offsets()[0]).setZero();
  for (const pt::AnyAggregation& rule : {pt::AnyAggregation(pt::Mgda{}), pt::AnyAggregation(pt::CaGrad{})}) {
    INFO(rule.name);
    const auto moved = [&](const pt::Dataset<double>& from, const pt::Fixed& weights) {
      auto model = original;
      steps::Steps<double>(model, {.optimizer = sgd, .weighting = weights, .aggregation = rule}, 60)(from, all_of(from),
                                                                                                     0.1);
      return model.parameters.values;
    };
    const auto without = moved(data, {{{"click", 0}}});
    CHECK(apart(without, original.parameters.values) > 1e-4);
    CHECK(apart(without, moved(unlabelled, {})) < 1e-15);
  }
  auto model = original;
  const pt::Fixed nothing{{{"click", 0}, {"spend", 0}, {"visits", 0}, {"segment", 0}}};
  steps::Steps<double>(model, {.optimizer = sgd, .weighting = nothing, .aggregation = pt::Mgda{}}, 60)(
      data, all_of(data), 0.1);
  CHECK(model.parameters.values == original.parameters.values);
}

TEST_CASE("the rows of a task without weight are moved alike, whether gradients are kept apart or not") {
  const auto train = problem::table(60);
  const auto original = model_of(train, pt::Stem{pt::mlp<pt::Tanh>({6})});
  const auto data = original.encode(train);
  const auto trained = [&](bool record) {
    auto model = original;
    pt::Training<double> training(
        model, {.optimizer = pt::AnyOptimizer<double>(pt::Momentum{.rate = 0.05, .weight_decay = 0.1}),
                .weighting = pt::Fixed{{{"click", 0}}}});
    training.fit(data, {.epochs = 2, .batch = 10, .record_gradients = record});
    return model;
  };
  const auto plain = trained(false);
  const auto watched = trained(true);
  CHECK(apart(plain.parameters.values, watched.parameters.values) < 1e-12);
  for (std::size_t table = 0; table < plain.embeddings.size(); ++table) {
    CHECK(apart(plain.embeddings[table].values, original.embeddings[table].values) > 1e-6);
    CHECK(apart(plain.embeddings[table].values, watched.embeddings[table].values) < 1e-12);
  }
}

TEST_CASE("a rule that asks for no gradients is the sum, also where they are recorded") {
  const auto train = problem::table(60);
  const auto original = model_of(train, pt::HardSharing{pt::mlp<pt::Tanh>({6})});
  const auto data = original.encode(train);
  const auto moved = [&](const pt::AnyAggregation& rule, bool record) {
    auto model = original;
    steps::Steps<double>(model, {.optimizer = sgd, .aggregation = rule, .record_gradients = record}, 60)(
        data, all_of(data), 0.1);
    return model.parameters.values;
  };
  ToldGradients told;
  CHECK(apart(moved(Listening{&told, false}, true), moved(pt::Sum{}, false)) < 1e-14);
  CHECK(told.tasks.empty());
}

TEST_CASE("the history counts the pairs of gradients that point apart") {
  // one parameter is shared, so that a cosine is 1 or -1
  pt::Matrix<double> inputs = pt::Matrix<double>::Ones(1, 8);
  pt::Matrix<double> labels(3, 8);
  labels.row(0).setConstant(100);
  labels.row(1).setConstant(100);
  labels.row(2).setConstant(-100);
  auto model = pt::multi_task_model<double>(pt::Features::dense(1), pt::HardSharing{pt::mlp<pt::Identity>({1})},
                                            pt::task<"a">(pt::SquaredError{}), pt::task<"b">(pt::SquaredError{}),
                                            pt::task<"c">(pt::SquaredError{}));
  for (const char* head : {"a", "b", "c"}) model.parameters[std::string(head) + "/0/weights"](0, 0) = 1;
  pt::Training<double> training(model, {pt::AnyOptimizer<double>(pt::Sgd{.rate = 1e-6})});
  const auto& history =
      training.fit(pt::Dataset<double>::from(inputs, labels), {.epochs = 1, .batch = 8, .record_gradients = true});
  CHECK(history.epochs[0].conflicts == Approx(2.0 / 3).epsilon(1e-15));
  CHECK(history.epochs[0].cosines[1] == Approx(1).epsilon(1e-12));
  CHECK(history.epochs[0].cosines[2] == Approx(-1).epsilon(1e-12));
}

TEST_CASE("the look after a step is by the same dropout as the step") {
  const auto train = problem::table(60);
  auto model = model_of(train, pt::HardSharing{pt::sequence(pt::dense<pt::Tanh>(6), pt::dropout(0.5))});
  const auto data = model.encode(train);
  Told told;
  steps::Steps<double> step(model, {.optimizer = sgd, .weighting = Asking{&told}}, 60);
  step(data, all_of(data), 0);  // nothing moves
  for (std::size_t task = 0; task < 4; ++task) {
    CHECK(told.after[task] == Approx(told.before[task]).epsilon(1e-14));
    CHECK(told.first[task] == Approx(told.before[task]).epsilon(1e-14));
  }
}

TEST_CASE("a weighting that balances the last layer goes with the mean of the gradients") {
  const auto train = problem::table(60);
  const auto start = model_of(train, pt::HardSharing{pt::mlp<pt::Tanh>({6})});
  const auto data = start.encode(train);
  const auto moved = [&](const pt::AnyAggregation& aggregation) {
    auto model = start;
    steps::Steps<double>(model, {.optimizer = sgd, .weighting = pt::GradNorm{}, .aggregation = aggregation}, 60)(
        data, all_of(data), 0.1);
    return (pt::view(model.parameters.values) - pt::view(start.parameters.values)).head(start.sharing_size()).eval();
  };
  CHECK((moved(pt::Mean{}) - 0.25 * moved(pt::Sum{})).cwiseAbs().maxCoeff() < 1e-14);
}

TEST_CASE("under soft sharing an aggregation balances each task's own copy") {
  const auto train = problem::table(60);
  const auto start = model_of(train, pt::SoftSharing{pt::mlp<pt::Tanh>({6}), {.strength = 0}});
  const auto data = start.encode(train);
  const auto moved = [&](const pt::AnyAggregation& aggregation) {
    auto model = start;
    steps::Steps<double> step(model, {.optimizer = sgd, .aggregation = aggregation}, 60);
    const auto report = step(data, all_of(data), 0.1);
    return std::pair(model, report);
  };
  const auto [sum, nothing] = moved(pt::Sum{});
  const auto [balanced, report] = moved(pt::ImtlG{});
  for (const auto& segment : start.parameters.layout.segments()) {
    const auto move = [&](const auto& model) {
      return (pt::view(model.parameters.values) - pt::view(start.parameters.values))
          .segment(segment.offset, segment.size())
          .eval();
    };
    const bool tower = segment.offset < start.sharing_size();
    const double coefficient = tower ? report.coefficients[static_cast<std::size_t>(segment.owner)] : 1;
    CHECK((move(balanced) - coefficient * move(sum)).cwiseAbs().maxCoeff() < 1e-14);
  }
  // equal projections on gradients that share no parameter: coefficients as 1 / norm
  CHECK(report.coefficients[0] * report.gradient_norms[0] ==
        Approx(report.coefficients[1] * report.gradient_norms[1]).epsilon(1e-9));
}

TEST_CASE("a weight that is no number stops the training with its task's name") {
  const auto train = problem::table(40);
  auto model = model_of(train, pt::HardSharing{pt::mlp<pt::Tanh>({6})});
  const auto data = model.encode(train);
  const auto before = model.parameters.values;
  steps::Steps<double> step(model, {.optimizer = sgd, .weighting = BrokenWeights{}}, 40);
  CHECK_THROWS_WITH(step(data, all_of(data), 0.1),
                    containing("the weighting gives task 'spend' the weight nan in step 1"));
  CHECK(model.parameters.values == before);
}

TEST_CASE("weights and coefficients that float does not bear stop the training before anything moves") {
  const auto train = problem::table(40);
  auto model = problem::model<float>(train, pt::HardSharing{pt::mlp<pt::Tanh>({6})});
  const auto data = model.encode(train);
  const auto before = model.parameters.values;
  const auto fit = [&](const pt::AnyWeighting& weighting, const pt::AnyAggregation& aggregation) {
    pt::Training<float> training(model, {pt::AnyOptimizer<float>(pt::Adam{}), weighting, aggregation, {}});
    training.fit(data, {.epochs = 1});
  };
  const std::string task(model.names()[0]);
  CHECK_THROWS_WITH(fit(pt::Fixed{{{task, 1e30}}}, {}), containing("' the weight 1e+30 in step 1; it must be from 0"));
  CHECK_THROWS_WITH(fit({}, Times{1e40}), containing("the coefficient 1e+40 in step 1"));
  CHECK_THROWS_WITH(fit({}, Times{1e38}), containing("the aggregation makes is not finite, or its square, in step 1"));
  CHECK(model.parameters.values == before);
}

TEST_CASE("there are no weights before a training run has begun") {
  const auto train = problem::table(40);
  auto model = model_of(train, pt::HardSharing{pt::mlp<pt::Tanh>({6})});
  pt::Training<double> training(model, {sgd});
  CHECK_THROWS_WITH(training.weights(), containing("before the first fit()"));
}

TEST_CASE("a rule that is refused leaves the last training run as it was") {
  const auto train = problem::table(100);
  auto model = model_of(train, pt::Separate{pt::mlp<pt::Tanh>({4})});
  const auto data = model.encode(train);
  pt::Training<double> training(model, {sgd});
  training.fit(data, {.epochs = 2});
  auto refused = training.run();
  pt::Training<double> other(model, {sgd, pt::GradNorm{}});
  other.resume(refused);
  CHECK_THROWS_WITH(other.fit(data, {.epochs = 3}), containing("has none here"));
  CHECK(other.history().epochs.size() == 2);
}

TEST_CASE("an aggregation takes what is shared for shared, also where no layer with weights is") {
  const auto train = problem::table(40);
  const auto trained = [&](auto sharing, bool embeddings) {
    auto model = model_of(train, std::move(sharing));
    pt::Training<double> training(model, {sgd, {}, pt::PcGrad{}, {}});
    training.fit(model.encode(train), {.epochs = 1, .batch = 20, .combine_embeddings = embeddings});
    return model;
  };
  const pt::HardSharing gains{pt::sequence(pt::layer_normalization())};
  auto start = model_of(train, gains);
  CHECK(apart(trained(gains, false).parameters.values, start.parameters.values) > 1e-4);
  // of STEM without shared experts, only the tables that all tasks read are shared
  const pt::Stem tables{pt::mlp<pt::Tanh>({6}), {.shared_experts = 0, .private_experts = 1}};
  const auto own = model_of(train, tables);
  CHECK(apart(trained(tables, true).embeddings[0].values, own.embeddings[0].values) > 1e-6);
  CHECK_THROWS_WITH(trained(tables, false), containing("sharing 'stem' shares nothing here that it is to combine"));
}

TEST_CASE("an aggregation is refused where nothing is shared") {
  const auto train = problem::table(40);
  auto model = model_of(train, pt::Separate{pt::mlp<pt::Tanh>({6})});
  pt::Training<double> training(model, {pt::AnyOptimizer<double>(pt::Adam{}), {}, pt::PcGrad{}, {}});
  CHECK_THROWS_WITH(
      training.fit(model.encode(train), {}),
      containing("the aggregation combines the gradients of what the tasks share, but sharing 'separate'"));
}
