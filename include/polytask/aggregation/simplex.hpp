/// @file
/// The nearest point of the simplex: numbers that are not negative and sum to 1.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>
#include <functional>

namespace polytask {

/// Replaces the numbers by the nearest ones that are at least 0 and sum to 1. Sorting finds how many stay above 0
/// (Held, Wolfe, Crowder 1974): p_i = max(v_i - shift, 0) with the shift at which they sum to 1.
/// @param values  at least one finite number
/// @param scratch as many numbers
template <Scalar S>
void project_on_simplex(Flat<S> values, Flat<S> scratch) {
  require(values.size() > 0 && scratch.size() == values.size(), "the projection on the simplex has ", values.size(),
          " numbers and room for ", scratch.size(), "; both must be the same, and at least 1");
  // only differences count; what is more than 1 below the largest is 0, so no number is lost in a sum with large ones
  values.array() -= values.maxCoeff();
  scratch = values;
  std::sort(scratch.data(), scratch.data() + scratch.size(), std::greater<>());
  S sum = 0;
  S shift = 0;
  for (Index count = 1; count <= scratch.size(); ++count) {
    sum += scratch[count - 1];
    const S candidate = (sum - 1) / static_cast<S>(count);
    if (scratch[count - 1] <= candidate) break;
    shift = candidate;
  }
  values = (values.array() - shift).cwiseMax(0.0);
}

}  // namespace polytask
