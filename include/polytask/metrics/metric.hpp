/// @file
/// What a metric is: a function of predictions and labels, with a direction.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"

#include <cstdint>
#include <string_view>

namespace polytask {

/// What a metric is computed from. One sample a column, in the label's own units (probabilities, amounts, class
/// numbers), in double whatever the model computes in.
struct Evaluation {
  Matrix<double> predictions;       ///< prediction rows x samples
  Matrix<double> labels;            ///< label rows x samples
  Matrix<double> weights;           ///< label rows x samples; 0 where the label is missing
  Span<const std::int32_t> groups;  ///< one group a sample (for example the customer), or empty
  Span<const double> levels = {};   ///< the levels of a quantile task, one a prediction row, or empty
};

/// A metric that can be chosen by name at run time. NaN when it is not defined (no label, one class only).
struct Metric {
  std::string_view name;
  bool higher_is_better;
  double (*evaluate)(const Evaluation&);
};

}  // namespace polytask
