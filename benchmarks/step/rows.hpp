/// @file
/// The parts of the table that the benchmark of a step prints.
#pragma once

#include "network.hpp"
#include "results.hpp"

#include "polytask/compiled.hpp"

#include <string>
#include <vector>

namespace benchmark {

/// The network with so many numbers as its inputs, and samples for it.
struct Case {
  Index inputs;
  Network model;
  pt::Dataset<float> data;

  explicit Case(Index count) : inputs(count), model(network(pt::Features::dense(count))), data(random_data(count)) {}

  std::string name(const std::string& what) const { return what + ", " + std::to_string(inputs) + " inputs"; }
};

/// Predictions for the next rows, so many a call.
class Prediction {
 public:
  Prediction(Case& with, Index batch)
      : with_(with), space_(with.model.workspace(batch)), rows_(static_cast<std::size_t>(batch)) {}

  void operator()() {
    for (auto& row : rows_) {
      row = next_;
      next_ = (next_ + 1) % sample_count;
    }
    with_.model.predict(space_, with_.data, rows_);
  }

 private:
  const Case& with_;
  pt::Workspace<float> space_;
  std::vector<Index> rows_;
  Index next_ = 0;
};

/// What rules that balance the tasks add to a step.
void measure_balancing(const Arguments& arguments, Case& with, Results& results);

/// The same work in PyTorch, if the arguments ask for it.
void measure_pytorch(const Arguments& arguments, Case& narrow, Case& wide, Results& results);

/// How near the bare products come to what the processor can do.
void measure_peak(const Arguments& arguments, const Case& with, Results& results);

/// Adam's pass over all parameters against a copy that moves the same bytes.
void measure_adam(const Arguments& arguments, Results& results);

}  // namespace benchmark
