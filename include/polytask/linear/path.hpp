/// @file
/// Regularisation paths: from the largest useful strength down, each solution the start of the next.
#pragma once

#include "polytask/linear/methods.hpp"

#include <cmath>
#include <utility>
#include <vector>

namespace polytask::linear {

/// Strengths for a path.
struct PathOptions {
  Index count = 16;                    ///< of strengths, in equal steps of their logarithm
  double smallest = 0;                 ///< the smallest, as a part of the largest; 0: the method's smallest_part()
  std::vector<double> strengths = {};  ///< your own, instead; they are solved in this order
  SolverOptions solver = {};
};

struct PathPoint {
  double strength;
  Solution solution;
};

/// Falling strengths from `largest` to `largest` * `smallest`.
inline std::vector<double> falling_strengths(double largest, Index count, double smallest) {
  require(count >= 1, "a path needs at least one strength, not ", count);
  require(smallest > 0 && smallest <= 1, "the smallest strength of a path must be a part of the largest above 0, not ",
          smallest);
  std::vector<double> found;
  for (Index place = 0; place < count; ++place)
    found.push_back(
        largest * (count == 1 ? 1.0 : std::pow(smallest, static_cast<double>(place) / static_cast<double>(count - 1))));
  return found;
}

/// The strengths that the options say for a problem.
inline std::vector<double> path_strengths(const Prepared& prepared, const Method& method, const PathOptions& options) {
  if (!options.strengths.empty()) return options.strengths;
  const double smallest = options.smallest == 0 ? smallest_part(method) : options.smallest;
  return falling_strengths(largest_strength(prepared, method), options.count, smallest);
}

/// Solves for one strength after the other.
inline std::vector<PathPoint> path(const Prepared& prepared, const Method& method, const PathOptions& options = {}) {
  std::vector<PathPoint> points;
  for (const double strength : path_strengths(prepared, method, options)) {
    const Solution* start = points.empty() ? nullptr : &points.back().solution;
    points.push_back({strength, solve(prepared, with_strength(method, strength), options.solver, start)});
  }
  return points;
}

inline std::vector<PathPoint> path(const Problem& problem, const Method& method, const PathOptions& options = {}) {
  return path(Prepared(problem), method, options);
}

}  // namespace polytask::linear
