/// @file
/// Metrics of predicted numbers: rmse, mae, r2, rrmse, wape. With several label rows, all entries count.
#pragma once

#include "polytask/metrics/checks.hpp"

#include <algorithm>
#include <cmath>

namespace polytask {

/// Root of the weighted mean of squared errors.
/// @return NaN without a label
/// @throws ArgumentError unless there are as many prediction rows as label rows
inline double rmse(const Evaluation& evaluation) {
  require_equal_rows(evaluation, "rmse");
  double squares = 0;
  double weights = 0;
  for_each_label(evaluation, [&](Index row, Index sample, double weight) {
    const double error = evaluation.predictions(row, sample) - evaluation.labels(row, sample);
    squares += weight * error * error;
    weights += weight;
  });
  return std::sqrt(squares / weights);
}

/// Weighted mean of absolute errors.
/// @return NaN without a label
/// @throws ArgumentError unless there are as many prediction rows as label rows
inline double mae(const Evaluation& evaluation) {
  require_equal_rows(evaluation, "mae");
  double absolute = 0;
  double weights = 0;
  for_each_label(evaluation, [&](Index row, Index sample, double weight) {
    absolute += weight * std::abs(evaluation.predictions(row, sample) - evaluation.labels(row, sample));
    weights += weight;
  });
  return absolute / weights;
}

/// Share of the variance that is explained: 1 - squared errors / squared distances from the weighted mean, which is
/// taken for each label row on its own. 0 is no better than the mean; negative is worse.
/// @return NaN without a label, or with labels that are all the same
/// @throws ArgumentError unless there are as many prediction rows as label rows
inline double r2(const Evaluation& evaluation) {
  require_equal_rows(evaluation, "r2");
  const Index rows = evaluation.labels.rows();
  Vector<double> means = Vector<double>::Zero(rows);
  Vector<double> weights = Vector<double>::Zero(rows);
  for_each_label(evaluation, [&](Index row, Index sample, double weight) {
    weights[row] += weight;
    means[row] += weight / weights[row] * (evaluation.labels(row, sample) - means[row]);  // exact for equal labels
  });
  double errors = 0;
  double distances = 0;
  for_each_label(evaluation, [&](Index row, Index sample, double weight) {
    const double label = evaluation.labels(row, sample);
    const double error = evaluation.predictions(row, sample) - label;
    errors += weight * error * error;
    distances += weight * (label - means[row]) * (label - means[row]);
  });
  return distances > 0 ? 1 - errors / distances : undefined;
}

/// Relative rmse: that of the predictions divided by that of the mean, which is the root of 1 - r2. 1 is no better than
/// the mean. Its mean over the tasks is the aRRMSE of the literature on several targets.
/// @return NaN without a label, or with labels that are all the same
/// @throws ArgumentError unless there are as many prediction rows as label rows
inline double rrmse(const Evaluation& evaluation) {
  require_equal_rows(evaluation, "rrmse");
  return std::sqrt((std::max)(1 - r2(evaluation), 0.0));
}

/// Weighted absolute percentage error: sum of absolute errors / sum of absolute labels, as a fraction. Unlike the mean
/// of percentages it is defined with labels of 0.
/// @return NaN without a label, or with labels that are all 0
/// @throws ArgumentError unless there are as many prediction rows as label rows
inline double wape(const Evaluation& evaluation) {
  require_equal_rows(evaluation, "wape");
  double errors = 0;
  double labels = 0;
  for_each_label(evaluation, [&](Index row, Index sample, double weight) {
    errors += weight * std::abs(evaluation.predictions(row, sample) - evaluation.labels(row, sample));
    labels += weight * std::abs(evaluation.labels(row, sample));
  });
  return labels > 0 ? errors / labels : undefined;
}

namespace metrics {
inline constexpr Metric rmse{"rmse", false, &polytask::rmse};
inline constexpr Metric mae{"mae", false, &polytask::mae};
inline constexpr Metric r2{"r2", true, &polytask::r2};
inline constexpr Metric rrmse{"rrmse", false, &polytask::rrmse};
inline constexpr Metric wape{"wape", false, &polytask::wape};
}  // namespace metrics

}  // namespace polytask
