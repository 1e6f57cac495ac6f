/// @file
/// The strength of a penalty, chosen by K folds of the training data.
#pragma once

#include "polytask/core/random.hpp"
#include "polytask/core/span.hpp"
#include "polytask/linear/path.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
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
  Method method;                       ///< with the strength that was chosen
  double strength = 0;                 ///< of the least loss
  std::vector<double> strengths = {};  ///< that were tried
  std::vector<double> losses = {};     ///< of each: the problem's loss on the samples left out, over all folds
  Solution solution = {};              ///< of the whole problem with the chosen strength
};

/// The loss of one task's samples at some positions: sum of weight * loss.
inline double loss_of(const ProblemTask& task, Span<const Index> positions,
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
    random.shuffle(order);
    const auto begin = static_cast<Index>(random.below(static_cast<std::uint64_t>(folds)));
    std::vector<Index> fold(order.size(), -1);
    for (std::size_t place = 0; order.size() > 1 && place < order.size(); ++place)
      fold[static_cast<std::size_t>(order[place])] = (begin + static_cast<Index>(place)) % folds;
    found.push_back(std::move(fold));
  }
  return found;
}

/// A problem in folds, made ready once for all methods and strengths.
class Folds {
 public:
  /// @throws ArgumentError with fewer than 2 folds
  Folds(const Problem& problem, Index folds, std::uint64_t seed) : problem_(problem) {
    require(folds >= 2, "a choice by folds needs at least 2 folds, not ", folds);
    const auto fold_of = folds_of(problem, folds, seed);
    for (Index fold = 0; fold < folds; ++fold) {
      std::vector<std::vector<Index>> kept(fold_of.size());
      std::vector<std::vector<Index>> left_out(fold_of.size());
      for (std::size_t task = 0; task < fold_of.size(); ++task)
        for (std::size_t sample = 0; sample < fold_of[task].size(); ++sample)
          (fold_of[task][sample] == fold ? left_out : kept)[task].push_back(static_cast<Index>(sample));
      parts_.push_back({Prepared(problem.part(kept)), std::move(left_out)});
    }
  }

  /// The problem's loss on the samples left out, over all folds, for each strength.
  std::vector<double> losses(const Method& method, const std::vector<double>& strengths,
                             const SolverOptions& solver) const {
    std::vector<double> found(strengths.size());
    for (const auto& part : parts_) {
      Solution solution;
      for (std::size_t place = 0; place < strengths.size(); ++place) {
        solution = solve(part.kept, with_strength(method, strengths[place]), solver, place == 0 ? nullptr : &solution);
        found[place] += loss_left_out(part, solution);
      }
    }
    return found;
  }

 private:
  struct Part {
    Prepared kept;
    std::vector<std::vector<Index>> left_out;  ///< positions of each task's samples
  };

  double loss_left_out(const Part& part, const Solution& solution) const {
    const auto& tasks = problem_.tasks();
    double mean_total = 0;
    for (const auto& task : tasks) mean_total += task.samples->weights.sum() / static_cast<double>(tasks.size());
    double sum = 0;
    for (std::size_t task = 0; task < tasks.size(); ++task)
      sum += loss_of(tasks[task], part.left_out[task], solution.coefficients.col(static_cast<Index>(task)),
                     solution.intercepts[static_cast<Index>(task)]) /
             (problem_.balance == Balance::tasks ? tasks[task].samples->weights.sum() : mean_total);
    return sum;
  }

  const Problem& problem_;
  std::vector<Part> parts_;
};

/// Chooses one of several methods, or of one method with several settings, and its strength, by the loss on samples
/// left out, and solves the whole problem with it.
/// @throws ArgumentError without a method, or with fewer than 2 folds
inline ChosenStrength choose_strength(const Problem& problem, const std::vector<Method>& methods,
                                      const CrossValidation& options = {}) {
  require(!methods.empty(), "there is no linear method to choose from");
  const Folds folds(problem, options.folds, options.seed);
  const Prepared whole(problem);
  const auto better = [](double one, double other) { return one < other || (std::isnan(other) && !std::isnan(one)); };
  ChosenStrength chosen;
  std::size_t best = 0;
  for (const auto& method : methods) {
    const auto strengths = path_strengths(whole, method, options.path);
    const auto losses = folds.losses(method, strengths, options.path.solver);
    const auto place =
        static_cast<std::size_t>(std::min_element(losses.begin(), losses.end(), better) - losses.begin());
    if (!chosen.losses.empty() && !better(losses[place], chosen.losses[best])) continue;
    best = place;
    chosen = {with_strength(method, strengths[place]), strengths[place], strengths, losses, {}};
  }
  // down the path to the chosen strength, as in the folds
  for (std::size_t place = 0; place <= best; ++place)
    chosen.solution = solve(whole, with_strength(chosen.method, chosen.strengths[place]), options.path.solver,
                            place == 0 ? nullptr : &chosen.solution);
  return chosen;
}

/// Chooses the strength of one method.
inline ChosenStrength choose_strength(const Problem& problem, const Method& method,
                                      const CrossValidation& options = {}) {
  return choose_strength(problem, std::vector<Method>{method}, options);
}

}  // namespace polytask::linear
