/// @file
/// Pinball loss: for a range instead of one number.
#pragma once

#include "polytask/losses/chunks.hpp"
#include "polytask/losses/labels.hpp"
#include "polytask/losses/rearrangement.hpp"
#include "polytask/metrics/quantile_loss.hpp"

#include <cstddef>
#include <functional>
#include <vector>

namespace polytask {

/// One logit a level, each the quantile of the label at its level t: with d = y - z the mean over the levels of
/// max(t d, (t - 1) d) (Koenker, Bassett 1978). Where d = 0 the subgradient 0 is taken.
struct Quantile {
  static constexpr std::string_view name = "quantile";
  static constexpr LossKind kind = LossKind::regression;
  static constexpr Metric metric = metrics::quantile_loss;

  std::vector<double> levels = {0.1, 0.5, 0.9};  ///< strictly between 0 and 1, ascending

  /// @throws ArgumentError when there is not one label column of numbers, or the levels are not ascending in (0, 1)
  void connect(Index label_columns, Index classes) {
    require_one_label_column(name, label_columns);
    require_number_labels(name, classes);
    require(!levels.empty(), "loss '", name, "' needs at least one level");
    for (std::size_t k = 0; k < levels.size(); ++k) {
      require(levels[k] > 0 && levels[k] < 1, "loss '", name, "' needs levels between 0 and 1, but level ", k, " is ",
              levels[k]);
      require(k == 0 || levels[k] > levels[k - 1], "loss '", name, "' needs ascending levels, but level ", k, " is ",
              levels[k], " after ", k == 0 ? 0 : levels[k - 1]);
    }
  }

  Index outputs() const { return static_cast<Index>(levels.size()); }
  Index label_rows() const { return 1; }
  Index prediction_rows() const { return outputs(); }

  template <Scalar S>
  double evaluate(const LossPass<S>& pass) const {
    const Index rows = outputs();
    const S share = S(1) / static_cast<S>(rows);
    S* const gradient = gradient_of(pass);
    double sum = 0;
    for_each_chunk(pass.logits.cols(), [&](Index first, Index size) {
      const ChunkView<S> labels(pass.labels.data() + first, size);
      const S* const weights = pass.weights.data() + first;
      Chunk<S> losses = Chunk<S>::Zero(size);
      for (Index row = 0; row < rows; ++row) {
        const S level = static_cast<S>(levels[static_cast<std::size_t>(row)]);
        const Chunk<S> errors = labels - row_chunk(pass.logits, row, first, size);
        losses += share * ((level * errors).max)((level - S(1)) * errors);
        if (gradient == nullptr) continue;
        Chunk<S> slopes(size);
        for (Index i = 0; i < size; ++i) {
          const S below = errors[i] < S(0) ? S(1) - level : S(0);
          slopes[i] = share * (errors[i] > S(0) ? -level : below);
        }
        write_gradient(pass.scale, weights, slopes, gradient + first * rows + row, rows);
      }
      sum += weighted_sum(weights, losses);
    });
    return sum;
  }

  /// The logits of each sample in ascending order, so that its quantiles never cross.
  template <Scalar S>
  void predict(const ConstColumns<S>& logits, Columns<S> predictions) const {
    predictions = logits;
    for (Index sample = 0; sample < logits.cols(); ++sample)
      rearrange(predictions.data() + sample * predictions.rows(), predictions.rows(), std::less<S>());
  }

  template <Scalar S>
  std::string problem_with(S label) const {
    return problem_with_number(label);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("levels", self.levels);
  }
};

}  // namespace polytask
