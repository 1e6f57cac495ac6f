/// @file
/// NDCG: how good the top of each group's list is.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/metrics/ranking.hpp"

#include <algorithm>
#include <utility>

namespace polytask {

/// What a sample adds at the top of a list.
inline double graded_gain(const Evaluation& evaluation, Index sample) {
  return std::exp2(evaluation.labels(0, sample)) - 1;
}

/// Sum over the first k of a list, lowest key first, of gain / log2(place + 1). Entries with equal keys count with the
/// mean of their gains: the value expected when they stand in random order (McSherry, Najork 2008). Sorts in place.
inline double discounted_gain(const Evaluation& evaluation, Span<Ranked> list, Index k) {
  sort_by_key(list);
  const std::size_t counted = (std::min)(list.size(), static_cast<std::size_t>(k));
  std::size_t place = 0;
  double sum = 0;
  for_each_tie(list, [&](Span<const Ranked> tied) {
    if (place >= counted) return;
    double gains = 0;
    double discounts = 0;
    for (const Ranked& one : tied) {
      gains += graded_gain(evaluation, one.sample);
      if (place < counted) discounts += 1 / std::log2(static_cast<double>(place) + 2);
      ++place;
    }
    sum += gains / static_cast<double>(tied.size()) * discounts;
  });
  return sum;
}

/// Normalised discounted cumulative gain of the first k of each group's list, in the order of the predictions, highest
/// first (Järvelin, Kekäläinen 2002; gain 2^label - 1 of Burges et al. 2005). Labels are grades from 0, such as 0
/// and 1 or stars. Equal predictions count with the value expected when they stand in random order.
///
/// A group counts by the mean weight of its samples: with weights of 1 the result is the plain mean over the groups.
/// Within a group all labels that are present count alike. A group without a label above 0 is left out.
/// @return NaN when no group has a label above 0, or with a prediction that is not a number
/// @throws ArgumentError when there is more than one row, not one group for every sample, or k is below 1
/// @throws DataError when a label is not from 0 to 60
inline double ndcg(const Evaluation& evaluation, Index k) {
  require_one_row(evaluation, "ndcg");
  require_groups(evaluation, "ndcg");
  require(k >= 1, "metric 'ndcg': k must be at least 1, it is ", k);
  auto samples = labelled_samples(evaluation, [&](Index sample) {
    const double label = evaluation.labels(0, sample);
    require<DataError>(label >= 0 && label <= 60, "metric 'ndcg': the label of sample ", sample, " is ", label,
                       ", but must be a grade from 0 to 60");
  });
  if (has_unknown_key(samples)) return undefined;
  double sum = 0;
  double weights = 0;
  for_each_group(evaluation, std::move(samples), [&](Span<Ranked> list) {
    double weight = 0;
    for (Ranked& one : list) {
      one.key = -one.key;  // highest first
      weight += evaluation.weights(0, one.sample);
    }
    const double reached = discounted_gain(evaluation, list, k);
    for (Ranked& one : list) one.key = -graded_gain(evaluation, one.sample);
    const double best = discounted_gain(evaluation, list, k);
    if (!(best > 0)) return;
    weight /= static_cast<double>(list.size());
    sum += weight * reached / best;
    weights += weight;
  });
  return sum / weights;
}

/// ndcg() of the first ten.
inline double ndcg_at_10(const Evaluation& evaluation) { return ndcg(evaluation, 10); }

namespace metrics {
inline constexpr Metric ndcg_at_10{"ndcg_at_10", true, &polytask::ndcg_at_10};
}  // namespace metrics

}  // namespace polytask
