/// @file
/// The shared layers of the measured network with any number of tasks, each of one number.
#pragma once

#include "network.hpp"

#include <cstddef>
#include <utility>

namespace benchmark {

/// "t00", "t01", ...
template <std::size_t Number>
inline constexpr pt::Name<4> task_name({'t', static_cast<char>('0' + Number / 10), static_cast<char>('0' + Number % 10),
                                        '\0'});

template <std::size_t Tasks>
auto network_of_tasks(const pt::Features& features) {
  return [&]<std::size_t... Number>(std::index_sequence<Number...>) {
    return pt::multi_task_model(features, pt::HardSharing{pt::mlp({128, 64})},
                                pt::task<task_name<Number>>(pt::SquaredError{})...);
  }(std::make_index_sequence<Tasks>{});
}

}  // namespace benchmark
