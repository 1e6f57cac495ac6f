/// @file
/// Task graph: draws tasks that are known to be related together, and tasks that are known to be opposed apart.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/regularization/regularization.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// What is known of two tasks.
struct TaskEdge {
  std::string one = {};
  std::string other = {};
  double weight = 1;  ///< above 0: alike; below 0: opposed

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("one", self.one);
    visit("other", self.other);
    visit("weight", self.weight);
  }
};

class TaskGraphState;

/// strength * sum over the edges of |a| / 2 * |w_i - sign(a) w_j|^2, where w_t are the chosen segments of task t and a
/// is the edge's weight: it draws w_i to w_j where a is positive (Evgeniou, Micchelli, Pontil, JMLR 2005; MALSAR's
/// SRMTL) and to -w_j where it is negative (Goldberg, Zhu, Wright, AISTATS 2007). By its gradient; with Sgd the steps
/// grow when rate * strength * twice the largest sum of a task's |a| is above 2.
///
/// TaskGraph{.strength = 0.1, .edges = {{"click", "purchase", 1.0}, {"click", "returns", -0.5}}}
struct TaskGraph {
  double strength = 1e-2;
  std::vector<TaskEdge> edges = {};
  std::string segments = "*/weights";  ///< of those the tasks' own, which every task must have in one shape

  static constexpr std::string_view name = "task_graph";
  static constexpr Arrangement arrangement = Arrangement::tasks;

  /// @throws ArgumentError when there is no edge, an edge names no task or the same twice, or a weight is not finite
  TaskGraphState begin(Span<const std::string_view> tasks) const;

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("strength", self.strength);
    visit("edges", self.edges);
    visit("segments", self.segments);
  }
};

/// TaskGraph in a training run.
class TaskGraphState {
 public:
  TaskGraphState(const TaskGraph& rule, Span<const std::string_view> tasks) {
    require(!rule.edges.empty(),
            "task_graph: there are no edges; say which tasks are related, as {\"click\", \"purchase\", 1.0}");
    const auto place_of = [&](const std::string& task) {
      const auto found = std::find(tasks.begin(), tasks.end(), task);
      require(found != tasks.end(), "task_graph: an edge names '", task,
              "', which is no task; the tasks are: ", list_of(tasks));
      return static_cast<Index>(found - tasks.begin());
    };
    for (const auto& edge : rule.edges) {
      const Edge made{place_of(edge.one), place_of(edge.other), rule.strength * std::abs(edge.weight),
                      edge.weight < 0 ? -1.0 : 1.0};
      require(made.one != made.other, "task_graph: an edge relates task '", edge.one,
              "' to itself; an edge is between two ", "of the tasks");
      require(std::isfinite(edge.weight), "task_graph: the edge between '", edge.one, "' and '", edge.other,
              "' has the weight ", edge.weight);
      edges_.push_back(made);
    }
  }

  /// @param weights numbers x tasks
  template <Scalar S>
  double value(const Matrix<S>& weights) const {
    double sum = 0;
    for (const auto& edge : edges_)
      sum += 0.5 * edge.strength * (weights.col(edge.one) - edge.sign * weights.col(edge.other)).squaredNorm();
    return sum;
  }

  template <Scalar S>
  void gradient(const Matrix<S>& weights, Matrix<S>& result) const {
    result.setZero();
    for (const auto& edge : edges_) {
      const auto difference = weights.col(edge.one) - edge.sign * weights.col(edge.other);
      result.col(edge.one) += edge.strength * difference;
      result.col(edge.other) -= edge.sign * edge.strength * difference;
    }
  }

 private:
  struct Edge {
    Index one;
    Index other;
    double strength;
    double sign;
  };

  std::vector<Edge> edges_;
};

inline TaskGraphState TaskGraph::begin(Span<const std::string_view> tasks) const {
  return TaskGraphState(*this, tasks);
}

}  // namespace polytask
