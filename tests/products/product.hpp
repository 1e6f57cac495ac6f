/// @file
/// One sharing policy with every weighting and every relation of tasks: the gradient of the whole model, training,
/// saving, going on, comparing. One file a policy, so that they are built side by side.
#pragma once

#include "catch.hpp"
#include "passes.hpp"
#include "problem.hpp"
#include "steps.hpp"

#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/core/gradient_check.hpp"
#include "polytask/files/checkpoint.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/optimizers/sgd.hpp"
#include "polytask/regularization/group_lasso.hpp"
#include "polytask/regularization/mean_tying.hpp"
#include "polytask/regularization/task_covariance.hpp"
#include "polytask/regularization/task_graph.hpp"
#include "polytask/regularization/trace_norm.hpp"
#include "polytask/training/comparison.hpp"
#include "polytask/weighting/grad_norm.hpp"
#include "polytask/weighting/uncertainty.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace products {

namespace pt = polytask;
using pt::Index;

/// Numbers, categories, a list, missing labels; losses that training can bring near 0.
template <class SharingPolicy>
auto model(const pt::Table& train, SharingPolicy sharing) {
  return pt::multi_task_model<double>(problem::fitted(train), std::move(sharing),
                                      pt::task<"click">(pt::BinaryCrossEntropy{}),
                                      pt::task<"spend">(pt::SquaredError{}, pt::mlp<pt::Tanh>({4})),
                                      pt::task<"visits">(pt::Huber{}), pt::task<"segment">(pt::SoftmaxCrossEntropy{}));
}

/// Whether a gradient is meant to differ from the derivative of the loss (stopped or reversed on the way).
using Exempt = bool (*)(const std::string& segment);

/// The gradient of the whole model, with the weights that the tasks have now, against central differences.
template <class Model>
void gradient_agrees(Model at, const pt::Table& table, pt::Span<const double> weights, Exempt exempt) {
  const auto data = at.encode(table);
  std::vector<Index> rows(static_cast<std::size_t>(data.size()));
  std::iota(rows.begin(), rows.end(), Index{0});
  std::array<double, Model::task_count> task_weights{};
  std::copy(weights.begin(), weights.end(), task_weights.begin());
  passes::Pass pass(at, data, rows, task_weights);
  pass.loss();
  pass.clear();
  pass.backward();
  const pt::Vector<double> gradient = pt::view(pass.space.gradient);
  pt::Random random(3);
  // some numbers of every segment and of every table
  const auto agrees = [&](const std::string& name, double* numbers, const double* derivatives, Index size) {
    for (int draw = 0; draw < 4; ++draw) {
      const auto place = static_cast<Index>(random.below(static_cast<std::uint64_t>(size)));
      const auto check = pt::check_gradient(pt::Flat<double>(numbers + place, 1),
                                            pt::ConstFlat<double>(derivatives + place, 1), [&] { return pass.loss(); });
      INFO(name << ", place " << place << ": gradient " << check.gradient << ", difference " << check.difference);
      CHECK(check.error < 1e-7);
    }
  };
  for (const auto& segment : at.parameters.layout.segments())
    if (!exempt(segment.name))
      agrees(segment.name, at.parameters.values.data() + segment.offset, gradient.data() + segment.offset,
             segment.size());
  for (std::size_t which = 0; which < at.embeddings.size(); ++which) {
    const pt::Vector<double> of_table = pass.table_gradient(which);
    if (!exempt(at.embeddings[which].name))
      agrees(at.embeddings[which].name, at.embeddings[which].values.data(), of_table.data(), of_table.size());
  }
}

/// Stops when every task's loss has halved.
struct UntilHalved {
  std::vector<double> first = {};
  bool halved = false;

  bool epoch_ended(const pt::EpochReport& report) {
    if (first.empty()) first = report.training_losses;
    halved = true;
    for (std::size_t task = 0; task < first.size(); ++task)
      halved = halved && report.training_losses[task] < first[task] / 2;
    return halved;
  }
};

/// A file that is gone afterwards.
struct TemporaryFile {
  std::filesystem::path path;
  explicit TemporaryFile(std::string_view name)
      : path(std::filesystem::temp_directory_path() / pt::text("polytask_", name, "_", ::getpid())) {}
  ~TemporaryFile() { std::filesystem::remove(path); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
};

template <class Model>
bool predict_alike(const Model& one, const Model& other, const pt::Table& table) {
  return std::all_of(one.names().begin(), one.names().end(),
                     [&](std::string_view task) { return one.predict(task, table) == other.predict(task, table); });
}

/// One pair: trained until every loss has halved; its gradient; saved and loaded.
template <class Model, class WeightingType>
void works_with(const Model& original, const pt::Table& train, WeightingType weighting, Exempt exempt) {
  INFO("sharing " << Model::sharing_type::name << ", weighting " << weighting.name);
  auto trained = original;
  pt::Trainer trainer(trained, weighting, pt::Adam{.rate = 0.02});
  UntilHalved until;
  trainer.fit(train, {.epochs = 400, .batch = 20}, until);
  CHECK(until.halved);

  gradient_agrees(trained, train.rows(std::vector<Index>{0, 3, 5, 8, 13, 21, 34}), trainer.weights(), exempt);

  const TemporaryFile file(Model::sharing_type::name);
  pt::save(file.path, trained, train);
  CHECK(predict_alike(trained, pt::load<Model>(file.path), train));
}

/// A run that stops after two epochs and goes on in another process is the run that never stopped, bit for bit.
template <class Model, class WeightingType>
void goes_on(const Model& original, const pt::Table& train, WeightingType weighting) {
  auto straight = original;
  pt::Trainer(straight, weighting, pt::Adam{}).fit(train, {.epochs = 4, .batch = 16});
  auto stopped = original;
  pt::Trainer before(stopped, weighting, pt::Adam{});
  before.fit(train, {.epochs = 2, .batch = 16});
  const TemporaryFile file(Model::sharing_type::name);
  pt::save_checkpoint(file.path, before);
  auto taken_up = original;
  pt::Trainer after(taken_up, weighting, pt::Adam{});
  pt::load_checkpoint(file.path, after, taken_up);
  after.fit(train, {.epochs = 4, .batch = 16});
  CHECK(taken_up.parameters.values == straight.parameters.values);
  for (std::size_t table = 0; table < straight.embeddings.size(); ++table)
    CHECK(taken_up.embeddings[table].values == straight.embeddings[table].values);
}

/// Fixed weights from a rule that asks for gradient norms.
struct Watched {
  static constexpr std::string_view name = "watched";
  static constexpr pt::WeightingNeeds needs() { return {.gradient_norms = true}; }
  pt::ConstantWeights begin(const pt::WeightedTasks&) const { return pt::ConstantWeights({1.0, 0.5, 1.0, 2.0}); }
};

/// The way back for each task by itself, as far as the last shared layers or whole, gives the joint step; and the norms
/// are those of a way back for that task alone.
template <class Model>
void task_by_task(const Model& original, const pt::Table& train) {
  const auto data = original.encode(train);
  std::vector<Index> rows(static_cast<std::size_t>(data.size()));
  std::iota(rows.begin(), rows.end(), Index{0});
  const auto stepped = [&](const steps::Rules<double>& rules) {
    auto model = original;
    steps::Steps<double> step(model, rules, data.size());
    return std::pair(model, pt::StepReport(step(data, rows, 0.5))).second;
  };
  const auto moved = [&](const steps::Rules<double>& rules) {
    auto model = original;
    steps::Steps<double>(model, rules, data.size())(data, rows, 0.5);
    return model;
  };
  const pt::AnyOptimizer<double> sgd(pt::Sgd{});
  const auto joint = moved({.optimizer = sgd, .weighting = pt::Fixed{{{"spend", 0.5}, {"segment", 2}}}});
  std::vector<steps::Rules<double>> apart;
  if (Model::sharing_type::shares_parameters) apart.push_back({.optimizer = sgd, .weighting = Watched{}});
  apart.push_back(
      {.optimizer = sgd, .weighting = pt::Fixed{{{"spend", 0.5}, {"segment", 2}}}, .record_gradients = true});
  apart.push_back(apart.back());
  apart.back().combine_embeddings = true;
  for (const auto& rules : apart) {
    const auto model = moved(rules);
    INFO("as far as the last layers: " << !rules.record_gradients << ", with tables: " << rules.combine_embeddings);
    CHECK((pt::view(model.parameters.values) - pt::view(joint.parameters.values)).cwiseAbs().maxCoeff() < 1e-12);
    for (std::size_t table = 0; table < joint.embeddings.size(); ++table)
      CHECK(
          (pt::view(model.embeddings[table].values) - pt::view(joint.embeddings[table].values)).cwiseAbs().maxCoeff() <
          1e-12);
  }
  if (!Model::sharing_type::shares_parameters) return;
  const auto watched = stepped(apart[0]);
  const auto recorded = stepped(apart[1]);
  for (std::size_t task = 0; task < Model::task_count; ++task) {
    passes::Pass pass(original, data, rows, {1.0, 0.5, 1.0, 2.0});
    pass.noise = pt::Random(1).stream(0);
    pass.loss();
    pass.clear();
    std::vector<std::uint8_t> alone(Model::task_count, 0);
    alone[task] = 1;
    pass.space.active = alone;
    original.backward_heads(pass.space, false);
    pass.clear();
    original.backward_sharing(pass.space, alone, pt::view(pass.space.gradient), pt::Reach::whole, false);
    double last = 0;
    double shared = 0;
    original.last_shared_layers([&](const std::string& layer) {
      const auto& weights = original.parameters.layout.segment(layer + "/weights");
      last += pt::Flat<double>(pass.space.gradient.data() + weights.offset, weights.size()).squaredNorm();
    });
    for (const auto& segment : original.parameters.layout.segments())
      if (segment.owner == pt::shared_owner ||
          (Model::sharing_type::balances_own_copies && segment.offset < original.sharing_size()))
        shared += pt::Flat<double>(pass.space.gradient.data() + segment.offset, segment.size()).squaredNorm();
    CHECK(watched.last_layer_norms[task] == Approx(std::sqrt(last)).epsilon(1e-11));
    CHECK(recorded.gradient_norms[task] == Approx(std::sqrt(shared)).epsilon(1e-11));
  }
}

/// A batch that is worked in slices, on one thread or several, gives the step of one piece.
template <class Model>
void same_in_slices(const Model& original) {
  const auto data = original.encode(problem::table(700, 3));
  REQUIRE(data.size() > 2 * pt::Step<double>::slice_size);
  std::vector<Index> rows(static_cast<std::size_t>(data.size()));
  std::iota(rows.begin(), rows.end(), Index{0});
  passes::Pass pass(original, data, rows, {1.0, 0.5, 1.0, 2.0});
  pass.loss();
  pass.clear();
  pass.backward();
  const double rate = 0.5;
  const auto apart = [&](const auto& from, const auto& to, const auto& gradient) {
    return (pt::view(from) - rate * gradient - pt::view(to)).cwiseAbs().maxCoeff();
  };
  for (const Index threads : {1, 2, 3}) {
    INFO("sharing " << Model::sharing_type::name << ", threads " << threads);
    auto model = original;
    const steps::Rules<double> rules{.optimizer = pt::AnyOptimizer<double>(pt::Sgd{}),
                                     .weighting = pt::Fixed{{{"spend", 0.5}, {"segment", 2}}}};
    steps::Steps<double>(model, rules, data.size(), threads)(data, rows, rate);
    CHECK(apart(original.parameters.values, model.parameters.values, pt::view(pass.space.gradient)) < 1e-13);
    for (std::size_t table = 0; table < model.embeddings.size(); ++table)
      CHECK(apart(original.embeddings[table].values, model.embeddings[table].values, pass.table_gradient(table)) <
            1e-13);
  }
}

/// Weights that every task has in one shape, as a regularization names them: "*/0/weights, */1/weights".
template <class Model>
std::string weights_of_every_task(const Model& model) {
  const auto& segments = model.parameters.layout.segments();
  std::string found;
  for (const auto& one : segments) {
    if (one.owner != 0 || !one.name.ends_with("/weights")) continue;
    const std::string part = one.name.substr(one.name.find('/'));
    const bool everywhere = std::all_of(model.names().begin(), model.names().end(), [&](const auto& task) {
      return std::any_of(segments.begin(), segments.end(), [&](const auto& other) {
        return other.name == std::string(task) + part && other.rows == one.rows && other.columns == one.columns;
      });
    });
    if (everywhere) found += (found.empty() ? "*" : ", *") + part;
  }
  return found;
}

/// Every relation of tasks that the policy's segments allow, with rules of both kinds.
template <class Model>
void lowers_every_loss_with_relations(const Model& original, const pt::Table& train) {
  using Any = pt::AnyRegularization<double>;
  const double strength = 1e-3;
  const std::string segments = weights_of_every_task(original);
  std::vector<Any> relations{
      Any(pt::GroupLasso{.strength = strength, .segments = original.parameters.layout.segments().front().name})};
  if (!segments.empty()) {
    relations.push_back(Any(pt::TaskCovariance{.strength = strength, .every = 2, .segments = segments}));
    relations.push_back(Any(pt::TraceNorm{.strength = strength, .segments = segments}));
    relations.push_back(Any(pt::TaskGraph{
        .strength = strength, .edges = {{"click", "spend"}, {"spend", "visits", -0.5}}, .segments = segments}));
    relations.push_back(Any(pt::MeanTying{.strength = strength, .segments = segments}));
  }
  const auto data = original.encode(train);
  const auto before = pt::evaluate<double>(original, data);
  for (const auto& relation : relations)
    for (const bool balanced : {false, true}) {
      INFO("sharing " << Model::sharing_type::name << ", " << relation.name << " of " << segments << ", balanced "
                      << balanced);
      if (balanced && !Model::sharing_type::shares_parameters) continue;
      auto model = original;
      pt::Training<double> training(model, {pt::AnyOptimizer<double>(pt::Adam{.rate = 0.01}),
                                            balanced ? pt::AnyWeighting(pt::GradNorm{}) : pt::AnyWeighting(pt::Equal{}),
                                            balanced ? pt::AnyAggregation(pt::PcGrad{}) : pt::AnyAggregation(pt::Sum{}),
                                            {relation}});
      const auto& history = training.fit(data, {.epochs = 25, .batch = 20});
      CHECK(history.epochs.back().penalty > 0);
      const auto after = pt::evaluate<double>(model, data);
      for (std::size_t task = 0; task < Model::task_count; ++task) {
        INFO("task " << model.names()[task]);
        CHECK(after[task].loss < before[task].loss);
      }
    }
}

/// The losses that model() leaves out, with labels made from those of the problem.
template <class SharingPolicy>
void works_with_the_other_losses(const pt::Table& problem, SharingPolicy sharing, Exempt exempt) {
  pt::Table train = problem;
  std::vector<double> amounts;
  std::vector<double> grades;
  for (const double spend : problem.numbers("spend").values) {
    amounts.push_back((std::max)(0.0, spend));
    grades.push_back(spend < -2 ? 0 : spend < 0 ? 1 : spend < 2 ? 2 : 3);
  }
  grades[4] = pt::missing;
  train.add_numbers("amount", amounts, pt::Use::label).add_numbers("grade", grades, pt::Use::label);
  const auto original = pt::multi_task_model<double>(
      problem::fitted(train), std::move(sharing), pt::task<"click">(pt::Focal{.gamma = 1.5, .alpha = 0.4}),
      pt::task<"spend">(pt::Quantile{{0.2, 0.5, 0.9}}), pt::task<"visits">(pt::Poisson{}),
      pt::task<"grade">(pt::Ordinal{.levels = 4}), pt::task<"amount">(pt::ZeroInflatedLogNormal{}));
  using Model = std::remove_const_t<decltype(original)>;
  const auto data = original.encode(train);
  const auto before = pt::evaluate<double>(original, data);
  std::vector<pt::AnyWeighting> weightings{pt::Fixed{{{"spend", 0.5}, {"amount", 2}}}, pt::Uncertainty{}};
  if (SharingPolicy::shares_parameters) weightings.push_back(pt::GradNorm{.alpha = 0.5});
  for (const auto& weighting : weightings) {
    INFO("sharing " << SharingPolicy::name << ", weighting " << weighting.name);
    auto model = original;
    pt::Training<double> training(model, {pt::AnyOptimizer<double>(pt::Adam{.rate = 0.01}), weighting});
    training.fit(data, {.epochs = 60, .batch = 20});
    const auto after = pt::evaluate<double>(model, data);
    for (std::size_t task = 0; task < Model::task_count; ++task) {
      INFO("task " << model.names()[task]);
      CHECK(after[task].loss < 0.8 * before[task].loss);
    }
    // at the start: where a quantile has been learnt, it stands at the label of a row, and is not differentiable there
    gradient_agrees(original, train.rows(std::vector<Index>{0, 4, 6, 9, 12, 22, 33}), training.weights(), exempt);
    const TemporaryFile file(SharingPolicy::name);
    pt::save(file.path, model, train);
    CHECK(predict_alike(model, pt::load<Model>(file.path), train));
  }
}

/// A sharing policy with every weighting that makes sense, and every loss.
template <class SharingPolicy>
void whole_product(
    SharingPolicy sharing, Exempt exempt = [](const std::string&) { return false; }) {
  const auto train = problem::table(50);
  works_with_the_other_losses(train, sharing, exempt);
  const auto made = model(train, std::move(sharing));
  const pt::Fixed fixed{{{"spend", 0.5}, {"segment", 2}}};
  works_with(made, train, fixed, exempt);
  works_with(made, train, pt::Uncertainty{}, exempt);
  goes_on(made, train, pt::Uncertainty{});
  if constexpr (SharingPolicy::shares_parameters) {
    works_with(made, train, pt::GradNorm{.alpha = 0.5}, exempt);
    goes_on(made, train, pt::GradNorm{});
  }

  task_by_task(made, train);
  same_in_slices(made);
  lowers_every_loss_with_relations(made, train);

  auto compared = made;
  pt::Trainer trainer(compared, pt::Uncertainty{}, pt::Adam{});
  trainer.fit(train, {.epochs = 1});
  const auto comparison = pt::compare_with_single_task(trainer, train, problem::table(40, 2));
  CHECK(comparison.multi.sharing == SharingPolicy::name);
  CHECK(comparison.multi.weighting == "uncertainty");
  CHECK(comparison.rows.size() == 4);
}

}  // namespace products
