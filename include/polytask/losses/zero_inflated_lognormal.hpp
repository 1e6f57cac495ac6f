/// @file
/// Zero-inflated log-normal: for amounts that are mostly 0 and otherwise spread over orders of magnitude, as the value
/// of a customer.
#pragma once

#include "polytask/losses/labels.hpp"
#include "polytask/losses/sigmoid.hpp"
#include "polytask/metrics/gini.hpp"

namespace polytask {

/// The negative log likelihood of an amount y that is 0 with probability 1 - p and log-normal otherwise (Wang, Liu,
/// Miao 2019). Three logits: p = sigmoid(first), mu = second, sigma = deviation_floor + softplus(third); loss
///   -log(1 - p)                                                                        where y = 0,
///   -log p + log y + log sigma + log(2 pi) / 2 + (log y - mu)^2 / (2 sigma^2)          where y > 0.
/// The floor is added (the authors' code takes the larger of the two), so that no gradient is lost below it.
struct ZeroInflatedLogNormal {
  static constexpr std::string_view name = "zero_inflated_lognormal";
  static constexpr LossKind kind = LossKind::regression;
  static constexpr Metric metric = metrics::gini;  ///< squared errors would be those of a few large amounts
  static constexpr double largest_exponent = 80;   ///< of a predicted amount, so that it is finite in float and double

  double deviation_floor = 1e-3;  ///< the least standard deviation of log y

  /// @throws ArgumentError when the floor is not positive, or there is not one label column of numbers
  void connect(Index label_columns, Index classes) {
    require(deviation_floor > 0 && std::isfinite(deviation_floor), "loss '", name,
            "' needs a positive deviation floor, but it is ", deviation_floor);
    require_one_label_column(name, label_columns);
    require_number_labels(name, classes);
  }

  Index outputs() const { return 3; }
  Index label_rows() const { return 1; }
  Index prediction_rows() const { return 1; }

  template <Scalar S>
  double evaluate(const LossPass<S>& pass) const {
    constexpr S half_log_two_pi = static_cast<S>(0.91893853320467274178);
    S* const gradient = gradient_of(pass);
    double sum = 0;
    for_each_chunk(pass.logits.cols(), [&](Index first, Index size) {
      const S* const labels = pass.labels.data() + first;
      const S* const weights = pass.weights.data() + first;
      const Logistic<Chunk<S>> chance(row_chunk(pass.logits, 0, first, size));
      const Logistic<Chunk<S>> spread(row_chunk(pass.logits, 2, first, size));
      Chunk<S> logs(size);
      for (Index i = 0; i < size; ++i) logs[i] = labels[i] > S(0) ? labels[i] : S(1);
      logs = logs.log();
      const Chunk<S> deviations = static_cast<S>(deviation_floor) + spread.negative_surprise;
      const Chunk<S> inverses = deviations.inverse();
      const Chunk<S> errors = (logs - row_chunk(pass.logits, 1, first, size)) * inverses;
      const Chunk<S> lognormal = logs + deviations.log() + half_log_two_pi + S(0.5) * errors.square();

      Chunk<S> losses(size);
      for (Index i = 0; i < size; ++i) {
        const S paid = chance.positive_surprise[i] + lognormal[i];
        losses[i] = labels[i] > S(0) ? paid : chance.negative_surprise[i];
      }
      sum += weighted_sum(weights, losses);
      if (gradient == nullptr) return;

      Chunk<S> chance_slopes(size);
      Chunk<S> location_slopes(size);
      Chunk<S> spread_slopes(size);
      for (Index i = 0; i < size; ++i) {
        const bool paid = labels[i] > S(0);
        // With e = (log y - mu) / sigma: d/dmu = -e / sigma, d/dsigma = (1 - e^2) / sigma, dsigma/draw = sigmoid(raw).
        const S location = -errors[i] * inverses[i];
        const S deviation = (S(1) - errors[i] * errors[i]) * inverses[i] * spread.positive[i];
        chance_slopes[i] = paid ? -chance.negative[i] : chance.positive[i];
        location_slopes[i] = paid ? location : S(0);
        spread_slopes[i] = paid ? deviation : S(0);
      }
      write_gradient(pass.scale, weights, chance_slopes, gradient + 3 * first, 3);
      write_gradient(pass.scale, weights, location_slopes, gradient + 3 * first + 1, 3);
      write_gradient(pass.scale, weights, spread_slopes, gradient + 3 * first + 2, 3);
    });
    return sum;
  }

  /// Expected amounts p exp(mu + sigma^2 / 2), the exponent at most 80.
  template <Scalar S>
  void predict(const ConstColumns<S>& logits, Columns<S> predictions) const {
    for_each_chunk(logits.cols(), [&](Index first, Index size) {
      const Logistic<Chunk<S>> spread(row_chunk(logits, 2, first, size));
      const Chunk<S> variances = (static_cast<S>(deviation_floor) + spread.negative_surprise).square();
      const Chunk<S> exponents = row_chunk(logits, 1, first, size) + S(0.5) * variances;
      const Chunk<S> chances = sigmoid(row_chunk(logits, 0, first, size));
      Eigen::Map<Eigen::Array<S, Eigen::Dynamic, 1>>(predictions.data() + first, size) =
          chances * (exponents.min)(static_cast<S>(largest_exponent)).exp();
    });
  }

  template <Scalar S>
  std::string problem_with(S label) const {
    return problem_with_amount(label);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("deviation_floor", self.deviation_floor);
  }
};

}  // namespace polytask
