/// @file
/// From a problem to its solution, by a method whose header is included.
#pragma once

#include "polytask/linear/prepared.hpp"
#include "polytask/linear/solution.hpp"

#include <algorithm>

namespace polytask::linear {

/// Solves a problem by one method, as in `solve(problem, Ridge{0.1})`; for one strength after the other make it
/// Prepared first.
///
/// A method that leaves features out for all tasks at once needs the second moments of those alone that are left, so
/// that for tasks on the same samples they are not made beforehand.
/// @param start a solution of nearly the same problem to start from; null: from 0
/// @throws ArgumentError naming a setting that is out of range
template <class OneMethod>
Solution solve(const Problem& problem, const OneMethod& method, const SolverOptions& options = {},
               const Solution* start = nullptr) {
  bool keep_moments = true;
  if constexpr (requires { method.leaves_rows_out(); }) {
    const auto& tasks = problem.tasks();
    const bool alike = std::all_of(tasks.begin(), tasks.end(), [&](const auto& task) {
      return task.loss == Loss::squared && task.samples == tasks.front().samples;
    });
    keep_moments = !(alike && method.leaves_rows_out());
  }
  return solve(Prepared(problem, keep_moments), method, options, start);
}

}  // namespace polytask::linear
