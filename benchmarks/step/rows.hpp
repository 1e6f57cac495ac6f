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

/// Reads all parameters of a model once, in the widest registers, and adds them up.
class ParameterReader {
 public:
  explicit ParameterReader(const Network& model) : numbers_(model.parameters.values) {}

  void operator()() {
    constexpr Index line = 16;  // numbers; every piece of the buffer is so many, or a multiple
    constexpr int sums = 4;
    using Line = Eigen::Array<float, line, 1>;
    const auto at = [this](Index place) { return Eigen::Map<const Line>(numbers_.data() + place); };
    Line sum[sums];
    for (auto& one : sum) one.setZero();
    const auto size = static_cast<Index>(numbers_.size());
    Index place = 0;
    for (; place + sums * line <= size; place += sums * line)
      for (int which = 0; which < sums; ++which) sum[which] += at(place + which * line);
    for (; place < size; place += line) sum[0] += at(place);
    result_ = (sum[0] + sum[1] + sum[2] + sum[3]).sum();
  }

 private:
  const pt::Buffer<float>& numbers_;
  volatile float result_ = 0;
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
