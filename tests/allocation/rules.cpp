// No weighting and no aggregation allocates anything, once the first step is over.
#include "allocations.hpp"
#include "catch.hpp"
#include "every_rule.hpp"
#include "problem.hpp"
#include "steps.hpp"

#include "polytask/optimizers/adam.hpp"
#include "polytask/sharing/hard.hpp"

#include <numeric>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

/// Steps of a model with categories, lists and four tasks, on two threads.
void allocates_nothing(const steps::Rules<float>& rules) {
  INFO("weighting " << rules.weighting.name << ", aggregation " << rules.aggregation.name);
  const auto train = problem::table(300);
  auto model = problem::model<float>(train, pt::HardSharing{pt::mlp({16, 8})});
  const auto data = model.encode(train);
  std::vector<Index> rows(300);
  std::iota(rows.begin(), rows.end(), Index{0});
  steps::Steps<float> step(model, rules, 300, 2);
  step(data, rows, 1e-3);
  const std::size_t before = allocations();
  for (int round = 0; round < 25; ++round) step(data, rows, 1e-3);  // some rules do more in every tenth or twentieth
  CHECK(allocations() == before);
}

}  // namespace

TEST_CASE("no weighting allocates anything after the first step") {
  const pt::AnyOptimizer<float> adam(pt::Adam{});
  for (const auto& weighting : every_weighting()) allocates_nothing({.optimizer = adam, .weighting = weighting});
}

TEST_CASE("no aggregation allocates anything after the first step") {
  const pt::AnyOptimizer<float> adam(pt::Adam{});
  for (const auto& aggregation : every_aggregation())
    for (const bool embeddings : {false, true})
      allocates_nothing({.optimizer = adam, .aggregation = aggregation, .combine_embeddings = embeddings});
  allocates_nothing({.optimizer = adam, .record_gradients = true});
}
