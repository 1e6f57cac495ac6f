#include "polytask/metrics/policy_value.hpp"

#include "catch.hpp"

#include <vector>

namespace pt = polytask;
using polytask::Index;

TEST_CASE("A policy's value counts the samples that were given what it chooses, by the rarity of their action") {
  const std::vector<Index> given{0, 1, 1, 0};
  const std::vector<double> outcomes{1, 2, 3, 10};
  const std::vector<double> propensities{0.8, 0.2, 0.2, 0.8};
  const std::vector<Index> chosen{0, 1, 1, 1};
  // (1 / 0.8 + 2 / 0.2 + 3 / 0.2) / (1 / 0.8 + 1 / 0.2 + 1 / 0.2)
  CHECK(pt::policy_value(chosen, given, outcomes, propensities) == Approx(26.25 / 11.25));
  // what was given to all of them: the mean within the action
  CHECK(pt::policy_value(std::vector<Index>{1, 1, 1, 1}, given, outcomes, propensities) == Approx(2.5));
}

TEST_CASE("A policy's value says what is wrong with its samples") {
  const std::vector<Index> given{0, 1};
  const std::vector<double> two{1, 2};
  const std::vector<double> halves{0.5, 0.5};
  CHECK_THROWS_WITH(pt::policy_value(given, given, two, two),
                    "policy_value: the propensity of sample 1 is 2, not a probability above 0");
  CHECK_THROWS_WITH(pt::policy_value(std::vector<Index>{2, 2}, given, two, halves),
                    "policy_value: none of 2 samples was given what is chosen for it");
  CHECK_THROWS_AS(pt::policy_value(pt::Span(given).first(1), given, two, halves), pt::ArgumentError);
}
