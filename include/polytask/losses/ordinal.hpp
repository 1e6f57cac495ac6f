/// @file
/// Ordinal loss: for levels in an order, as stars or grades.
#pragma once

#include "polytask/losses/labels.hpp"
#include "polytask/losses/rearrangement.hpp"
#include "polytask/losses/sigmoid.hpp"
#include "polytask/metrics/accuracy.hpp"

#include <functional>

namespace polytask {

/// One logit for each of the levels - 1 questions "is y above level k?", k = 0 .. levels - 2; the loss is the mean of
/// their binary cross-entropies, each over all samples.
///
/// This is the loss of CORAL (Cao, Mirjalili, Raschka 2020) with equal importance of the questions and a mean for the
/// sum. CORAL's one weight vector for all questions is a matter of the layer that makes the logits, and not demanded
/// here: with a logit free for each question it is the method of Niu et al. 2016. It is not CORN (Shi, Cao, Raschka
/// 2021), whose questions are conditional on the one before.
struct Ordinal {
  static constexpr std::string_view name = "ordinal";
  static constexpr LossKind kind = LossKind::classification;
  static constexpr Metric metric = metrics::accuracy;

  /// Number of levels; 0: as many as the label column has class names, which must then be numbered in their order.
  Index levels = 0;

  /// @throws ArgumentError when there is not one label column, or the number of levels is unknown, contradicted or 1
  void connect(Index label_columns, Index classes) {
    require_one_label_column(name, label_columns);
    levels = infer(name, "levels", levels, classes, 2);
  }

  Index outputs() const { return levels - 1; }
  Index label_rows() const { return 1; }
  Index prediction_rows() const { return levels; }

  template <Scalar S>
  double evaluate(const LossPass<S>& pass) const {
    const Index questions = outputs();
    const S share = S(1) / static_cast<S>(questions);
    S* const gradient = gradient_of(pass);
    double sum = 0;
    for_each_chunk(pass.logits.cols(), [&](Index first, Index size) {
      const S* const labels = pass.labels.data() + first;
      const S* const weights = pass.weights.data() + first;
      Chunk<S> losses = Chunk<S>::Zero(size);
      Chunk<S> slopes(size);
      for (Index question = 0; question < questions; ++question) {
        const Logistic<Chunk<S>> above(row_chunk(pass.logits, question, first, size));
        const S level = static_cast<S>(question);
        for (Index i = 0; i < size; ++i) {
          losses[i] += share * (labels[i] > level ? above.positive_surprise[i] : above.negative_surprise[i]);
          slopes[i] = share * (labels[i] > level ? -above.negative[i] : above.positive[i]);
        }
        if (gradient != nullptr)
          write_gradient(pass.scale, weights, slopes, gradient + first * questions + question, questions);
      }
      sum += weighted_sum(weights, losses);
    });
    return sum;
  }

  /// Probabilities of the levels: the differences of P(y > k) = sigmoid(z_k), which are first put in descending order,
  /// so that no difference is negative and their sum is 1.
  template <Scalar S>
  void predict(const ConstColumns<S>& logits, Columns<S> predictions) const {
    for_each_chunk(logits.cols(), [&](Index first, Index size) {
      S* const part = predictions.data() + first * levels;
      for (Index question = 0; question < outputs(); ++question) {
        const Chunk<S> above = sigmoid(row_chunk(logits, question, first, size));
        for (Index i = 0; i < size; ++i) part[i * levels + question + 1] = above[i];
      }
      for (Index i = 0; i < size; ++i) {
        S* const column = part + i * levels;
        column[0] = S(1);  // P(y > -1)
        rearrange(column + 1, levels - 1, std::greater<S>());
        for (Index level = 0; level + 1 < levels; ++level) column[level] -= column[level + 1];
      }
    });
  }

  template <Scalar S>
  std::string problem_with(S label) const {
    return problem_with_class(label, levels, "level");
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("levels", self.levels);
  }
};

}  // namespace polytask
