/// @file
/// Graph regularisation: tasks that are known to be related pull at each other.
#pragma once

#include "polytask/linear/coupled_ridge.hpp"

#include <vector>

namespace polytask::linear {

/// strength / 2 * sum over edges of weight * ||w_first - w_second||^2 + ridge / 2 * ||W||^2 (Evgeniou, Micchelli,
/// Pontil 2005; MALSAR's SRMTL with rho = strength / 2).
struct TaskGraph {
  static constexpr std::string_view name = "task_graph";

  struct Edge {
    Index first = 0;  ///< number of a task
    Index second = 0;
    double weight = 1;
  };

  double strength = 0.1;
  double ridge = 0;
  std::vector<Edge> edges = {};  ///< empty: every pair, of weight 1 / tasks, which is MeanRegularized

  double largest_strength(const Prepared& prepared) const { return 100 * prepared.curvature(); }

  /// The graph's Laplacian: tr(W L W') = sum over edges of weight * ||w_first - w_second||^2.
  /// @throws ArgumentError naming an edge between tasks that are not two, or of a negative weight
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
      require(edge.weight >= 0 && std::isfinite(edge.weight), "task_graph: the weight of edge ", place, " is ",
              edge.weight, ", not a finite number of at least 0");
      found(edge.first, edge.first) += edge.weight;
      found(edge.second, edge.second) += edge.weight;
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
