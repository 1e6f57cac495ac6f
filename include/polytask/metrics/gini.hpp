/// @file
/// Normalised Gini coefficient: how well predictions order amounts.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/metrics/ranking.hpp"

namespace polytask {

/// Sum of weight * amount * (weight with a lower key - weight with a higher key), which is in proportion to the area
/// between the Lorenz curve, drawn in the order of the keys, and the diagonal. Equal keys are one straight piece of the
/// curve, so that their order does not matter. Sorts in place.
inline double lorenz_area(const Evaluation& evaluation, Span<Ranked> amounts) {
  sort_by_key(amounts);
  double all = 0;
  for (const Ranked& amount : amounts) all += evaluation.weights(0, amount.sample);
  double area = 0;
  double lower = 0;
  for_each_tie(amounts, [&](Span<const Ranked> tied) {
    double tied_weight = 0;
    double tied_amount = 0;
    for (const Ranked& amount : tied) {
      const double weight = evaluation.weights(0, amount.sample);
      tied_weight += weight;
      tied_amount += weight * evaluation.labels(0, amount.sample);
    }
    area += tied_amount * (lower - (all - lower - tied_weight));
    lower += tied_weight;
  });
  return area;
}

/// The Gini coefficient of the labels in the order of the predictions, over that in their own order (Wang, Liu, Miao
/// 2019, for the value of customers): 1 for the right order, 0 for none, -1 for the reverse. Only the order of the
/// predictions matters. With labels 0 and 1 it is 2 AUC - 1.
/// @return NaN without two labels that differ, or with a prediction that is not a number
/// @throws ArgumentError when there is more than one row
inline double gini(const Evaluation& evaluation) {
  require_one_row(evaluation, "gini");
  bool known = true;
  auto amounts = labelled_samples(evaluation, [&](Index sample) {
    known = known && !std::isnan(evaluation.predictions(0, sample)) && !std::isnan(evaluation.labels(0, sample));
  });
  if (!known) return undefined;
  const double predicted = lorenz_area(evaluation, amounts);
  for (Ranked& amount : amounts) amount.key = evaluation.labels(0, amount.sample);
  const double perfect = lorenz_area(evaluation, amounts);
  return perfect > 0 ? predicted / perfect : undefined;
}

namespace metrics {
inline constexpr Metric gini{"gini", true, &polytask::gini};
}  // namespace metrics

}  // namespace polytask
