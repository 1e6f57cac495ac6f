/// @file
/// The variance explained over many tasks together.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/metrics/checks.hpp"

namespace polytask {

/// 1 - squared errors / squared distances from the mean, where errors, distances and the (weighted) mean are those of
/// all tasks' labels together, as if they were one task's: the measure of the School data (Argyriou et al. 2008), where
/// it is given in per cent. It suits tasks that predict the same thing in the same unit, of which some have few
/// samples.
/// @return NaN without a label, or with labels that are all the same
/// @throws ArgumentError unless there are as many prediction rows as label rows
inline double explained_variance(Span<const Evaluation> tasks) {
  double weights = 0;
  double mean = 0;
  for (const auto& task : tasks) {
    require_equal_rows(task, "explained_variance");
    for_each_label(task, [&](Index row, Index sample, double weight) {
      weights += weight;
      mean += weight / weights * (task.labels(row, sample) - mean);
    });
  }
  double errors = 0;
  double distances = 0;
  for (const auto& task : tasks)
    for_each_label(task, [&](Index row, Index sample, double weight) {
      const double label = task.labels(row, sample);
      const double error = task.predictions(row, sample) - label;
      errors += weight * error * error;
      distances += weight * (label - mean) * (label - mean);
    });
  return distances > 0 ? 1 - errors / distances : undefined;
}

}  // namespace polytask
