/// @file
/// Evaluations for the tests of metrics.
#pragma once

#include "catch.hpp"
#include "polytask/core/random.hpp"
#include "polytask/metrics/metric.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

/// One row of predictions, of labels and of weights; all weights 1 when there are none.
inline polytask::Evaluation rows(const std::vector<double>& predictions, const std::vector<double>& labels,
                                 const std::vector<double>& weights = {}) {
  using polytask::Index;
  const auto row = [](const std::vector<double>& values) {
    polytask::Matrix<double> matrix(1, static_cast<Index>(values.size()));
    for (std::size_t i = 0; i < values.size(); ++i) matrix(0, static_cast<Index>(i)) = values[i];
    return matrix;
  };
  return {.predictions = row(predictions),
          .labels = row(labels),
          .weights = row(weights.empty() ? std::vector<double>(labels.size(), 1.0) : weights),
          .groups = {},
          .levels = {}};
}

/// Random rows with many ties, weights from 0 to 3, and labels 0 .. grades - 1. What is missing is NaN.
inline polytask::Evaluation random_rows(std::uint64_t seed, std::size_t samples, std::uint64_t grades) {
  polytask::Random random(seed);
  std::vector<double> predictions(samples);
  std::vector<double> labels(samples);
  std::vector<double> weights(samples);
  for (std::size_t i = 0; i < samples; ++i) {
    predictions[i] = 0.25 * static_cast<double>(random.below(7)) - 0.5;
    labels[i] = static_cast<double>(random.below(grades));
    weights[i] = 0.5 * static_cast<double>(random.below(7));
    if (weights[i] == 0) predictions[i] = labels[i] = std::nan("");
  }
  return rows(predictions, labels, weights);
}

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
