/// @file
/// Clustered tasks, by the convex relaxation.
#pragma once

#include "polytask/linear/proximal_gradient.hpp"
#include "polytask/linear/spectrum.hpp"

namespace polytask::linear {

/// strength/2 * spread (1 + spread) * min over M of tr(W (spread I + M)^-1 W') with 0 <= M <= I, tr M = clusters:
/// k-means of the tasks' coefficients, relaxed (Jacob, Bach, Vert 2009; Zhou, Chen, Ye 2011, where spread is eta and
/// strength/2 alpha). With as many clusters as tasks it is a ridge of strength * spread.
struct Clustered {
  static constexpr std::string_view name = "clustered";
  static constexpr double smallest_part = 1e-6;  ///< of largest_strength, where a path ends
  double strength = 0.1;
  Index clusters = 3;
  double spread = 0.1;  ///< how much tasks of one cluster may differ, against how much clusters may

  double largest_strength(const Prepared& prepared) const { return 100 * prepared.curvature(); }
};

/// The solution's `relation` is M, tasks x tasks; of a W of fewer dimensions than clusters the part that W tells, with
/// a smaller trace.
inline Solution solve(const Prepared& prepared, const Clustered& penalty, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  check_strength(Clustered::name, "strength", penalty.strength);
  require(penalty.clusters >= 1, "clustered: there must be at least one cluster, not ", penalty.clusters);
  require(penalty.spread > 0 && penalty.spread < 1e300, "clustered: spread must be above 0, not ", penalty.spread);
  const LearnedCovariance covariance{.strength = penalty.strength * penalty.spread * (1 + penalty.spread),
                                     .base = penalty.spread,
                                     .total = static_cast<double>((std::min)(penalty.clusters, prepared.size())),
                                     .most = 1};
  auto solution = minimize(
      prepared, 1, {}, [&](Index, auto block, double step) { return covariance.proximal(block, step); }, options,
      start);
  solution.relation = covariance.relation(solution.coefficients);
  return solution;
}

}  // namespace polytask::linear
