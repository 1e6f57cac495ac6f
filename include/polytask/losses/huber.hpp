/// @file
/// Huber's loss: for numbers with outliers.
#pragma once

#include "polytask/losses/chunks.hpp"
#include "polytask/losses/labels.hpp"
#include "polytask/metrics/regression.hpp"

#include <algorithm>

namespace polytask {

/// With the error d = z - y: d^2 / 2 where |d| <= delta, delta (|d| - delta / 2) beyond (Huber 1964). One or more label
/// columns, each with a logit of its own.
struct Huber {
  static constexpr std::string_view name = "huber";
  static constexpr LossKind kind = LossKind::regression;
  static constexpr Metric metric = metrics::rmse;

  double delta = 1;   ///< the error, in units of the label, from which the loss grows linearly
  Index columns = 0;  ///< number of label columns; 0: as many as the task has

  /// @throws ArgumentError when delta is not positive, the labels are class names, or are not as many columns as set
  void connect(Index label_columns, Index classes) {
    require(delta > 0 && std::isfinite(delta), "loss '", name, "' needs a positive delta, but it is ", delta);
    columns = infer_columns(name, columns, label_columns, classes);
  }

  Index outputs() const { return columns; }
  Index label_rows() const { return columns; }
  Index prediction_rows() const { return columns; }

  template <Scalar S>
  double evaluate(const LossPass<S>& pass) const {
    const S limit = static_cast<S>(delta);
    return evaluate_entries(
        pass, [=]<class Numbers>(Numbers logits, Numbers labels) __attribute__((always_inline)) {
          // With the slope c = d cut to [-delta, delta], both branches of the loss are c (d - c / 2).
          const Numbers errors = logits - labels;
          const Numbers slopes = errors.cwiseMin(limit).cwiseMax(-limit);
          return LossAndSlope<Numbers>{slopes * (errors - S(0.5) * slopes), slopes};
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
    visit("delta", self.delta);
    visit("columns", self.columns);
  }
};

}  // namespace polytask
