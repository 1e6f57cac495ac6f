/// @file
/// What an example tries, and how: every sharing policy, weighting and aggregation that is asked for, beside single tasks.
#pragma once

#include "arguments.hpp"
#include "policy.hpp"
#include "polytask/weighting/scheduled.hpp"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace polytask::examples {

/// An example's data, models and way of training.
struct Experiment {
  std::string name;
  const Arguments& arguments;
  const Table& train;
  const Table& test;
  const Table* validation;  ///< null: split off from the training rows
  Features features;
  std::vector<Policy> policies;  ///< the first is that of single tasks
  FitOptions<float> fit;
  AnyOptimizer<float> optimizer;
  std::map<std::string, WeightSchedule> schedules = {};  ///< what --weighting scheduled means here
  std::function<void(const Model<float>&, const Table&)> tell = {};  ///< says what a model expects of a few rows
};

std::vector<std::string> names_of(const std::vector<Policy>& policies);

/// Runs every combination that the arguments ask for, and each task alone, and prints the table; a single way of training
/// is demonstrated before: with progress, saved, loaded again and shown with a few rows.
void run(const Experiment& experiment);

}  // namespace polytask::examples
