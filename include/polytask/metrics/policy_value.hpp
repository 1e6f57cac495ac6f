/// @file
/// What a way to choose would have brought, from data in which the choice was drawn with known probabilities.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"

#include <cmath>
#include <cstddef>

namespace polytask {

/// The mean outcome of choosing one action a sample, by inverse propensity: only samples that were given what is chosen
/// for them count, each as often as its action is rare, divided by the sum of these weights (Hajek):
///   sum over [chosen = given] of outcome / propensity, over the sum of 1 / propensity of the same samples.
/// @param propensities the probability with which each sample was given its action
/// @throws ArgumentError when the lengths differ
/// @throws DataError when a propensity is not in (0, 1], or no sample was given what is chosen for it
inline double policy_value(Span<const Index> chosen, Span<const Index> given, Span<const double> outcomes,
                           Span<const double> propensities) {
  const std::size_t count = chosen.size();
  require(given.size() == count && outcomes.size() == count && propensities.size() == count, "policy_value: there are ",
          count, " choices, ", given.size(), " actions, ", outcomes.size(), " outcomes and ", propensities.size(),
          " propensities");
  double sum = 0;
  double weights = 0;
  for (std::size_t sample = 0; sample < count; ++sample) {
    const double propensity = propensities[sample];
    require<DataError>(propensity > 0 && propensity <= 1, "policy_value: the propensity of sample ", sample, " is ",
                       propensity, ", not a probability above 0");
    if (chosen[sample] != given[sample]) continue;
    sum += outcomes[sample] / propensity;
    weights += 1 / propensity;
  }
  require<DataError>(weights > 0, "policy_value: none of ", count, " samples was given what is chosen for it");
  return sum / weights;
}

}  // namespace polytask
