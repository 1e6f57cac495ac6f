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
  static constexpr float largest_near = 0.5F;                  ///< |z - log y| up to which the loss is by a series
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
          const Numbers bounded = logits.cwiseMin(limit);
          const Numbers rates = bounded.exp();
          // With u = z - log y the loss is y (exp(u) - 1 - u). Near the label, where these terms of a large count
          // cancel, the bracket is taken from its series.
          const Numbers u = bounded - labels.cwiseMax((std::numeric_limits<S>::min)()).log();
          const Numbers apart = rates - labels * (u + S(1));
          const Numbers near = labels * exponential_less_tangent(u);
          const Numbers beyond = (logits - limit).cwiseMax(S(0));
          return LossAndSlope<Numbers>{u.abs().below(largest_near, near, apart) + (rates - labels) * beyond,
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

 private:
  /// exp(u) - 1 - u for |u| <= largest_near, by its Taylor series u^2/2 (1 + u/3 (1 + u/4 (...))), to rounding.
  template <class Numbers>
  [[gnu::always_inline]] static Numbers exponential_less_tangent(Numbers u) {
    using S = typename Numbers::Scalar;
    constexpr int terms = sizeof(S) > 4 ? 16 : 10;
    Numbers sum(S(1));
    for (int term = terms; term >= 3; --term) sum = S(1) + u * S(1.0 / term) * sum;
    return u.square() * S(0.5) * sum;
  }
};

}  // namespace polytask
