/// @file
/// The strength of a penalty, chosen by K folds of the training data.
#pragma once

#include "polytask/core/random.hpp"
#include "polytask/linear/path.hpp"

#include <cmath>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

namespace polytask::linear {

struct CrossValidation {
  Index folds = 5;
  std::uint64_t seed = 1;
  PathOptions path = {};  ///< the strengths to choose from
};

/// What was chosen, and why.
struct ChosenStrength {
  double strength;                ///< of the least mean loss
  std::vector<double> strengths;  ///< that were tried
  std::vector<double> losses;     ///< of each: the problem's loss on the samples left out, over all folds
  Solution solution;              ///< of the whole problem with the chosen strength
};

/// The loss of one task's samples at some positions: sum of weight * loss.
inline double loss_of(const ProblemTask& task, std::span<const Index> positions,
                      const Eigen::Ref<const Vector<double>>& coefficients, double intercept) {
  double sum = 0;
  for (const Index position : positions) {
    const double score = coefficients.dot(task.samples->inputs.col(position)) + intercept;
    const double label = task.labels[position];
    sum +=
        task.samples->weights[position] *
        (task.loss == Loss::squared ? 0.5 * (score - label) * (score - label)
                                    : (std::max)(score, 0.0) + std::log1p(std::exp(-std::abs(score))) - label * score);
  }
  return sum;
}

/// The fold of every sample of every task, 0 .. folds - 1: within each task at random and even, and the same for tasks
/// on the same samples. A task's only sample has fold -1: it is never left out.
inline std::vector<std::vector<Index>> folds_of(const Problem& problem, Index folds, std::uint64_t seed) {
  std::vector<std::vector<Index>> found;
  const auto& tasks = problem.tasks();
  for (std::size_t task = 0; task < tasks.size(); ++task) {
    std::size_t first = 0;
    while (tasks[first].samples != tasks[task].samples) ++first;
    if (first < task) {
      found.push_back(found[first]);
      continue;
    }
    Random random = Random(seed).stream(task);
    std::vector<Index> order(static_cast<std::size_t>(tasks[task].labels.size()));
    std::iota(order.begin(), order.end(), Index{0});
    random.shuffle(std::span(order));
    const auto begin = static_cast<Index>(random.below(static_cast<std::uint64_t>(folds)));
    std::vector<Index> fold(order.size(), -1);
    for (std::size_t place = 0; order.size() > 1 && place < order.size(); ++place)
      fold[static_cast<std::size_t>(order[place])] = (begin + static_cast<Index>(place)) % folds;
    found.push_back(std::move(fold));
  }
  return found;
}

/// Chooses a method's strength by the loss on samples left out, and solves the whole problem with it.
/// @throws ArgumentError with fewer than 2 folds
inline ChosenStrength choose_strength(const Problem& problem, const Method& method,
                                      const CrossValidation& options = {}) {
  require(options.folds >= 2, "a choice by folds needs at least 2 folds, not ", options.folds);
  const Prepared whole(problem);
  ChosenStrength chosen{0, path_strengths(whole, method, options.path), {}, {}};
  PathOptions same = options.path;
  same.strengths = chosen.strengths;
  chosen.losses.assign(chosen.strengths.size(), 0.0);
  const auto folds = folds_of(problem, options.folds, options.seed);
  std::vector<double> totals;
  for (const auto& task : problem.tasks()) totals.push_back(task.samples->weights.sum());
  const double mean_total = std::accumulate(totals.begin(), totals.end(), 0.0) / static_cast<double>(totals.size());
  for (Index fold = 0; fold < options.folds; ++fold) {
    std::vector<std::vector<Index>> kept(folds.size());
    std::vector<std::vector<Index>> left_out(folds.size());
    for (std::size_t task = 0; task < folds.size(); ++task)
      for (std::size_t sample = 0; sample < folds[task].size(); ++sample)
        (folds[task][sample] == fold ? left_out : kept)[task].push_back(static_cast<Index>(sample));
    const Prepared part(problem.part(kept));
    Solution solution;
    for (std::size_t place = 0; place < same.strengths.size(); ++place) {
      solution =
          solve(part, with_strength(method, same.strengths[place]), same.solver, place == 0 ? nullptr : &solution);
      for (std::size_t task = 0; task < folds.size(); ++task)
        chosen.losses[place] +=
            loss_of(problem.tasks()[task], left_out[task], solution.coefficients.col(static_cast<Index>(task)),
                    solution.intercepts[static_cast<Index>(task)]) /
            (problem.balance == Balance::tasks ? totals[task] : mean_total);
    }
  }
  std::size_t best = 0;
  for (std::size_t place = 1; place < chosen.losses.size(); ++place)
    if (chosen.losses[place] < chosen.losses[best] || std::isnan(chosen.losses[best])) best = place;
  chosen.strength = chosen.strengths[best];
  // down the path to the chosen strength, as in the folds
  for (std::size_t place = 0; place <= best; ++place)
    chosen.solution = solve(whole, with_strength(method, same.strengths[place]), same.solver,
                            place == 0 ? nullptr : &chosen.solution);
  return chosen;
}

}  // namespace polytask::linear
