/// @file
/// Poisson likelihood: for counts.
#pragma once

#include "polytask/losses/chunks.hpp"
#include "polytask/losses/labels.hpp"
#include "polytask/metrics/poisson_deviance.hpp"

#include <cmath>
#include <limits>

namespace polytask {

/// exp(z) - y z + y log y - y: the negative log likelihood of a Poisson count y whose rate is exp(z), less that of a
/// rate of y, which does not depend on z. It is half the Poisson deviance, 0 where the rate is the label and nowhere
/// below. One or more label columns, each with a logit of its own.
///
/// Beyond z = 30 the exponential goes on as its tangent, exp(30) (1 + z - 30): nothing overflows, the loss stays convex
/// and its gradient, exp(30) - y there, is its derivative everywhere. The rate that is predicted is the derivative of
/// that function, exp(min(z, 30)).
struct Poisson {
  static constexpr std::string_view name = "poisson";
  static constexpr LossKind kind = LossKind::regression;
  static constexpr Metric metric = metrics::poisson_deviance;  ///< squared errors would be those of the largest counts
  static constexpr double largest_logit = 30;                  ///< where the exponential becomes its tangent
  static constexpr double largest_rate = 10686474581524.46;    ///< exp(30)

  Index columns = 0;  ///< number of label columns; 0: as many as the task has

  /// @throws ArgumentError when the labels are class names, or are not as many columns as were set
  void connect(Index label_columns, Index classes) { columns = infer_columns(name, columns, label_columns, classes); }

  Index outputs() const { return columns; }
  Index label_rows() const { return columns; }
  Index prediction_rows() const { return columns; }

  template <Scalar S>
  double evaluate(const LossPass<S>& pass) const {
    const S limit = static_cast<S>(largest_logit);
    return evaluate_entries(
        pass, [=]<class Numbers>(Numbers logits, Numbers labels) __attribute__((always_inline)) {
          const Numbers rates = logits.cwiseMin(limit).exp();
          const Numbers losses = rates * (S(1) + (logits - limit).cwiseMax(S(0))) - labels * logits +
                                 labels * (labels.cwiseMax((std::numeric_limits<S>::min)()).log() - S(1));
          return LossAndSlope<Numbers>{losses.below(S(0), S(0), losses),  // rounding of large counts; a NaN stays one
                                       rates - labels};
        });
  }

  /// The rates exp(z), at most exp(30).
  template <Scalar S>
  void predict(const ConstColumns<S>& logits, Columns<S> predictions) const {
    for_each_place<S>(
        logits.size(), [ from = logits.data(), to = predictions.data() ](auto at) __attribute__((always_inline)) {
          at.write(to, at.read(from).cwiseMin(static_cast<S>(largest_logit)).exp());
        });
  }

  /// A count need not be whole, so that a mean of counts can be learnt as well.
  template <Scalar S>
  std::string problem_with(S label) const {
    const bool reachable = !std::isfinite(label) || static_cast<double>(label) <= largest_rate;
    return reachable ? problem_with_amount(label) : "is more than the largest rate, exp(30)";
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("columns", self.columns);
  }
};

}  // namespace polytask
