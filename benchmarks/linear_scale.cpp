/// @file
/// What the exact linear methods cost: one strength of every method for 139 tasks as large as School's, l2,1 and MTRL
/// for a thousand tasks, and l2,1 beside scikit-learn's MultiTaskLasso. Times include all that is done with the
/// samples, and are of one core.
#include "linear_scale/scikit_learn.hpp"
#include "results.hpp"

#include "polytask/core/random.hpp"
#include "polytask/linear/methods.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace benchmark {
namespace {

namespace pt = polytask;
namespace linear = pt::linear;
using pt::Index;

pt::Matrix<double> normal(Index rows, Index columns, pt::Random& random) {
  pt::Matrix<double> found(rows, columns);
  for (double& value : found.reshaped()) value = random.normal();
  return found;
}

/// Tasks on samples of their own: coefficients are a common part, combinations of three directions, and noise; every
/// other feature is one that no task uses.
linear::Problem tasks_apart(Index tasks, Index features, Index samples) {
  constexpr Index rank = 3;
  pt::Random random(1);
  const pt::Matrix<double> common = normal(features, 1, random);
  const pt::Matrix<double> directions = normal(features, rank, random);
  linear::Problem problem;
  for (Index task = 0; task < tasks; ++task) {
    pt::Matrix<double> truth = common + 0.5 * directions * normal(rank, 1, random);
    truth += 0.2 * normal(features, 1, random);
    for (Index feature = 1; feature < features; feature += 2) truth(feature, 0) = 0;
    const pt::Matrix<double> inputs = normal(features, samples, random);
    problem.add(inputs, truth.transpose() * inputs + 2 * normal(1, samples, random));
  }
  return problem;
}

/// A strength in the middle of those that a path tries.
linear::Method middle(const linear::Prepared& prepared, const linear::Method& method) {
  return with_strength(method, std::sqrt(smallest_part(method)) * largest_strength(prepared, method));
}

/// One method on one problem, with the seconds that it takes.
void add_fit(Results& results, const linear::Problem& problem, const std::string& name, double bar) {
  const linear::Method method = middle(linear::Prepared(problem), linear::method_named(name));
  linear::Solution solution;
  const double taken = seconds([&] { solution = solve(problem, method); }, 1);
  results.add(name + ": " + std::to_string(solution.iterations) + " iterations, " +
                  (solution.converged ? "converged" : "NOT CONVERGED") + ", seconds",
              taken, bar);
}

/// The l2,1 norm beside scikit-learn, both to the same duality gap.
void add_scikit_learn(Results& results, bool quick) {
  const Index samples = quick ? 200 : 2000;
  const Index features = quick ? 50 : 500;
  constexpr Index tasks = 20;
  constexpr Index used = 50;  // features
  constexpr double tolerance = 1e-6;
  pt::Random random(2);
  const pt::Matrix<double> inputs = normal(features, samples, random);
  pt::Matrix<double> truth = normal(features, tasks, random);
  truth.bottomRows(features - std::min(features, used)).setZero();
  const pt::Matrix<double> labels = truth.transpose() * inputs + 3 * normal(tasks, samples, random);

  linear::Problem whole;
  whole.add(inputs, labels);
  const double largest = linear::L21{}.largest_strength(linear::Prepared(whole));
  ScikitLearn other(inputs, labels);
  for (const double part : {0.3, 0.1, 0.03, 0.01}) {
    const double strength = part * largest;
    // scikit-learn's gap is of n times the objective, relative to |Y|^2; ours is relative to |Y|^2 / (2n)
    linear::Solution solution;
    const auto ours = [&] {
      linear::Problem problem;
      problem.add(inputs, labels);
      solution = solve(problem, linear::L21{strength}, {.tolerance = 2 * tolerance});
    };
    other.choose(strength, tolerance);
    const Ratio ratio = alternate(ours, other, quick ? 2 : 7, quick ? 0.001 : 0.01);
    pt::require(solution.converged, "l21 did not converge");
    const double objective = other.objective();
    pt::require(std::abs(solution.objective - objective) <= 4 * tolerance * solution.objective,
                "the objectives differ: ", solution.objective, " here, ", objective, " by scikit-learn");
    const auto left = (solution.coefficients.rowwise().norm().array() > 0).count();
    char row[100];
    std::snprintf(row, sizeof row, "%g of the largest strength, %td features left: %.3f s / %.3f s", part, left,
                  ratio.first, ratio.second);
    results.add(row, ratio, 1.0);
  }
}

int run(const Arguments& arguments) {
  Results results(arguments);
  {
    const Index tasks = arguments.quick ? 20 : 139;
    results.title(std::to_string(tasks) + " tasks, 27 features, 110 samples each");
    const auto problem = tasks_apart(tasks, 27, 110);
    for (const auto& name : linear::method_names()) add_fit(results, problem, name, 2);
  }
  {
    const Index tasks = arguments.quick ? 50 : 1000;
    results.title(std::to_string(tasks) + " tasks, 100 features, 200 samples each");
    const auto problem = tasks_apart(tasks, 100, 200);
    for (const auto* name : {"l21", "mtrl"}) add_fit(results, problem, name, 20);
  }
  results.title("l21 / scikit-learn's MultiTaskLasso");
  if (arguments.scikit_learn)
    add_scikit_learn(results, arguments.quick);
  else
    std::printf("SKIPPED: asked for by --with-sklearn\n");
  return results.finish();
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  try {
    return benchmark::run(
        benchmark::arguments(count, words, "What the exact linear methods cost.",
                             {{"--with-sklearn", "", "against scikit-learn, too, which benchmarks/run then installs",
                               &benchmark::Arguments::scikit_learn, nullptr}}));
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
