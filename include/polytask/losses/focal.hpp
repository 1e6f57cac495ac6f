/// @file
/// Focal loss: for yes or no where one of the two is rare and most samples are easy.
#pragma once

#include "polytask/losses/labels.hpp"
#include "polytask/losses/sigmoid.hpp"
#include "polytask/metrics/auc.hpp"

namespace polytask {

/// -a (1 - p)^gamma log p, with p the probability given to the label that came, and a its balance (Lin et al. 2017).
/// gamma = 0 is binary cross-entropy.
struct Focal {
  static constexpr std::string_view name = "focal";
  static constexpr LossKind kind = LossKind::classification;
  static constexpr Metric metric = metrics::auc;  ///< a shift of the probabilities does not move it

  double gamma = 2;   ///< how strongly easy samples are discounted, 0 or more
  double alpha = -1;  ///< balance: positives count alpha, negatives 1 - alpha; negative: both count 1. The paper: 0.25

  /// @throws ArgumentError when a setting is out of range, or there is not one label column of numbers or two classes
  void connect(Index label_columns, Index classes) {
    require(gamma >= 0 && std::isfinite(gamma), "loss '", name, "' needs a gamma of 0 or more, but it is ", gamma);
    require(alpha <= 1, "loss '", name, "' needs an alpha of at most 1 (negative for none), but it is ", alpha);
    require_binary_labels(name, label_columns, classes);
  }

  Index outputs() const { return 1; }
  Index label_rows() const { return 1; }
  Index prediction_rows() const { return 1; }

  template <Scalar S>
  double evaluate(const LossPass<S>& pass) const {
    const S power = static_cast<S>(gamma);
    const S positive = static_cast<S>(alpha < 0 ? 1 : alpha);
    const S negative = static_cast<S>(alpha < 0 ? 1 : 1 - alpha);
    return evaluate_entries(
        pass, [=]<class Numbers>(Numbers logits, Numbers labels) __attribute__((always_inline)) {
          // s = z for a positive, -z for a negative; p = sigmoid(s).
          const Numbers signs = S(2) * labels - S(1);
          const Numbers balances = negative + (positive - negative) * labels;
          const auto chance = Logistic<Numbers>::of(signs * logits);
          // (1 - p)^gamma = exp(gamma log sigmoid(-s))
          const Numbers discounts = balances * (-power * chance.negative_surprise).exp();
          // d/ds = -(1 - p)^gamma (gamma p (-log p) + (1 - p)), and d/dz is that times the sign.
          const Numbers slopes = power * chance.positive * chance.positive_surprise + chance.negative;
          return LossAndSlope<Numbers>{discounts * chance.positive_surprise, -signs * discounts * slopes};
        });
  }

  /// Probabilities of a positive.
  template <Scalar S>
  void predict(const ConstColumns<S>& logits, Columns<S> predictions) const {
    write_sigmoid(logits, predictions);
  }

  template <Scalar S>
  std::string problem_with(S label) const {
    return problem_with_binary(label);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("gamma", self.gamma);
    visit("alpha", self.alpha);
  }
};

}  // namespace polytask
