/// @file
/// The gain of a multi-task model over single-task models.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/metrics/metric.hpp"

#include <cmath>
#include <limits>

namespace polytask {

/// The value that a metric takes for predictions without skill, where that is not 0: 0.5 for the AUCs.
inline double value_without_skill(const Metric& metric) {
  return metric.name == "auc" || metric.name == "grouped_auc" ? 0.5 : 0.0;
}

/// How much better the multi-task model is at one task, in per cent of what the single-task model reaches: POSITIVE IS
/// BETTER, whatever the direction of the metric. 100 * (multi - single) / |single|, with the sign turned where lower is
/// better. Of an AUC it is the part above 0.5 that is compared: from 0.95 to 0.96 is 2.2 per cent, not 1.1, and from
/// 0.50 to 0.55 is without bound.
///
/// The single-task value must come from a model trained by itself on the same data with the same settings.
/// @return NaN when a value is NaN, or when the two are the same and without skill; infinite when only `single` is
inline double relative_gain(const Metric& metric, double multi, double single) {
  const double base = value_without_skill(metric);
  const double gain = 100 * (multi - single) / std::abs(single - base);
  return metric.higher_is_better ? gain : -gain;
}

/// The mean of the gains of all tasks, in the same sign: positive is better. One gain a task, so that a task that is
/// judged by many metrics does not count more than others.
///
/// Other libraries: the code that belongs to Nash-MTL, CAGrad and FAMO prints a delta m with the OPPOSITE sign
/// (negative is better), in per cent, over all metrics of all tasks; LibMTL's delta p has our sign but is a fraction,
/// and its baseline is by default the first epoch of the same run. Neither takes the 0.5 off an AUC.
/// @return NaN without gains, or when one of them is NaN
inline double delta_m(Span<const double> gains) {
  double sum = 0;
  for (const double gain : gains) sum += gain;
  return gains.empty() ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(gains.size());
}

}  // namespace polytask
