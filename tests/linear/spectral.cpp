#include "catch.hpp"
#include "linear/problems.hpp"
#include "polytask/linear/clustered.hpp"
#include "polytask/linear/go_mtl.hpp"
#include "polytask/linear/mtrl.hpp"
#include "polytask/linear/ridge.hpp"
#include "polytask/linear/robust.hpp"
#include "polytask/linear/spectrum.hpp"
#include "polytask/linear/trace_norm.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

using namespace polytask;
namespace pl = polytask::linear;

namespace {

/// Singular values in falling order.
Vector<double> singular_values(const Matrix<double>& matrix) {
  Vector<double> values = pl::Spectrum(matrix).values();
  std::sort(values.begin(), values.end(), std::greater<>());
  return values;
}

}  // namespace

TEST_CASE("With orthonormal inputs the trace norm shrinks the singular values of the least squares solution") {
  Index zeros = 0;
  for (const auto& [features, tasks] : {std::pair<Index, Index>{5, 3}, {3, 6}}) {
    const Matrix<double> squares = problems::normal(features, tasks, 3);
    const pl::Prepared prepared(problems::orthonormal(squares));
    const auto found = solve(prepared, pl::TraceNorm{1.5}, {.tolerance = 1e-12});
    CHECK(found.converged);
    const Vector<double> expected = (singular_values(squares).array() - 1.5).max(0.0);
    CHECK((singular_values(found.coefficients) - expected).norm() < 1e-7);
    CHECK(expected[0] > 0);
    zeros += (expected.array() == 0).count();
    // of the same singular vectors: W'Y is symmetric without negative eigenvalues, with trace sum of s (s - 1.5)
    const Matrix<double> product = found.coefficients.transpose() * squares;
    CHECK((product - product.transpose()).norm() < 1e-9);
    CHECK(product.trace() == Approx(expected.dot(singular_values(squares))).epsilon(1e-9));
    const double largest = pl::TraceNorm{}.largest_strength(prepared);
    CHECK(largest == Approx(singular_values(squares)[0]).epsilon(1e-10));
    CHECK(solve(prepared, pl::TraceNorm{largest * 1.000001}, {.tolerance = 1e-12}).coefficients.norm() < 1e-12);
  }
  CHECK(zeros > 0);
}

TEST_CASE("MTRL's W is what alternating between W and its covariance finds") {
  const auto problem = problems::apart(6, 4, 30, 21);
  const pl::Prepared prepared(problem);
  const auto found = solve(prepared, pl::Mtrl{.strength = 0.005, .ridge = 0.02}, {.tolerance = 1e-11});
  CHECK(found.converged);
  CHECK(problems::falls(found));
  // Zhang and Yeung's way, with 1e-12 I added before the root
  Matrix<double> relation = Matrix<double>::Identity(4, 4) / 4;
  pl::Solution step;
  for (int round = 0; round < 400; ++round) {
    step = coupled_ridge(prepared, 0.02, 0.005 * relation.inverse(), {.tolerance = 1e-13}, nullptr);
    const Eigen::SelfAdjointEigenSolver<Matrix<double>> spectrum(step.coefficients.transpose() * step.coefficients +
                                                                 1e-12 * Matrix<double>::Identity(4, 4));
    relation = spectrum.operatorSqrt();
    relation /= relation.trace();
  }
  CHECK((found.coefficients - step.coefficients).cwiseAbs().maxCoeff() < 1e-6);
  CHECK((found.relation - relation).cwiseAbs().maxCoeff() < 1e-6);
  CHECK(found.objective ==
        Approx(problems::losses(problem, found.coefficients, found.intercepts) +
               0.01 * found.coefficients.squaredNorm() +
               0.0025 * (found.coefficients * found.relation.inverse() * found.coefficients.transpose()).trace())
            .epsilon(1e-8));
}

TEST_CASE(
    "MTRL's covariance has trace 1 and is symmetric without negative eigenvalues, also with more tasks than features") {
  const pl::Prepared prepared(problems::apart(4, 9, 20, 2));
  const auto found = solve(prepared, pl::Mtrl{.strength = 0.1}, {.tolerance = 1e-10});
  CHECK(found.relation.trace() == Approx(1).epsilon(1e-10));
  CHECK((found.relation - found.relation.transpose()).norm() < 1e-14);
  CHECK(Eigen::SelfAdjointEigenSolver<Matrix<double>>(found.relation).eigenvalues().minCoeff() > -1e-12);
  // Omega = (W'W)^(1/2) / tr: Omega Omega is proportional to W'W
  const Matrix<double> square = found.relation * found.relation;
  const Matrix<double> gram = found.coefficients.transpose() * found.coefficients;
  CHECK((square / square.trace() - gram / gram.trace()).norm() < 1e-8);
}

TEST_CASE("Where W'W is a multiple of the identity MTRL is a ridge of both strengths, times the tasks") {
  const Matrix<double> squares = 2 * Matrix<double>::Identity(5, 3);
  const pl::Prepared prepared(problems::orthonormal(squares));
  const auto found = solve(prepared, pl::Mtrl{.strength = 0.1, .ridge = 0.2}, {.tolerance = 1e-12});
  CHECK((found.relation - Matrix<double>::Identity(3, 3) / 3).norm() < 1e-10);
  CHECK((found.coefficients - solve(prepared, pl::Ridge{0.2 + 3 * 0.1}).coefficients).norm() < 1e-10);
  CHECK((found.coefficients - squares / 1.5).norm() < 1e-10);
}

TEST_CASE("Two tasks with opposite coefficients have correlation -1") {
  Matrix<double> squares(3, 2);
  squares << 1, -1, 2, -2, -0.5, 0.5;
  const auto found =
      solve(pl::Prepared(problems::orthonormal(squares)), pl::Mtrl{.strength = 0.1}, {.tolerance = 1e-12});
  CHECK(pl::correlations(found.relation)(0, 1) == Approx(-1).epsilon(1e-9));
  CHECK(found.coefficients(1, 0) > 0);
  CHECK((found.coefficients.col(0) + found.coefficients.col(1)).norm() < 1e-10);
}

TEST_CASE("From few samples MTRL learns that two tasks are opposed and that a third is unrelated to them") {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Matrix<double> truth = problems::normal(10, 3, seed);
    truth.col(1) = -truth.col(0);
    truth.col(2) -= truth.col(0) * (truth.col(0).dot(truth.col(2)) / truth.col(0).squaredNorm());
    pl::Problem problem;
    for (Index task = 0; task < 3; ++task) {
      const std::uint64_t own = 10 * seed + static_cast<std::uint64_t>(task);
      const Matrix<double> inputs = problems::normal(10, 15, 100 + own);
      problem.add(inputs, truth.col(task).transpose() * inputs + problems::normal(1, 15, 200 + own));
    }
    const pl::Prepared prepared(problem);
    const auto found = solve(prepared, pl::Mtrl{.strength = 0.05}, {.tolerance = 1e-8});
    const Matrix<double> learnt = pl::correlations(found.relation);
    INFO("seed " << seed << "\n" << learnt);
    CHECK(learnt(0, 1) < -0.75);
    CHECK(std::abs(learnt(0, 2)) < 0.25);
    CHECK(std::abs(learnt(1, 2)) < 0.25);
    // nearer to the truth than each task alone with its best ridge
    double alone = std::numeric_limits<double>::infinity();
    for (const double strength : {0.001, 0.01, 0.03, 0.1, 0.3})
      alone = (std::min)(alone, (solve(prepared, pl::Ridge{strength}).coefficients - truth).norm());
    CHECK((found.coefficients - truth).norm() < alone);
  }
}

TEST_CASE("With one task MTRL and clusters are a ridge") {
  const pl::Prepared prepared(problems::shared(5, 1, 20, 8));
  const auto mtrl = solve(prepared, pl::Mtrl{.strength = 0.3, .ridge = 0.1}, {.tolerance = 1e-12});
  CHECK((mtrl.coefficients - solve(prepared, pl::Ridge{0.4}).coefficients).norm() < 1e-9);
  const auto clustered =
      solve(prepared, pl::Clustered{.strength = 0.5, .clusters = 1, .spread = 0.2}, {.tolerance = 1e-12});
  CHECK((clustered.coefficients - solve(prepared, pl::Ridge{0.1}).coefficients).norm() < 1e-9);
}

TEST_CASE("Clusters: M keeps its bounds and its trace, and is the best for the coefficients") {
  const pl::Prepared prepared(problems::apart(8, 6, 30, 31));
  const pl::Clustered penalty{.strength = 0.3, .clusters = 2, .spread = 0.1};
  const auto found = solve(prepared, penalty, {.tolerance = 1e-10});
  CHECK(found.converged);
  CHECK(problems::falls(found));
  const Eigen::SelfAdjointEigenSolver<Matrix<double>> spectrum(found.relation);
  CHECK(found.relation.trace() == Approx(2).epsilon(1e-9));
  CHECK(spectrum.eigenvalues().minCoeff() > -1e-10);
  CHECK(spectrum.eigenvalues().maxCoeff() < 1 + 1e-10);
  const auto cost = [&](const Matrix<double>& relation) {
    return (found.coefficients * (0.1 * Matrix<double>::Identity(6, 6) + relation).inverse() *
            found.coefficients.transpose())
        .trace();
  };
  CHECK(cost(found.relation) <= cost(Matrix<double>::Identity(6, 6) / 3));
  // with M held, W is the solution of the coupled ridge
  const Matrix<double> coupling = 0.3 * 0.1 * 1.1 * (0.1 * Matrix<double>::Identity(6, 6) + found.relation).inverse();
  CHECK((coupled_ridge(prepared, 0, coupling, {.tolerance = 1e-12}, nullptr).coefficients - found.coefficients).norm() <
        1e-6);
  const auto all = solve(prepared, pl::Clustered{.strength = 0.3, .clusters = 6, .spread = 0.1}, {.tolerance = 1e-11});
  CHECK((all.coefficients - solve(prepared, pl::Ridge{0.03}).coefficients).norm() < 1e-8);
}

TEST_CASE("Filling up gives the best eigenvalues") {
  const pl::LearnedCovariance bounded{.strength = 1, .base = 0.2, .total = 2, .most = 1};
  Vector<double> values(4);
  values << 10, 1, 0.5, 0;
  const Vector<double> filled = bounded.fill(values, 0.2);
  CHECK(filled[0] == 1);
  CHECK(filled.sum() == Approx(2).epsilon(1e-14));
  CHECK(values[1] / (0.2 + filled[1]) == Approx(values[2] / (0.2 + filled[2])).epsilon(1e-14));  // one level
  CHECK(filled[3] == 0);
  const pl::LearnedCovariance free{.strength = 1};
  CHECK((free.fill(values, 0) - values / 11.5).norm() < 1e-15);
  // 10 - 1 * step ... with 2.5 taken off: s theta - 2.5 for the first alone: 3.5 / 10 = 0.35 > 2.5 / 10, second
  // from 2.5
  CHECK(free.fill(values, 2.5)[0] == Approx(1).epsilon(1e-14));
}

TEST_CASE("Robust learning is the trace norm when no task may be apart, and finds the task that is") {
  const auto problem = problems::apart(6, 5, 30, 41);
  const pl::Prepared prepared(problem);
  const auto together = solve(prepared, pl::Robust{.strength = 0.3, .own = 1.01}, {.tolerance = 1e-10});
  CHECK(together.own.norm() < 1e-6);
  CHECK((together.coefficients - solve(prepared, pl::TraceNorm{0.3}, {.tolerance = 1e-10}).coefficients).norm() < 1e-6);
  CHECK(problems::falls(together));

  Matrix<double> squares = problems::normal(12, 1, 1) * Matrix<double>::Ones(1, 6);
  squares.col(2) = 3 * problems::normal(12, 1, 2);
  const auto apart =
      solve(pl::Prepared(problems::orthonormal(squares)), pl::Robust{.strength = 2, .own = 0.7}, {.tolerance = 1e-9});
  CHECK(apart.converged);
  CHECK(apart.own.col(2).norm() > 1);
  for (const Index task : {0, 1, 3, 4, 5}) CHECK(apart.own.col(task).norm() < 1e-6);
  CHECK((apart.common + apart.own - apart.coefficients).norm() < 1e-12);
}

TEST_CASE("GO-MTL falls, in a few thousand steps at most, to a point from which neither part betters") {
  const auto loss = GENERATE(pl::Loss::squared, pl::Loss::logistic);
  const auto problem = problems::apart(6, 5, 40, 51, loss);
  const pl::Prepared prepared(problem);
  const auto [strength, ridge] = GENERATE(std::pair{0.02, 0.05}, std::pair{0.02, 0.0005});
  const auto found = solve(prepared, pl::GoMtl{.strength = strength, .latent = 2, .ridge = ridge},
                           {.tolerance = 1e-8, .iterations = 5000});
  CHECK(found.converged);
  CHECK((found.common.norm() > found.own.norm()) == (ridge == 0.0005));  // which of the two bends more
  CHECK(problems::falls(found));
  CHECK((found.common * found.own - found.coefficients).norm() < 1e-13 * found.coefficients.norm());
  const auto losses = [&](const Matrix<double>& latent, const Matrix<double>& weights) {
    return problems::losses(problem, latent * weights, found.intercepts);
  };
  CHECK(found.objective == Approx(losses(found.common, found.own) + strength * found.own.cwiseAbs().sum() +
                                  0.5 * ridge * found.common.squaredNorm())
                               .epsilon(1e-10));
  CHECK(singular_values(found.coefficients)[2] < 1e-7);

  Matrix<double> latent = found.common;
  Matrix<double> weights = found.own;
  const auto slope = [&](double& number) {  // of the losses along one number of the two
    constexpr double little = 1e-5;
    const double here = number;
    number = here + little;
    const double above = losses(latent, weights);
    number = here - little;
    const double below = losses(latent, weights);
    number = here;
    return (above - below) / (2 * little);
  };
  for (double& number : latent.reshaped()) CHECK(slope(number) + ridge * number == Approx(0).margin(2e-6));
  Index zeros = 0;
  for (double& weight : weights.reshaped()) {
    if (weight == 0) {
      ++zeros;
      CHECK(std::abs(slope(weight)) <= strength);
    } else {
      CHECK(slope(weight) + std::copysign(strength, weight) == Approx(0).margin(2e-6));
    }
  }
  CHECK(zeros > 0);
}

TEST_CASE("GO-MTL takes as many steps, to coefficients as large, when all labels are larger or smaller") {
  const auto problem = problems::apart(6, 5, 40, 51);
  const auto solved = [&](double times) {
    pl::Problem scaled;
    for (const auto& task : problem.tasks())
      scaled.add(task.samples->inputs, times * task.labels.transpose(), pl::Loss::squared, task.samples->weights,
                 {task.name});
    const pl::GoMtl penalty{.strength = 0.02 * times * std::sqrt(times), .latent = 2, .ridge = 0.05 * times};
    return solve(pl::Prepared(scaled), penalty);
  };
  const auto found = solved(1);
  CHECK(found.converged);
  for (const double times : {0x1p-12, 0x1p12}) {
    const auto scaled = solved(times);
    CHECK(scaled.converged);
    CHECK(std::abs(scaled.iterations - found.iterations) <= 5);
    CHECK((scaled.coefficients - times * found.coefficients).norm() < 1e-5 * times * found.coefficients.norm());
  }
}

TEST_CASE("GO-MTL goes on from a solution, but not from one that left out a latent task") {
  const pl::Prepared prepared(problems::apart(6, 5, 40, 51));
  const auto solved = [&](double strength, const pl::Solution* start, double tolerance) {
    return solve(prepared, pl::GoMtl{.strength = strength, .latent = 3, .ridge = 0.05}, {.tolerance = tolerance},
                 start);
  };
  const auto found = solved(0.02, nullptr, 1e-8);
  const auto again = solved(0.02, &found, 1e-7);
  CHECK(again.iterations <= 3);
  CHECK(again.objective == Approx(found.objective).epsilon(1e-12));

  const auto two = solved(1, nullptr, 1e-8);
  REQUIRE(two.own.row(0).norm() > 0);
  REQUIRE(two.own.row(2).norm() == 0);
  const auto three = solved(0.02, &two, 1e-8);
  CHECK(three.own.row(2).norm() > 0);
  CHECK(three.objective == Approx(found.objective).epsilon(1e-9));
}

TEST_CASE("GO-MTL leaves nothing when its strength is large, and takes at least one latent task") {
  const pl::Prepared prepared(problems::apart(6, 5, 40, 51));
  CHECK(solve(prepared, pl::GoMtl{.strength = 100}).coefficients.norm() == 0);
  CHECK_THROWS_WITH(solve(prepared, pl::GoMtl{.latent = 0}),
                    containing("go_mtl: there must be at least one latent task"));
}

TEST_CASE("Spectral penalties take logistic losses") {
  const auto problem = problems::apart(4, 3, 60, 61, pl::Loss::logistic);
  const pl::Prepared prepared(problem);
  const auto found = solve(prepared, pl::Mtrl{.strength = 0.02}, {.tolerance = 1e-9});
  CHECK(found.converged);
  CHECK(problems::falls(found));
  const double norm = singular_values(found.coefficients).sum();
  CHECK(found.objective ==
        Approx(problems::losses(problem, found.coefficients, found.intercepts) + 0.01 * norm * norm).epsilon(1e-10));
}
