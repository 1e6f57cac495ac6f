#include "polytask/linear/coupled_ridge.hpp"

#include "catch.hpp"
#include "linear/problems.hpp"
#include "polytask/core/random.hpp"
#include "polytask/linear/mean_regularized.hpp"
#include "polytask/linear/pooled.hpp"
#include "polytask/linear/ridge.hpp"
#include "polytask/linear/task_graph.hpp"

using namespace polytask;
namespace pl = polytask::linear;

namespace {

/// The gradient of losses + 1/2 tr(W C W'), whose norm is 0 at the solution.
double gradient_norm(const pl::Prepared& prepared, const pl::Solution& solution, const Matrix<double>& coupling) {
  Matrix<double> point(prepared.features() + 1, prepared.size());
  point << solution.coefficients, prepared.centred_intercepts(solution.coefficients, solution.intercepts).transpose();
  Matrix<double> gradient;
  prepared.losses(point, gradient);
  gradient.topRows(prepared.features()) += solution.coefficients * coupling;
  return gradient.norm();
}

}  // namespace

TEST_CASE("Coupled ridge solves its equations: each task alone, by eigenvectors, by conjugate gradients, logistic") {
  Matrix<double> coupling = problems::normal(4, 4, 1);
  coupling = Matrix<double>(coupling * coupling.transpose());
  const Matrix<double> whole = coupling + 0.1 * Matrix<double>::Identity(4, 4);
  for (const auto& problem : {problems::apart(6, 4, 20, 2), problems::apart(9, 4, 5, 2), problems::shared(6, 4, 20, 3),
                              problems::shared(9, 4, 5, 3), problems::apart(5, 4, 40, 2, pl::Loss::logistic)}) {
    const pl::Prepared prepared(problem);
    const auto found = coupled_ridge(prepared, 0.1, coupling, {.tolerance = 1e-12}, nullptr);
    CHECK(found.converged);
    CHECK(gradient_norm(prepared, found, whole) < 1e-9);
    CHECK(found.objective == Approx(problems::losses(problem, found.coefficients, found.intercepts) +
                                    0.5 * (found.coefficients * whole * found.coefficients.transpose()).trace())
                                 .epsilon(1e-9));
    CHECK(problems::falls(found));
    const auto alone = solve(prepared, pl::Ridge{0.7}, {.tolerance = 1e-12});
    CHECK(gradient_norm(prepared, alone, 0.7 * Matrix<double>::Identity(4, 4)) < 1e-9);
  }
}

TEST_CASE("Features may have any scales: an amount in cents beside a flag") {
  const Index samples = 400;
  Random random(3);
  Matrix<double> inputs(2, samples);
  Matrix<double> labels(2, samples);
  for (Index sample = 0; sample < samples; ++sample) {
    inputs(0, sample) = 5e6 + 2e7 * random.uniform();
    inputs(1, sample) = random.uniform() < 0.5 ? 1 : 0;
    labels(0, sample) = 1e-7 * inputs(0, sample) + 5 * inputs(1, sample) + 0.1 * random.normal(0, 1);
    labels(1, sample) = -2 * labels(0, sample);
  }
  pl::Problem together;
  together.add(inputs, labels);
  pl::Problem apart;
  apart.add(inputs, labels.topRows(1));
  apart.add(inputs, labels.bottomRows(1));
  for (const auto& problem : {together, apart}) {
    const pl::Prepared prepared(problem);
    const auto check = [&](const pl::Solution& found, double flag) {
      CHECK(found.converged);
      CHECK(found.coefficients(0, 0) == Approx(1e-7).epsilon(0.05));
      CHECK(found.coefficients(1, 0) == Approx(flag).epsilon(0.02));
      CHECK(found.coefficients(1, 1) == Approx(-2 * flag).epsilon(0.02));
    };
    check(solve(prepared, pl::Ridge{0}), 5);
    check(solve(prepared, pl::Ridge{1e-2}), 5 * 0.25 / 0.26);  // the flag's variance is 1/4
    check(solve(prepared, pl::MeanRegularized{.strength = 1e-9}), 5);
    const auto pooled = solve(prepared, pl::Pooled{0});  // of y and -2 y: half of -y
    CHECK(pooled.converged);
    CHECK(pooled.coefficients(1, 0) == Approx(-2.5).epsilon(0.02));
  }
}

TEST_CASE("Of many solutions the shortest is found, whatever the scales") {
  Matrix<double> inputs = problems::normal(3, 30, 4);
  inputs.row(1) = 2 * inputs.row(0);  // only w_1 + 2 w_2 is told
  inputs.row(2) *= 3e-7;
  const Matrix<double> labels = 5 * inputs.row(0) + 10 * inputs.row(2);
  pl::Problem problem;
  problem.add(inputs, labels);
  const auto found = solve(pl::Prepared(problem), pl::Ridge{0});
  CHECK(found.converged);
  CHECK(found.coefficients(0, 0) == Approx(1).epsilon(1e-6));
  CHECK(found.coefficients(1, 0) == Approx(2).epsilon(1e-6));
  CHECK(found.coefficients(2, 0) == Approx(10).epsilon(1e-6));
}

TEST_CASE("A constant feature has the coefficient 0, whatever rounding leaves of it") {
  Matrix<double> inputs = problems::normal(2, 30, 4);
  inputs.row(1).setConstant(0.1);
  pl::Problem problem;
  problem.add(inputs, Matrix<double>(3 * inputs.row(0)));
  const pl::Prepared prepared(problem);
  CHECK(solve(prepared, pl::Ridge{0}).coefficients(1, 0) == 0);
  CHECK(solve(prepared, pl::Ridge{0}).coefficients(0, 0) == Approx(3).epsilon(1e-12));
  CHECK(solve(prepared, pl::Pooled{0}).coefficients(1, 0) == 0);
}

TEST_CASE("A logistic problem of one class converges, to no coefficients") {
  pl::Problem problem;
  problem.add(problems::normal(3, 40, 2), Matrix<double>::Ones(2, 40), pl::Loss::logistic);
  const auto found = solve(pl::Prepared(problem), pl::Ridge{});
  CHECK(found.converged);
  CHECK(found.iterations < 100);
  CHECK(found.coefficients.norm() < 1e-6);
  CHECK(found.intercepts.minCoeff() > 10);
}

TEST_CASE("Conjugate gradients say when they were stopped") {
  const pl::Prepared prepared(problems::apart(20, 6, 30, 2));
  const auto found = solve(prepared, pl::MeanRegularized{10}, {.tolerance = 1e-12, .iterations = 3});
  CHECK(found.iterations == 3);
  CHECK_FALSE(found.converged);
  CHECK(found.accuracy > 1e-12);
  const auto whole = solve(prepared, pl::MeanRegularized{10}, {.tolerance = 1e-12});
  CHECK(whole.converged);
  const auto warm = solve(prepared, pl::MeanRegularized{10}, {.tolerance = 1e-10}, &whole);
  CHECK(warm.iterations == 0);
}

TEST_CASE("Mean-regularised tasks are each alone at strength 0, and the pooled model at a large one") {
  auto problem = problems::apart(5, 3, 30, 12);
  problem.intercepts = false;
  problem.balance = pl::Balance::samples;
  const pl::Prepared prepared(problem);
  CHECK((solve(prepared, pl::MeanRegularized{0}).coefficients - solve(prepared, pl::Ridge{0}).coefficients).norm() <
        1e-10);
  Matrix<double> moments = Matrix<double>::Zero(5, 5);
  Vector<double> right = Vector<double>::Zero(5);
  for (const auto& task : problem.tasks()) {
    moments += task.samples->inputs * task.samples->inputs.transpose();
    right += task.samples->inputs * task.labels;
  }
  const Vector<double> pooled = moments.llt().solve(right);
  const auto found = solve(prepared, pl::MeanRegularized{1e7}, {.tolerance = 1e-13});
  for (Index task = 0; task < 3; ++task) CHECK((found.coefficients.col(task) - pooled).norm() < 1e-6);
}

TEST_CASE("Two tasks on a graph, orthonormal inputs: the sum stays and the difference shrinks") {
  Matrix<double> squares(2, 2);
  squares << 1, 3, -2, 4;
  const pl::Prepared prepared(problems::orthonormal(squares));
  const auto found = solve(prepared, pl::TaskGraph{.strength = 0.5, .edges = {{0, 1, 3}}});
  // w_1 - w_2 = (y_1 - y_2) / (1 + 2 strength weight) = (y_1 - y_2) / 4
  Matrix<double> expected(2, 2);
  expected << 1.75, 2.25, 0.25, 1.75;
  CHECK((found.coefficients - expected).norm() < 1e-12);
}

TEST_CASE("Two opposed tasks on a graph, orthonormal inputs: the difference stays and the sum shrinks") {
  Matrix<double> squares(2, 2);
  squares << 1, 3, -2, 4;
  const pl::Prepared prepared(problems::orthonormal(squares));
  const auto found = solve(prepared, pl::TaskGraph{.strength = 0.5, .edges = {{0, 1, -3}}});
  // w_1 + w_2 = (y_1 + y_2) / (1 + 2 strength |weight|) = (y_1 + y_2) / 4
  Matrix<double> expected(2, 2);
  expected << -0.5, 1.5, -2.75, 3.25;
  CHECK((found.coefficients - expected).norm() < 1e-12);
}

TEST_CASE("A graph without edges is the mean, and a chain joins only what it names") {
  const pl::Prepared prepared(problems::apart(4, 3, 20, 5));
  const auto mean = solve(prepared, pl::MeanRegularized{.strength = 0.4, .ridge = 0.1}, {.tolerance = 1e-12});
  CHECK((solve(prepared, pl::TaskGraph{.strength = 0.4, .ridge = 0.1}, {.tolerance = 1e-12}).coefficients -
         mean.coefficients)
            .norm() < 1e-10);
  pl::TaskGraph pairs{.strength = 0.4, .ridge = 0.1};
  for (Index first = 0; first < 3; ++first)
    for (Index second = 0; second < first; ++second) pairs.edges.push_back({first, second, 1.0 / 3});
  CHECK((solve(prepared, pairs, {.tolerance = 1e-12}).coefficients - mean.coefficients).norm() < 1e-10);
  const auto chain = solve(prepared, pl::TaskGraph{.strength = 1e6, .edges = {{0, 1, 1}}}, {.tolerance = 1e-12});
  CHECK((chain.coefficients.col(0) - chain.coefficients.col(1)).norm() < 1e-5);
  CHECK((chain.coefficients.col(2) - solve(prepared, pl::Ridge{0}).coefficients.col(2)).norm() < 1e-8);
  CHECK_THROWS_WITH(solve(prepared, pl::TaskGraph{.edges = {{0, 3, 1}}}),
                    containing("edge 0 is between tasks 0 and 3; expected two of 0 .. 2"));
  CHECK_THROWS_WITH(solve(prepared, pl::TaskGraph{.edges = {{0, 1, 1 / 0.0}}}),
                    containing("the weight of edge 0 is inf, not a finite number"));
}
