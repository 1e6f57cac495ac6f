/// @file
/// Counts the allocations of small models.
#pragma once

#include "allocations.hpp"
#include "catch.hpp"

#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/losses/binary_cross_entropy.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/weighting/famo.hpp"
#include "polytask/weighting/grad_norm.hpp"
#include "steps.hpp"

#include <array>
#include <numeric>
#include <tuple>
#include <utility>
#include <vector>

namespace pt = polytask;
using pt::Index;

/// One rule of each kind of cost.
inline std::vector<std::pair<pt::AnyWeighting, pt::AnyAggregation>> some_rules() {
  return {{pt::Equal{}, pt::Sum{}}, {pt::GradNorm{}, pt::Sum{}}, {pt::Famo{}, pt::PcGrad{}}};
}

/// No training step and no prediction of a model with two tasks allocates, once the first is over.
template <class SharingPolicy, class Link>
void allocates_nothing(SharingPolicy sharing, Link link,
                       const std::vector<std::pair<pt::AnyWeighting, pt::AnyAggregation>>& rules = some_rules()) {
  INFO(SharingPolicy::name << ", link " << Link::name);
  auto model =
      pt::multi_task_model(pt::Features::dense(4), std::move(sharing), link,
                           pt::task<"click">(pt::BinaryCrossEntropy{}), pt::task<"purchase">(pt::BinaryCrossEntropy{}));
  const Index size = 600;
  const auto data = pt::Dataset<float>::from(pt::Matrix<float>::Random(4, size),
                                             (pt::Matrix<float>::Random(2, size).array() > 0).cast<float>());
  std::vector<Index> rows(static_cast<std::size_t>(size));
  std::iota(rows.begin(), rows.end(), Index{0});
  for (const auto& [weighting, aggregation] : rules) {
    const bool shares = SharingPolicy::shares_parameters;
    if (!shares && (weighting.needs().gradient_norms || aggregation.needs().gram)) continue;
    INFO("weighting " << weighting.name << ", aggregation " << aggregation.name);
    steps::Steps<float> step(model,
                             {.optimizer = pt::AnyOptimizer<float>(pt::Adam{}),
                              .weighting = weighting,
                              .aggregation = aggregation,
                              .clip_norm = 1.0},
                             size, 2);
    step(data, rows, 1e-3);
    const std::size_t before = allocations();
    for (int round = 0; round < 3; ++round) step(data, rows, 1e-3);
    CHECK(allocations() == before);
  }
  auto space = model.workspace(200);
  const pt::Span<const Index> few(rows.data(), 200);
  model.predict(space, data, few);
  const std::size_t before = allocations();
  model.predict(space, data, few);
  CHECK(allocations() == before);
}
