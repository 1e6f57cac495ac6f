/// @file
/// Linear problems for tests, and what a solution of theirs costs.
#pragma once

#include "polytask/core/random.hpp"
#include "polytask/linear/prepared.hpp"
#include "polytask/linear/solution.hpp"

#include <vector>

namespace problems {

using polytask::Index;
using polytask::Matrix;
using polytask::Vector;
namespace linear = polytask::linear;

inline Matrix<double> normal(Index rows, Index columns, std::uint64_t seed) {
  polytask::Random random(seed);
  Matrix<double> found(rows, columns);
  for (Index column = 0; column < columns; ++column)
    for (Index row = 0; row < rows; ++row) found(row, column) = random.normal();
  return found;
}

/// Tasks with samples of their own.
inline linear::Problem apart(Index features, Index tasks, Index samples, std::uint64_t seed,
                             linear::Loss loss = linear::Loss::squared) {
  linear::Problem problem;
  const Matrix<double> common = normal(features, 1, seed);
  for (Index task = 0; task < tasks; ++task) {
    const auto number = static_cast<std::uint64_t>(task);
    const Matrix<double> inputs = normal(features, samples + task, seed + 10 + 3 * number);
    const Matrix<double> own = common + 0.3 * normal(features, 1, seed + 11 + 3 * number);
    Matrix<double> labels = own.transpose() * inputs + normal(1, samples + task, seed + 12 + 3 * number);
    labels.array() += 0.5 * static_cast<double>(task);
    if (loss == linear::Loss::logistic) labels = (labels.array() > 0.5).cast<double>().matrix();
    problem.add(inputs, labels, loss);
  }
  return problem;
}

/// Tasks on the same samples.
inline linear::Problem shared(Index features, Index tasks, Index samples, std::uint64_t seed) {
  linear::Problem problem;
  const Matrix<double> inputs = normal(features, samples, seed);
  const Matrix<double> truth = normal(features, tasks, seed + 1);
  problem.add(inputs, truth.transpose() * inputs + normal(tasks, samples, seed + 2));
  return problem;
}

/// Tasks on shared samples whose second moments are the identity, with given least squares solutions.
inline linear::Problem orthonormal(const Matrix<double>& solutions) {
  const Index features = solutions.rows();
  // Each feature is +-sqrt(features) in two samples of its own: mean 0, moments sum x x' / n = I with n = 2 features.
  Matrix<double> inputs = Matrix<double>::Zero(features, 2 * features);
  for (Index feature = 0; feature < features; ++feature) {
    inputs(feature, 2 * feature) = std::sqrt(static_cast<double>(features));
    inputs(feature, 2 * feature + 1) = -inputs(feature, 2 * feature);
  }
  linear::Problem problem;
  problem.add(inputs, solutions.transpose() * inputs);
  return problem;
}

/// The losses of a problem as its definition says, sample by sample.
inline double losses(const linear::Problem& problem, const Matrix<double>& coefficients,
                     const Vector<double>& intercepts) {
  double sum = 0;
  double mean_weight = 0;
  for (const auto& task : problem.tasks())
    mean_weight += task.samples->weights.sum() / static_cast<double>(problem.size());
  for (Index which = 0; which < problem.size(); ++which) {
    const auto& task = problem.tasks()[static_cast<std::size_t>(which)];
    double own = 0;
    for (Index sample = 0; sample < task.labels.size(); ++sample) {
      const double score = coefficients.col(which).dot(task.samples->inputs.col(sample)) + intercepts[which];
      const double label = task.labels[sample];
      own += task.samples->weights[sample] * (task.loss == linear::Loss::squared
                                                  ? 0.5 * (score - label) * (score - label)
                                                  : std::log1p(std::exp(score)) - label * score);
    }
    sum += own / (problem.balance == linear::Balance::tasks ? task.samples->weights.sum() : mean_weight);
  }
  return sum;
}

/// Whether the objectives of a run never rise but by rounding.
inline bool falls(const linear::Solution& solution) {
  for (std::size_t place = 1; place < solution.objectives.size(); ++place)
    if (solution.objectives[place] >
        solution.objectives[place - 1] + 1e-11 * (1e-2 + std::abs(solution.objectives[place - 1])))
      return false;
  return true;
}

}  // namespace problems
