/// @file
/// What a layer is: a description of widths. Parameters, activations and gradients reach it as views.
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/views.hpp"

#include <concepts>
#include <string_view>

namespace polytask {

/// What a forward pass reads and writes.
///
/// Required: sizes as the layer says; the views do not overlap.
/// Ensured: `outputs` is written; in training so is `memory`, and running statistics may move.
template <Scalar S>
struct Forward {
  ConstFlat<S> parameters;
  ConstColumns<S> inputs;  ///< inputs() x samples
  Columns<S> outputs;      ///< outputs() x samples
  Flat<S> memory;          ///< memory_size(samples) numbers, kept for backward
  Flat<S> statistics;      ///< running statistics: read in prediction, moved in training
  Random random;           ///< noise of this layer in this step; used in training only
  bool training;
};

/// What a backward pass reads and writes. It may be called several times for one forward pass.
///
/// Required: the forward pass was in training; `inputs`, `outputs` and `memory` hold what it left.
/// Ensured: gradients of parameters are added, gradients of inputs are written (neither when its view is empty);
/// `output_gradient` may be overwritten; of `memory` only scratch space is.
template <Scalar S>
struct Backward {
  ConstFlat<S> parameters;
  ConstColumns<S> inputs;
  ConstColumns<S> outputs;
  Columns<S> output_gradient;
  Flat<S> memory;
  Flat<S> parameter_gradient;
  Columns<S> input_gradient;
};

/// How far a way back goes. Balancing tasks by the gradients of the last layer that they share (GradNorm) takes
/// `last_layer` for each task and then `before_last_layer` for all together, which is what `whole` does in one.
enum class Reach {
  whole,
  last_layer,  ///< only the gradient of the parameters of the last layer that has weights; nothing else is changed
  before_last_layer  ///< all but that
};

/// The members a layer must have. Parameters are visited as (name, rows, columns) in the order in which `Pieces` hands
/// them out; running statistics alike. couples_samples says that in training one sample's output depends on the others.
template <class L>
concept Layer = requires(const L& layer, L& unconnected, Index count, const Forward<double>& forward,
                         const Backward<double>& backward, Flat<double> parameters, Random& random,
                         void (&visit)(std::string_view, Index, Index)) {
  { L::name } -> std::convertible_to<std::string_view>;
  { L::couples_samples } -> std::convertible_to<bool>;
  { unconnected.connect(count) } -> std::same_as<Index>;  ///< takes the number of inputs, gives that of outputs
  { layer.inputs() } -> std::same_as<Index>;
  { layer.outputs() } -> std::same_as<Index>;
  { layer.memory_size(count) } -> std::same_as<Index>;
  layer.parameters(visit);
  layer.statistics(visit);
  layer.initialize(parameters, parameters, random);  ///< first parameters, first statistics
  layer.forward(forward);
  layer.backward(backward);
};

/// Numbers in the flat buffer that the layer's parameters need.
template <class L>
Index parameter_size(const L& layer) {
  Index size = 0;
  layer.parameters([&](std::string_view, Index rows, Index columns) { size += piece_size(rows * columns); });
  return size;
}

/// Numbers in the flat buffer that the layer's running statistics need.
template <class L>
Index statistic_size(const L& layer) {
  Index size = 0;
  layer.statistics([&](std::string_view, Index rows, Index columns) { size += piece_size(rows * columns); });
  return size;
}

}  // namespace polytask
