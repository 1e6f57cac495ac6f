#include "rules.hpp"

#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"
#include "polytask/sharing/soft.hpp"

TEST_CASE("every weighting and every aggregation lowers every loss under hard sharing") {
  rules::all_rules_lower_every_loss(polytask::HardSharing{polytask::mlp<polytask::Tanh>({12})});
}

TEST_CASE("every weighting and every aggregation lowers every loss under soft sharing") {
  rules::all_rules_lower_every_loss(polytask::SoftSharing{polytask::mlp<polytask::Tanh>({8}), {.strength = 1e-3}});
}

TEST_CASE("every weighting and every aggregation lowers every loss with a mixture of experts") {
  rules::all_rules_lower_every_loss(polytask::MixtureOfExperts{polytask::mlp<polytask::Tanh>({8}), {.experts = 3}});
}

TEST_CASE("every weighting and every aggregation begins anew in a second run of the same training") {
  const auto train = problem::table(60);
  const auto original = problem::model<double>(train, polytask::HardSharing{polytask::mlp<polytask::Tanh>({6})});
  const auto data = original.encode(train);
  const auto begins_anew = [&](const polytask::AnyWeighting& weighting, const polytask::AnyAggregation& aggregation) {
    INFO("weighting " << weighting.name << ", aggregation " << aggregation.name);
    auto model = original;
    polytask::Training<double> training(
        model, {polytask::AnyOptimizer<double>(polytask::Adam{.rate = 0.01}), weighting, aggregation, {}});
    training.fit(data, {.epochs = 3, .batch = 20});
    const auto first = model.parameters.values;
    REQUIRE(first != original.parameters.values);
    model = original;
    training.fit(data, {.epochs = 3, .batch = 20});
    CHECK(model.parameters.values == first);
  };
  for (const auto& weighting : every_weighting()) begins_anew(weighting, polytask::Sum{});
  for (const auto& aggregation : every_aggregation()) begins_anew(polytask::Equal{}, aggregation);
}
