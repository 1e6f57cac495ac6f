/// @file
/// One way of training, shown: with progress, saved, loaded again, and with what the model says of a few rows.
#pragma once

#include "polytask/training/history.hpp"
#include "trials.hpp"

#include <memory>

namespace polytask::examples {

struct Demonstration {
  std::unique_ptr<Model<float>> model;
  History history;  ///< with the tasks' gradients when a report is asked for
};

/// Trains once, with progress, saves the model, loads it again, and shows it with three rows that it has not seen.
Demonstration demonstrate(const Experiment& experiment, const Trial& trial);

}  // namespace polytask::examples
