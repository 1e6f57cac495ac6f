/// @file
/// Every weighting and every aggregation with a model, on a problem with categories, lists and missing labels.
#pragma once

#include "catch.hpp"
#include "every_rule.hpp"
#include "problem.hpp"

#include "polytask/aggregation/ca_grad.hpp"
#include "polytask/aggregation/mo_co.hpp"
#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/training/training.hpp"
#include "polytask/weighting/famo.hpp"
#include "polytask/weighting/grad_norm.hpp"
#include "polytask/weighting/uncertainty.hpp"

#include <string>
#include <vector>

namespace rules {

namespace pt = polytask;
using pt::Index;

/// Trains with a rule, the first batch without any label of one task, and checks that every task's loss is lower then.
template <class ModelType>
void lowers_every_loss(const ModelType& original, const pt::Table& train, const pt::AnyWeighting& weighting,
                       const pt::AnyAggregation& aggregation, bool embeddings = false) {
  INFO("weighting " << weighting.name << ", aggregation " << aggregation.name << ", embeddings " << embeddings);
  auto data = original.encode(train);
  data.weights.row(original.label_offsets()[1]).head(20).setZero();
  auto model = original;
  const auto before = pt::evaluate<double>(model, data);
  pt::Training<double> training(model, {pt::AnyOptimizer<double>(pt::Adam{.rate = 0.01}), weighting, aggregation, {}});
  training.fit(data, {.epochs = 25, .batch = 20, .shuffle = false, .combine_embeddings = embeddings});
  const auto after = pt::evaluate<double>(model, data);
  for (std::size_t task = 0; task < model.size(); ++task) {
    INFO("task " << model.names()[task]);
    CHECK(after[task].loss < before[task].loss);
  }
}

/// All rules of both kinds, one at a time, and two together.
template <class SharingPolicy>
void all_rules_lower_every_loss(SharingPolicy sharing) {
  const auto train = problem::table(60);
  const auto model =
      pt::multi_task_model<double>(problem::fitted(train), std::move(sharing),
                                   pt::task<"click">(pt::BinaryCrossEntropy{}), pt::task<"spend">(pt::SquaredError{}),
                                   pt::task<"visits">(pt::Huber{}), pt::task<"segment">(pt::SoftmaxCrossEntropy{}));
  for (const auto& weighting : every_weighting()) lowers_every_loss(model, train, weighting, pt::Sum{});
  for (const auto& aggregation : every_aggregation()) {
    lowers_every_loss(model, train, pt::Equal{}, aggregation);
    lowers_every_loss(model, train, pt::Equal{}, aggregation, true);
  }
  lowers_every_loss(model, train, pt::Uncertainty{}, pt::CaGrad{});
  lowers_every_loss(model, train, pt::GradNorm{}, pt::PcGrad{});
  lowers_every_loss(model, train, pt::Famo{}, pt::MoCo{});
}

}  // namespace rules
