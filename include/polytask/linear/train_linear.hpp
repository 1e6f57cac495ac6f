/// @file
/// Linear models as one more row of a comparison.
#pragma once

#include "polytask/linear/cross_validation.hpp"
#include "polytask/linear/linear_model.hpp"
#include "polytask/training/comparison.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace polytask {

/// How the linear model of a comparison is found.
struct LinearFit {
  linear::Method method = linear::Mtrl{};
  linear::Balance balance = linear::Balance::tasks;
  Index folds = 5;  ///< by which the strength is chosen on the training rows; 0: the method's own strength
  linear::PathOptions path = {};  ///< the strengths to choose from, and how they are solved
};

/// Solves a linear model anew for each seed, on the rows that train_together() learns from, and scores it on the test
/// data. Validation rows are left alone: the strength is chosen by folds of the learning rows, split by the seed. The
/// row is named "linear" with the method's name; a step is one iteration of the solver.
/// @throws TrainingError when a solver did not converge within its iterations
inline ComparisonSide train_linear(const LinearModel& model, const LinearFit& linear_fit, const Table& train,
                                   const Table& test, const FitOptions<double>& fit = {},
                                   const ComparisonOptions& options = {}) {
  auto side = train_seeds<double>(model, train, test, fit, options, [&](const auto& own, const auto& data) {
    auto trained = std::make_unique<LinearModel>(model);
    const auto begin = std::chrono::steady_clock::now();
    const auto problem = trained->problem(data, linear_fit.balance);
    linear::Solution solution;
    if (linear_fit.folds > 0)
      solution = linear::choose_strength(problem, linear_fit.method,
                                         {.folds = linear_fit.folds, .seed = own.seed, .path = linear_fit.path})
                     .solution;
    else
      solution = linear::solve(problem, linear_fit.method, linear_fit.path.solver);
    require<TrainingError>(solution.converged, "the linear method '", linear::name_of(linear_fit.method),
                           "' came to an accuracy of ", solution.accuracy, " in ", solution.iterations,
                           " iterations, not to ", linear_fit.path.solver.tolerance);
    trained->take(solution);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    return TrainedModel<double>{std::move(trained), seconds, (std::max)(solution.iterations, Index{1})};
  });
  side.sharing = text(LinearModel::name, " ", linear::name_of(linear_fit.method));
  return side;
}

}  // namespace polytask
