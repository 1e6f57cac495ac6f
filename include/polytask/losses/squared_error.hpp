/// @file
/// Squared error: for numbers whose mean is wanted.
#pragma once

#include "polytask/losses/chunks.hpp"
#include "polytask/losses/labels.hpp"
#include "polytask/metrics/regression.hpp"

#include <algorithm>

namespace polytask {

/// (z - y)^2, without a factor of one half. One or more label columns, each with a logit of its own.
struct SquaredError {
  static constexpr std::string_view name = "squared_error";
  static constexpr LossKind kind = LossKind::regression;
  static constexpr Metric metric = metrics::rmse;

  Index columns = 0;  ///< number of label columns; 0: as many as the task has

  /// @throws ArgumentError when the labels are class names, or are not as many columns as were set
  void connect(Index label_columns, Index classes) { columns = infer_columns(name, columns, label_columns, classes); }

  Index outputs() const { return columns; }
  Index label_rows() const { return columns; }
  Index prediction_rows() const { return columns; }

  template <Scalar S>
  double evaluate(const LossPass<S>& pass) const {
    return evaluate_entries(
        pass, []<class Numbers>(Numbers logits, Numbers labels) __attribute__((always_inline)) {
          const Numbers errors = logits - labels;
          return LossAndSlope<Numbers>{errors.square(), S(2) * errors};
        });
  }

  /// The logits as they are.
  template <Scalar S>
  void predict(const ConstColumns<S>& logits, Columns<S> predictions) const {
    std::copy_n(logits.data(), logits.size(), predictions.data());
  }

  template <Scalar S>
  std::string problem_with(S label) const {
    return problem_with_number(label);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("columns", self.columns);
  }
};

}  // namespace polytask
