#include "polytask/regularization/task_covariance.hpp"

#include "regularization/checks.hpp"
#include "regularization/matrix_checks.hpp"

#include <array>
#include <cmath>
#include <vector>

using namespace polytask;
using matrices::three_tasks;

static_assert(MatrixRegularization<TaskCovariance> && !ElementwiseRegularization<TaskCovariance, float>);
static_assert(LearnsRelations<TaskCovarianceState<double>>);

namespace {

constexpr std::array<std::string_view, 2> pair{"click", "returns"};

double correlation(const Matrix<double>& covariance, Index one, Index other) {
  return covariance(one, other) / std::sqrt(covariance(one, one) * covariance(other, other));
}

/// strength / 2 tr(W Omega^-1 W') for two tasks, by the inverse that one writes down.
double penalty_of_two(const Matrix<double>& weights, const Matrix<double>& omega, double strength) {
  Matrix<double> inverse(2, 2);
  inverse << omega(1, 1), -omega(0, 1), -omega(1, 0), omega(0, 0);
  inverse /= omega(0, 0) * omega(1, 1) - omega(0, 1) * omega(1, 0);
  return strength / 2 * (weights * inverse * weights.transpose()).trace();
}

}  // namespace

TEST_CASE("the task covariance begins with tasks that are not related: a ridge of strength times tasks") {
  const auto state = TaskCovariance{.strength = 0.1}.begin(three_tasks);
  CHECK(state.relations() == (Matrix<double>::Identity(3, 3) / 3.0).eval());
  const Matrix<double> weights = matrices::random_matrix(4, 3);
  CHECK(state.value(weights) == Approx(0.5 * 0.3 * weights.squaredNorm()).epsilon(1e-13));
  Matrix<double> shrunk(4, 3);
  state.shrink(weights, 0.5, shrunk);
  CHECK((shrunk - weights / (1 + 0.5 * 0.3)).cwiseAbs().maxCoeff() < 1e-15);
}

TEST_CASE("the covariance of two tasks is the root of their inner products, of trace 1") {
  Matrix<double> weights(2, 2);
  weights << std::sqrt(2.0), std::sqrt(0.5), 0, std::sqrt(1.5);  // W'W = (2 1; 1 2): roots of eigenvalues sqrt 3 and 1
  auto state = TaskCovariance{.strength = 0.4, .epsilon = 1e-30}.begin(pair);
  state.learn(weights);
  const double root = std::sqrt(3.0);
  CHECK(state.relations()(0, 0) == Approx(0.5).epsilon(1e-14));
  CHECK(state.relations()(1, 1) == Approx(0.5).epsilon(1e-14));
  CHECK(state.relations()(0, 1) == Approx((root - 1) / (root + 1) / 2).epsilon(1e-14));
  CHECK(state.relations()(1, 0) == state.relations()(0, 1));
  // the penalty is then that of the trace norm, squared
  CHECK(state.value(weights) == Approx(0.2 * (root + 1) * (root + 1)).epsilon(1e-13));
  CHECK(penalty_of_two(weights, state.relations(), 0.4) == Approx(state.value(weights)).epsilon(1e-13));
}

TEST_CASE("the learnt covariance is symmetric, without negative eigenvalues, of trace 1, and squares to W'W") {
  for (const Index rows : {1, 2, 7}) {
    const Matrix<double> weights = matrices::random_matrix(rows, 3);
    auto state = TaskCovariance{.epsilon = 1e-8}.begin(three_tasks);
    state.learn(weights);
    const Matrix<double> omega = state.relations();
    CHECK(omega == omega.transpose());
    CHECK(omega.trace() == Approx(1).epsilon(1e-14));
    const Matrix<double> square = omega * omega;
    const Matrix<double> gram = weights.transpose() * weights + 1e-8 * Matrix<double>::Identity(3, 3);
    CHECK((square / square.trace() - gram / gram.trace()).cwiseAbs().maxCoeff() < 1e-13);
    Matrix<double> diagonal = omega;
    Matrix<double> vectors(3, 3);
    diagonalize(diagonal, vectors);
    CHECK(diagonal.diagonal().minCoeff() > 0);
  }
}

TEST_CASE("no other covariance of trace 1 makes the penalty less") {
  const Matrix<double> weights = matrices::random_matrix(5, 2);
  auto state = TaskCovariance{.strength = 2, .epsilon = 1e-30}.begin(pair);
  state.learn(weights);
  const double least = state.value(weights);
  for (const double share : {0.1, 0.3, 0.5, 0.7, 0.9})
    for (const double found : {-0.9, -0.5, 0.0, 0.5, 0.9}) {
      Matrix<double> omega(2, 2);
      omega << share, found * std::sqrt(share * (1 - share)), found * std::sqrt(share * (1 - share)), 1 - share;
      CHECK(penalty_of_two(weights, omega, 2) > least);
    }
}

TEST_CASE("tasks that are not related in their weights get I / T, opposed ones the correlation -1, nothing I / T") {
  Matrix<double> weights(3, 3);
  weights << 0, 2, 0, -2, 0, 0, 0, 0, 2;
  auto state = TaskCovariance{}.begin(three_tasks);
  state.learn(weights);
  CHECK((state.relations() - Matrix<double>::Identity(3, 3) / 3).cwiseAbs().maxCoeff() < 1e-15);
  Matrix<double> opposed = matrices::random_matrix(4, 2);
  opposed.col(1) = -opposed.col(0);
  auto two = TaskCovariance{.epsilon = 1e-24}.begin(pair);
  two.learn(opposed);
  CHECK(correlation(two.relations(), 0, 1) == Approx(-1).epsilon(1e-10));
  opposed.col(1) = 3 * opposed.col(0);
  two.learn(opposed);
  CHECK(correlation(two.relations(), 0, 1) == Approx(1).epsilon(1e-10));
  CHECK(two.relations()(1, 1) / two.relations()(0, 0) == Approx(9).epsilon(1e-9));
  two.learn(Matrix<double>::Zero(4, 2));
  CHECK(two.relations() == (Matrix<double>::Identity(2, 2) / 2.0).eval());
}

TEST_CASE("the step of the task covariance minimises its penalty and the distance, also where tasks are alike") {
  auto state = TaskCovariance{.strength = 0.5}.begin(three_tasks);
  Matrix<double> weights = matrices::random_matrix(5, 3);
  matrices::check_matrix_shrinkage(state, weights);
  state.learn(weights);
  matrices::check_matrix_shrinkage(state, matrices::random_matrix(5, 3, 9));
  // the condition of the least: (start - shrunk) / rate = strength * shrunk * Omega^-1
  Matrix<double> shrunk(5, 3);
  state.shrink(weights, 0.2, shrunk);
  CHECK(((weights - shrunk) * state.relations() - 0.2 * 0.5 * shrunk).cwiseAbs().maxCoeff() < 1e-14);
  // tasks that are alike: what tells them apart is taken away, however large rate and strength, and nothing overshoots
  weights.col(1) = weights.col(0);
  weights.col(2) = weights.col(0);
  state.learn(weights);
  const Matrix<double> apart = weights + 1e-3 * matrices::random_matrix(5, 3, 4);
  state.shrink(apart, 1e3, shrunk);
  CHECK(shrunk.norm() < 0.01 * apart.norm());
  state.shrink(apart, 1e-3, shrunk);
  const auto distance = [](const Matrix<double>& of) { return (of.col(0) - of.col(1)).norm(); };
  CHECK(distance(shrunk) < 0.15 * distance(apart));
  CHECK((shrunk.col(0) - apart.col(0)).norm() < 2e-3 * apart.col(0).norm());
}

TEST_CASE("learning by turns never raises the objective") {
  const Matrix<double> target = matrices::random_matrix(6, 3);
  Matrix<double> weights = target;
  const double epsilon = 1e-3;
  auto state = TaskCovariance{.strength = 0.3, .epsilon = epsilon}.begin(three_tasks);
  // with epsilon, Omega is what makes tr((W'W + epsilon I) Omega^-1) least
  const auto objective = [&] {
    const Matrix<double> slack = std::sqrt(epsilon) * Matrix<double>::Identity(3, 3);
    return 0.5 * (weights - target).squaredNorm() + state.value(weights) + state.value(slack);
  };
  double last = objective();
  for (int round = 0; round < 30; ++round) {
    Matrix<double> shrunk(6, 3);
    state.shrink(target, 1, shrunk);  // the least for this Omega
    weights = shrunk;
    CHECK(objective() <= last + 1e-13);
    last = objective();
    state.learn(weights);
    CHECK(objective() <= last + 1e-13);
    last = objective();
  }
}

TEST_CASE("the covariance is due at its cadence") {
  auto state = TaskCovariance{.every = 3}.begin(three_tasks);
  std::vector<bool> due;
  for (int step = 1; step <= 7; ++step) due.push_back(state.due());
  CHECK(due == std::vector<bool>{false, false, true, false, false, true, false});
}

TEST_CASE("the task covariance refuses settings that make no sense, and shows its settings") {
  CHECK_THROWS_AS(TaskCovariance{.every = 0}.begin(three_tasks), ArgumentError);
  CHECK_THROWS_WITH(TaskCovariance{.every = 0}.begin(three_tasks), containing("every is 0; it must be at least 1"));
  CHECK_THROWS_WITH(TaskCovariance{.epsilon = 0}.begin(three_tasks), containing("epsilon is 0; it must be above 0"));
  const std::vector<std::string_view> many(65, "task");
  CHECK_THROWS_WITH(TaskCovariance{}.begin(many), containing("relates up to 64 tasks, not 65"));
  CHECK(settings(TaskCovariance{.strength = 0.5}) == "strength=0.500000 every=10 epsilon=0.000000 segments=*/weights ");
}
