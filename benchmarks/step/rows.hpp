/// @file
/// The parts of the table that the benchmark of a step prints.
#pragma once

#include "network.hpp"
#include "results.hpp"

#include <string>

namespace benchmark {

/// The network with so many numbers as its inputs, and samples for it.
struct Case {
  Index inputs;
  Network model;
  pt::Dataset<float> data;

  explicit Case(Index count)
      : inputs(count), model(network(pt::Features::dense(count))), data(random_data(count)) {}

  std::string name(const std::string& what) const { return what + ", " + std::to_string(inputs) + " inputs"; }
};

/// What rules that balance the tasks add to a step.
void measure_balancing(const Arguments& arguments, Case& with, Results& results);

/// How near the bare products come to what the processor can do.
void measure_peak(const Arguments& arguments, const Case& with, Results& results);

/// Adam's pass over all parameters against a copy that moves the same bytes.
void measure_adam(const Arguments& arguments, Results& results);

}  // namespace benchmark
