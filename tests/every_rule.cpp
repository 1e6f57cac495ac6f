#include "every_rule.hpp"

#include "polytask/aggregation/named_aggregation.hpp"
#include "polytask/weighting/named_weighting.hpp"

std::vector<polytask::AnyWeighting> every_weighting() {
  std::vector<polytask::AnyWeighting> rules;
  for (const auto& name : polytask::weighting_names()) rules.push_back(polytask::weighting_named(name));
  return rules;
}

std::vector<polytask::AnyAggregation> every_aggregation() {
  std::vector<polytask::AnyAggregation> rules;
  for (const auto& name : polytask::aggregation_names()) rules.push_back(polytask::aggregation_named(name));
  return rules;
}
