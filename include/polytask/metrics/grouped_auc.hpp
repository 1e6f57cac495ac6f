/// @file
/// AUC within groups: how well each customer's own list is ordered.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/metrics/auc.hpp"

#include <utility>

namespace polytask {

/// The mean over the groups of the AUC within a group, each group counting by the weight of its samples (GAUC; Zhu et
/// al. 2017, Zhou et al. 2018). A group with positives only or negatives only has no AUC and is left out.
/// @return NaN when no group has both classes
/// @throws ArgumentError when there is more than one row, or not one group for every sample
/// @throws DataError when a label is not 0 or 1
inline double grouped_auc(const Evaluation& evaluation) {
  require_one_row(evaluation, "grouped_auc");
  require_groups(evaluation, "grouped_auc");
  auto samples = labelled_samples(
      evaluation, [&](Index sample) { require_binary_label(evaluation.labels(0, sample), sample, "grouped_auc"); });
  double sum = 0;
  double weights = 0;
  for_each_group(evaluation, std::move(samples), [&](Span<Ranked> group) {
    double positives = 0;
    double negatives = 0;
    for (const Ranked& one : group)
      (evaluation.labels(0, one.sample) > 0 ? positives : negatives) += evaluation.weights(0, one.sample);
    if (positives == 0 || negatives == 0) return;
    sum += (positives + negatives) * area_under_curve(evaluation, group);
    weights += positives + negatives;
  });
  return sum / weights;
}

namespace metrics {
inline constexpr Metric grouped_auc{"grouped_auc", true, &polytask::grouped_auc};
}  // namespace metrics

}  // namespace polytask
