/// @file
/// What a loss is: the contract that every loss of this folder keeps, and that a loss of your own must keep.
#pragma once

#include "polytask/core/views.hpp"

#include <concepts>
#include <string>
#include <string_view>

namespace polytask {

/// What a loss measures, for the rules that treat the two differently (uncertainty weighting: Kendall et al. 2018).
enum class LossKind { regression, classification };

/// One call of a loss. All matrices have one sample a column.
///
/// Required: `labels` and `weights` have label_rows() rows; `logits` and, unless it is empty, `gradient` have outputs()
/// rows; a missing label has weight 0 and any finite value (the data set writes 0).
/// Ensured: every column of `gradient` is written (not added to), with `scale` times the derivative of the weighted
/// sum. The views must not overlap.
template <Scalar S>
struct LossPass {
  ConstColumns<S> logits;
  ConstColumns<S> labels;
  ConstColumns<S> weights;  ///< sample weight times label mask, one for each label
  S scale;                  ///< what the gradient is multiplied by: usually task weight / sum of weights
  Columns<S> gradient;      ///< empty when only the value is asked for
};

/// A loss works on logits, returns sum(weight * loss) over the labels that are present, and writes the gradient.
/// The mean that is trained on is that sum divided by the sum of the weights; who calls divides, so that a batch can be
/// worked in slices.
template <class L, class S>
concept Loss =
    requires(const L& loss, L& unconnected, const LossPass<S>& pass, Columns<S> predictions, S label, Index count) {
      { L::name } -> std::convertible_to<std::string_view>;
      { L::kind } -> std::convertible_to<LossKind>;
      unconnected.connect(count, count);  ///< number of label columns, number of classes (0: labels are numbers)
      { loss.outputs() } -> std::same_as<Index>;     ///< rows of the logits
      { loss.label_rows() } -> std::same_as<Index>;  ///< rows of the labels
      { loss.prediction_rows() } -> std::same_as<Index>;
      { loss.evaluate(pass) } -> std::same_as<double>;  ///< sum(weight * loss), in double for both scalar types
      loss.predict(pass.logits, predictions);           ///< logits to the label's own units, every column written
      { loss.problem_with(label) } -> std::convertible_to<std::string>;  ///< empty, or why no label can have this value
    };

}  // namespace polytask
