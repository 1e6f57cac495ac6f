/// @file
/// Area under the ROC curve: how well predictions put positives above negatives.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/metrics/ranking.hpp"

namespace polytask {

/// The probability that a positive, drawn by weight, is predicted higher than a negative; a tie counts one half, so
/// that the order of equal predictions does not matter. Sorts in place, n log n.
/// @return NaN without a positive, without a negative, or with a prediction that is not a number
inline double area_under_curve(const Evaluation& evaluation, Span<Ranked> samples) {
  if (has_unknown_key(samples)) return undefined;
  sort_by_key(samples);
  double positives = 0;
  double negatives = 0;  // all below the tie that is being worked on
  double won = 0;
  for_each_tie(samples, [&](Span<const Ranked> tied) {
    double tied_positives = 0;
    double tied_negatives = 0;
    for (const Ranked& one : tied) {
      const double weight = evaluation.weights(0, one.sample);
      (evaluation.labels(0, one.sample) > 0 ? tied_positives : tied_negatives) += weight;
    }
    won += tied_positives * (negatives + 0.5 * tied_negatives);
    positives += tied_positives;
    negatives += tied_negatives;
  });
  return won / (positives * negatives);  // 0 / 0 with one class
}

/// Area under the ROC curve of one row of predictions (any scores) for labels 0 and 1. 0.5 is no skill.
/// @return NaN when one of the classes is missing
/// @throws ArgumentError when there is more than one row
/// @throws DataError when a label is not 0 or 1
inline double auc(const Evaluation& evaluation) {
  require_one_row(evaluation, "auc");
  auto samples = labelled_samples(
      evaluation, [&](Index sample) { require_binary_label(evaluation.labels(0, sample), sample, "auc"); });
  return area_under_curve(evaluation, samples);
}

namespace metrics {
inline constexpr Metric auc{"auc", true, &polytask::auc};
}  // namespace metrics

}  // namespace polytask
