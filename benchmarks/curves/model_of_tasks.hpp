/// @file
/// Networks of many tasks, compiled in files of their own.
#pragma once

#include "polytask/models/model.hpp"

#include <cstddef>
#include <memory>

namespace benchmark {

/// The network with so many tasks of one number each: 1, 2, 4, ..., 64.
template <std::size_t Tasks>
std::unique_ptr<polytask::Model<float>> model_of_tasks(polytask::Index inputs);

}  // namespace benchmark
