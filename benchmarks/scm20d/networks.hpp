/// @file
/// Networks for the 16 targets of scm20d: one for each way of sharing.
#pragma once

#include "polytask/models/model.hpp"

#include <memory>
#include <string>
#include <vector>

namespace benchmark {

inline constexpr polytask::Index scm20d_target_count = 16;

/// A way of sharing, and its network.
struct SharingNetwork {
  std::string sharing;
  std::unique_ptr<polytask::Model<float>> (*make)(polytask::Index inputs);
};

/// Separate networks first, then those that share; hidden layers of 128 and 64 in all of them, heads of one layer.
/// Tasks are named "t00" to "t15".
std::vector<SharingNetwork> scm20d_networks();

}  // namespace benchmark
