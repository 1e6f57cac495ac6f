/// @file
/// A sharing policy of an example.
#pragma once

#include "polytask/compiled.hpp"
#include "polytask/models/model.hpp"

#include <memory>
#include <string>

namespace polytask::examples {

/// One sharing policy of an example. Each model is compiled in a file of its own; what is done with it is written for any
/// Model, and compiled once.
struct Policy {
  std::string name;
  std::unique_ptr<Model<float>> (*make)(const Features& features);
};

}  // namespace polytask::examples
