/// @file
/// Graph regularisation: draws tasks that are known to be related together, and tasks that are known to be opposed
/// apart.
#pragma once

#include "polytask/linear/coupled_ridge.hpp"

#include <cmath>
#include <vector>

namespace polytask::linear {

/// strength / 2 * sum over edges of |a| * ||w_first - sign(a) w_second||^2 + ridge / 2 * ||W||^2, where a is the edge's
/// weight: it draws w_first to w_second where a is positive (Evgeniou, Micchelli, Pontil 2005; MALSAR's SRMTL with rho
/// = strength / 2) and to -w_second where it is negative (Goldberg, Zhu, Wright 2007).
struct TaskGraph {
  static constexpr std::string_view name = "task_graph";
  static constexpr double smallest_part = 1e-6;  ///< of largest_strength, where a path ends

  struct Edge {
    Index first = 0;  ///< number of a task
    Index second = 0;
    double weight = 1;  ///< above 0: alike; below 0: opposed
  };

  double strength = 0.1;
  double ridge = 0;
  std::vector<Edge> edges = {};  ///< empty: every pair, of weight 1 / tasks, which is MeanRegularized

  double largest_strength(const Prepared& prepared) const { return 100 * prepared.curvature(); }

  /// The graph's Laplacian: tr(W L W') = sum over edges of |a| * ||w_first - sign(a) w_second||^2.
  /// @throws ArgumentError naming an edge between tasks that are not two, or whose weight is not finite
  Matrix<double> laplacian(Index tasks) const {
    if (edges.empty())
      return Matrix<double>::Identity(tasks, tasks) -
             Matrix<double>::Constant(tasks, tasks, 1 / static_cast<double>(tasks));
    Matrix<double> found = Matrix<double>::Zero(tasks, tasks);
    for (std::size_t place = 0; place < edges.size(); ++place) {
      const auto& edge = edges[place];
      require(
          edge.first >= 0 && edge.first < tasks && edge.second >= 0 && edge.second < tasks && edge.first != edge.second,
          "task_graph: edge ", place, " is between tasks ", edge.first, " and ", edge.second, "; expected two of 0 .. ",
          tasks - 1);
      require(std::isfinite(edge.weight), "task_graph: the weight of edge ", place, " is ", edge.weight,
              ", not a finite number");
      found(edge.first, edge.first) += std::abs(edge.weight);
      found(edge.second, edge.second) += std::abs(edge.weight);
      found(edge.first, edge.second) -= edge.weight;
      found(edge.second, edge.first) -= edge.weight;
    }
    return found;
  }
};

inline Solution solve(const Prepared& prepared, const TaskGraph& penalty, const SolverOptions& options = {},
                      const Solution* start = nullptr) {
  check_strength(TaskGraph::name, "strength", penalty.strength);
  check_strength(TaskGraph::name, "ridge", penalty.ridge);
  return coupled_ridge(prepared, penalty.ridge, penalty.strength * penalty.laplacian(prepared.size()), options, start);
}

}  // namespace polytask::linear
