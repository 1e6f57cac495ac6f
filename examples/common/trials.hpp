/// @file
/// The ways of training that are tried.
#pragma once

#include "experiment.hpp"
#include "polytask/aggregation/any_aggregation.hpp"
#include "polytask/weighting/any_weighting.hpp"

#include <string>
#include <vector>

namespace polytask::examples {

/// One way of training that is tried.
struct Trial {
  const Policy* policy;
  std::string name;  ///< of what is varied
  AnyOptimizer<float> optimizer;
  AnyWeighting weighting;
  AnyAggregation aggregation;
};

/// Every combination that is asked for.
/// @throws ArgumentError when none is left
std::vector<Trial> trials_of(const Experiment& experiment);

}  // namespace polytask::examples
