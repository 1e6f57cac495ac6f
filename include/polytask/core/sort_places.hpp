/// @file
/// Sorting places by what lies there.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <vector>

namespace polytask {

/// Sorts places by a comparison of what lies at two of them. Sorting is a lot of code, which is compiled once this way.
inline void sort_places(std::vector<std::size_t>& places,
                        const std::function<bool(std::size_t left, std::size_t right)>& before) {
  std::sort(places.data(), places.data() + places.size(),
            [&](std::size_t left, std::size_t right) { return before(left, right); });
}

}  // namespace polytask
