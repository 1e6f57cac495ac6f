/// @file
/// Binary cross-entropy: for yes or no.
#pragma once

#include "polytask/losses/labels.hpp"
#include "polytask/losses/sigmoid.hpp"
#include "polytask/metrics/auc.hpp"

namespace polytask {

/// -positive_weight y log sigmoid(z) - (1 - y) log sigmoid(-z), with y 0 or 1.
struct BinaryCrossEntropy {
  static constexpr std::string_view name = "binary_cross_entropy";
  static constexpr LossKind kind = LossKind::classification;
  static constexpr Metric metric = metrics::auc;  ///< neither the base rate nor a shift of the probabilities moves it

  /// What a positive counts against a negative; other than 1 it shifts the predicted probabilities as well.
  double positive_weight = 1;

  /// @throws ArgumentError when the weight is not positive, or there is not one label column of numbers or two classes
  void connect(Index label_columns, Index classes) {
    require(positive_weight > 0 && std::isfinite(positive_weight), "loss '", name,
            "' needs a positive weight, but it is ", positive_weight);
    require_binary_labels(name, label_columns, classes);
  }

  Index outputs() const { return 1; }
  Index label_rows() const { return 1; }
  Index prediction_rows() const { return 1; }

  template <Scalar S>
  double evaluate(const LossPass<S>& pass) const {
    const S weight = static_cast<S>(positive_weight);
    return evaluate_entries(
        pass, [=]<class Numbers>(Numbers logits, Numbers labels) __attribute__((always_inline)) {
          const auto chance = Logistic<Numbers>::of(logits);
          const Numbers positive = weight * labels;
          const Numbers negative = S(1) - labels;
          return LossAndSlope<Numbers>{positive * chance.positive_surprise + negative * chance.negative_surprise,
                                       negative * chance.positive - positive * chance.negative};
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
    visit("positive_weight", self.positive_weight);
  }
};

}  // namespace polytask
