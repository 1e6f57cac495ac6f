/// @file
/// What an example tries, and how: every sharing policy, weighting and aggregation that is asked for, beside single
/// tasks.
#pragma once

#include "arguments.hpp"
#include "decision.hpp"
#include "policy.hpp"
#include "polytask/core/by_name.hpp"
#include "polytask/weighting/scheduled.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace polytask::examples {

/// An example's data, models and way of training.
struct Experiment {
  std::string name;
  const Arguments& arguments;
  const Table& train;
  const Table& test;
  const Table* validation = nullptr;  ///< null: split off from the training rows
  std::string group = {};             ///< a column whose values are not divided by that split: whole customers
  Features features;
  std::vector<Policy> policies;  ///< the first is that of single tasks
  FitOptions<float> fit;
  AnyOptimizer<float> optimizer;
  std::vector<AnyOptimizer<float>> other_optimizers = {};  ///< among which --tune-optimizer chooses, too
  ByName<WeightSchedule> schedules = {};                   ///< what --weighting scheduled means here
  std::vector<std::string> decided_by = {};  ///< the tasks by whose metrics settings are tuned; empty: all
  std::optional<Decision> decision = {};     ///< what is decided by the predictions, and what that is worth
  std::function<void(const Model<float>&, const Table&)> tell = {};  ///< says what a model expects of a few rows
};

std::vector<std::string> names_of(const std::vector<Policy>& policies);

/// Runs every combination that the arguments ask for, and each task alone, and prints the tables; a single way of
/// training is demonstrated before: with progress, saved, loaded again and shown with a few rows.
/// @throws ArgumentError with --check, when a decision by the predictions is not worth more than each simple one, or,
/// where there is no decision, when the tasks gain nothing by being learnt together
void run(const Experiment& experiment);

}  // namespace polytask::examples
