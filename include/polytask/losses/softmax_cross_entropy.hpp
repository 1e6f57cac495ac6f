/// @file
/// Softmax cross-entropy: for one of several classes.
#pragma once

#include "polytask/losses/chunks.hpp"
#include "polytask/losses/labels.hpp"
#include "polytask/metrics/accuracy.hpp"

namespace polytask {

/// -sum over the classes of target log softmax(z), with the target (1 - label_smoothing) [class = y]
/// + label_smoothing / classes (Szegedy et al. 2016). Labels are class numbers 0 .. classes - 1, in one row.
struct SoftmaxCrossEntropy {
  static constexpr std::string_view name = "softmax_cross_entropy";
  static constexpr LossKind kind = LossKind::classification;
  static constexpr Metric metric = metrics::accuracy;

  Index classes = 0;           ///< number of classes; 0: as many as the label column has names
  double label_smoothing = 0;  ///< part of the target that is spread over all classes, in [0, 1)

  /// @throws ArgumentError when there is not one label column, or the number of classes is unknown, contradicted or 1
  void connect(Index label_columns, Index label_classes) {
    require(label_smoothing >= 0 && label_smoothing < 1, "loss '", name,
            "' needs a label smoothing in [0, 1), but it is ", label_smoothing);
    require_one_label_column(name, label_columns);
    classes = infer(name, "classes", classes, label_classes, 2);
  }

  Index outputs() const { return classes; }
  Index label_rows() const { return 1; }
  Index prediction_rows() const { return classes; }

  template <Scalar S>
  double evaluate(const LossPass<S>& pass) const {
    const S spread = static_cast<S>(label_smoothing / static_cast<double>(classes));
    const S smoothing = static_cast<S>(label_smoothing);
    S* const gradient = gradient_of(pass);
    double sum = 0;
    for_each_chunk(pass.logits.cols(), [&](Index first, Index size) {
      const S* const weights = pass.weights.data() + first;
      const S* const labels = pass.labels.data() + first;
      // With s = z - max(z): loss = log(1 + sum of exp(s) over the other classes) - sum of target s.
      Index tops[chunk_size];
      Chunk<S> others(size);
      Chunk<S> targets(size);
      for (Index i = 0; i < size; ++i) {
        const auto logits = pass.logits.col(first + i).array();
        const S highest = logits.maxCoeff();
        const Index top = tops[i] = place_of(highest, logits);
        const Index label = weights[i] != S(0) ? static_cast<Index>(labels[i]) : 0;
        targets[i] = (S(1) - smoothing) * (logits[label] - highest);
        if (spread > S(0)) targets[i] += spread * (logits - highest).sum();
        if (gradient == nullptr) {
          others[i] = sum_without((logits - highest).exp(), top);
        } else {
          Eigen::Map<Vector<S>>(gradient + (first + i) * classes, classes).array() = logits - highest;
        }
      }
      if (gradient != nullptr) {
        Eigen::Map<Matrix<S>> part(gradient + first * classes, classes, size);
        part.array() = part.array().exp();
        for (Index i = 0; i < size; ++i) {
          others[i] = sum_without(part.col(i).array(), tops[i]);
          if (weights[i] == S(0)) {
            part.col(i).setZero();
            continue;
          }
          // d/dz = softmax(z) - target; of the highest softmax(z) - 1 is -others / total, which never cancels
          const Index label = static_cast<Index>(labels[i]);
          const S total = S(1) + others[i];
          const S less_one = label == tops[i] ? -others[i] / total : part(label, i) / total - S(1);
          const S factor = pass.scale * weights[i];
          part.col(i).array() = part.col(i).array() * (factor / total) - factor * spread;
          part(label, i) = factor * (less_one + (smoothing - spread));
        }
      }
      // log(1 + others): the logarithm of the rounded sum, plus the derivative times what rounding cut off
      const Chunk<S> totals = S(1) + others;
      const Chunk<S> losses = totals.log() + (others - (totals - S(1))) / totals - targets;
      sum += weighted_sum(weights, losses);
    });
    return sum;
  }

  /// Probabilities of the classes.
  template <Scalar S>
  void predict(const ConstColumns<S>& logits, Columns<S> predictions) const {
    for_each_chunk(logits.cols(), [&](Index first, Index size) {
      Eigen::Map<Matrix<S>> part(predictions.data() + first * classes, classes, size);
      for (Index i = 0; i < size; ++i) {
        const auto column = logits.col(first + i).array();
        part.col(i).array() = column - column.maxCoeff();
      }
      part.array() = part.array().exp();
      for (Index i = 0; i < size; ++i) part.col(i) /= part.col(i).sum();
    });
  }

  template <Scalar S>
  std::string problem_with(S label) const {
    return problem_with_class(label, classes, "class number");
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("classes", self.classes);
    visit("label_smoothing", self.label_smoothing);
  }

 private:
  /// Where a column holds its largest number; the last place if it holds none, as it has a NaN.
  template <class Column>
  static Index place_of(typename Column::Scalar largest, const Column& column) {
    Index place = 0;
    while (place + 1 < column.size() && column[place] != largest) ++place;
    return place;
  }

  template <class Column>
  static typename Column::Scalar sum_without(const Column& column, Index place) {
    return column.head(place).sum() + column.tail(column.size() - place - 1).sum();
  }
};

}  // namespace polytask
