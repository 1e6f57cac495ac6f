/// @file
/// Recall: how much of what was wanted is at the top of each group's list.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/metrics/ranking.hpp"

#include <algorithm>
#include <utility>

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
  auto samples = labelled_samples(
      evaluation, [&](Index sample) { require_binary_label(evaluation.labels(0, sample), sample, "recall"); });
  if (has_unknown_key(samples)) return undefined;
  double sum = 0;
  double weights = 0;
  for_each_group(evaluation, std::move(samples), [&](Span<Ranked> list) {
    double weight = 0;
    for (Ranked& one : list) {
      one.key = -one.key;  // highest first
      weight += evaluation.weights(0, one.sample);
    }
    sort_by_key(list);
    double positives = 0;
    double reached = 0;
    double places = static_cast<double>(k);  // that are left
    for_each_tie(list, [&](Span<const Ranked> tied) {
      double tied_positives = 0;
      for (const Ranked& one : tied) tied_positives += evaluation.labels(0, one.sample);
      const auto count = static_cast<double>(tied.size());
      positives += tied_positives;
      reached += tied_positives * (std::min)(1.0, places / count);
      places = (std::max)(0.0, places - count);
    });
    if (positives == 0) return;
    weight /= static_cast<double>(list.size());
    sum += weight * reached / positives;
    weights += weight;
  });
  return sum / weights;
}

/// recall() of the first twenty.
inline double recall_at_20(const Evaluation& evaluation) { return recall(evaluation, 20); }

namespace metrics {
inline constexpr Metric recall_at_20{"recall_at_20", true, &polytask::recall_at_20};
}  // namespace metrics

}  // namespace polytask
