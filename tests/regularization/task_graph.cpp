#include "polytask/regularization/task_graph.hpp"

#include "regularization/checks.hpp"
#include "regularization/matrix_checks.hpp"

#include <cmath>

using namespace polytask;
using matrices::three_tasks;

static_assert(MatrixRegularization<TaskGraph> && !ElementwiseRegularization<TaskGraph, float>);

TEST_CASE("a task graph measures how far related tasks are apart, and opposed ones from being each other's negative") {
  Matrix<double> weights(2, 3);
  weights << 1, 3, -1,  // click to purchase: 4 + 1; click and returns: 0 + 16
      2, 1, 2;
  const TaskGraph graph{.strength = 0.1, .edges = {{"click", "purchase", 2.0}, {"click", "returns", -0.5}}};
  // 0.1 * (2 / 2 * 5 + 0.5 / 2 * 16)
  CHECK(graph.begin(three_tasks).value(weights) == Approx(0.9).epsilon(1e-14));
  CHECK(TaskGraph{.strength = 1, .edges = {{"purchase", "click"}}}.begin(three_tasks).value(weights) ==
        Approx(2.5).epsilon(1e-14));
}

TEST_CASE("the gradient of a task graph is that of its value") {
  const TaskGraph graph{
      .strength = 0.4, .edges = {{"click", "purchase", 2.0}, {"returns", "click", -1.5}, {"purchase", "returns", 0.3}}};
  matrices::check_matrix_gradient(graph.begin(three_tasks), matrices::random_matrix(5, 3));
}

TEST_CASE("a task graph moves no task that has no edge, and nothing that is as it should be") {
  const auto state = TaskGraph{.strength = 1, .edges = {{"click", "returns", -3}}}.begin(three_tasks);
  Matrix<double> weights = matrices::random_matrix(4, 3);
  Matrix<double> gradient(4, 3);
  state.gradient(weights, gradient);
  CHECK(gradient.col(1).isZero(0));
  CHECK(!gradient.col(0).isZero(0.1));
  weights.col(2) = -weights.col(0);
  state.gradient(weights, gradient);
  CHECK(gradient.isZero(0));
  CHECK(state.value(weights) == 0);
}

TEST_CASE("an edge that makes no sense is refused by name") {
  const auto begin = [](std::vector<TaskEdge> edges) {
    return TaskGraph{.edges = std::move(edges)}.begin(three_tasks);
  };
  CHECK_THROWS_AS(begin({}), ArgumentError);
  CHECK_THROWS_WITH(begin({}), containing("task_graph: there are no edges; say which tasks are related"));
  CHECK_THROWS_WITH(begin({{"click", "purchase"}, {"click", "return"}}),
                    containing("an edge names 'return', which is no task; the tasks are: click, purchase, returns"));
  CHECK_THROWS_WITH(begin({{"click", "click", -1}}), containing("an edge relates task 'click' to itself"));
  CHECK_THROWS_WITH(begin({{"click", "returns", std::nan("")}}),
                    containing("the edge between 'click' and 'returns' has the weight nan"));
}
