/// @file
/// Recall: how much of what was wanted is at the top of each group's list.
#pragma once

#include "polytask/metrics/checks.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace polytask {

/// The mean over the groups of a share: positives among the first k of the group's list, in the order of the
/// predictions, highest first, over all its positives. Equal predictions count with the value expected when they stand
/// in random order.
///
/// A group counts by the mean weight of its samples: with weights of 1 the result is the plain mean over the groups.
/// Within a group all labels that are present count alike. A group without a positive is left out.
/// @return NaN when no group has a positive, or with a prediction that is not a number
/// @throws ArgumentError when there is more than one row, not one group for every sample, or k is below 1
/// @throws DataError when a label is not 0 or 1
inline double recall(const Evaluation& evaluation, Index k) {
  require_one_row(evaluation, "recall");
  require_groups(evaluation, "recall");
  require(k >= 1, "metric 'recall': k must be at least 1, it is ", k);
  std::vector<Index> order;
  bool known = true;
  for_each_label(evaluation, [&](Index, Index sample, double) {
    require_binary_label(evaluation.labels(0, sample), sample, "recall");
    known = known && !std::isnan(evaluation.predictions(0, sample));
    order.push_back(sample);
  });
  if (!known) return undefined;
  const auto group = [&](Index sample) { return evaluation.groups[static_cast<std::size_t>(sample)]; };
  const auto prediction = [&](Index sample) { return evaluation.predictions(0, sample); };
  std::sort(order.begin(), order.end(), [&](Index left, Index right) {
    return group(left) != group(right) ? group(left) < group(right) : prediction(left) > prediction(right);
  });
  double sum = 0;
  double weights = 0;
  for (std::size_t begin = 0; begin < order.size();) {
    double positives = 0;
    double reached = 0;
    double weight = 0;
    double places = static_cast<double>(k);  // that are left
    std::size_t end = begin;
    while (end < order.size() && group(order[end]) == group(order[begin])) {
      double tied = 0;
      double tied_positives = 0;
      const double level = prediction(order[end]);
      for (; end < order.size() && group(order[end]) == group(order[begin]) && prediction(order[end]) == level; ++end) {
        tied += 1;
        tied_positives += evaluation.labels(0, order[end]);
        weight += evaluation.weights(0, order[end]);
      }
      positives += tied_positives;
      reached += tied_positives * (std::min)(1.0, places / tied);
      places = (std::max)(0.0, places - tied);
    }
    if (positives > 0) {
      weight /= static_cast<double>(end - begin);
      sum += weight * reached / positives;
      weights += weight;
    }
    begin = end;
  }
  return sum / weights;
}

/// recall() of the first twenty.
inline double recall_at_20(const Evaluation& evaluation) { return recall(evaluation, 20); }

namespace metrics {
inline constexpr Metric recall_at_20{"recall_at_20", true, &polytask::recall_at_20};
}  // namespace metrics

}  // namespace polytask
