/// @file
/// The definition of model_of_tasks, for the files that compile it.
#pragma once

#include "many_tasks.hpp"
#include "model_of_tasks.hpp"

#include "polytask/compiled.hpp"

namespace benchmark {

template <std::size_t Tasks>
std::unique_ptr<pt::Model<float>> model_of_tasks(Index inputs) {
  return network_of_tasks<Tasks>(pt::Features::dense(inputs)).clone();
}

}  // namespace benchmark
