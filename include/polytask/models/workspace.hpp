/// @file
/// The memory of one pass through a model, owned by who makes the pass: one a thread.
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/features/row_gradients.hpp"
#include "polytask/sharing/sharing.hpp"

#include <cstdint>
#include <vector>

namespace polytask {

/// Everything a forward and a backward pass write, sized once for a batch. Made by a model's workspace(capacity);
/// afterwards a training step and a prediction allocate nothing but Eigen's own packing buffers above its stack limit,
/// longer lists than list_limit allows for, and once a thread 280 kB, when it first multiplies a layer of 448 inputs or
/// outputs or more, 224 in double (see Product).
template <Scalar S>
struct Workspace {
  /// What belongs to one task.
  struct Head {
    Index label_rows;
    Index outputs;
    Index prediction_rows;
    Buffer<S> memory;
    Buffer<S> logits;
    Buffer<S> logit_gradient;
    Buffer<S> labels;
    Buffer<S> weights;
    Buffer<S> predictions;
    double loss = 0;  ///< sum(weight * loss) of the samples at hand
  };

  Index capacity = 0;       ///< most samples of a pass
  Index samples = 0;        ///< samples of the pass at hand
  Index batch_samples = 0;  ///< samples of the batch of which these are a slice
  Index input_width = 0;
  Index input_stride = 0;  ///< numbers from one copy of the inputs to the next; 0 when there is one
  Buffer<S> inputs;
  Buffer<S> input_gradient;  ///< empty without embeddings
  Buffer<S> sharing;
  Buffer<S> link;
  Buffer<S> membership;  ///< tasks x samples, 1 where a sample has a label; empty unless the sharing policy needs it
  std::vector<Head> heads;
  std::vector<std::uint8_t> active;  ///< one byte a task
  double own_terms = 0;              ///< terms that sharing policy and link added to the loss so far
  Buffer<S> gradient;                ///< of the flat parameter buffer
  std::vector<RowGradients<S>> row_gradients;

  Inputs<S> input_views() { return {inputs.data(), input_width, samples, input_stride}; }

  Inputs<S> input_gradient_views() {
    return {input_gradient.empty() ? nullptr : input_gradient.data(), input_width, samples, input_stride};
  }

  Flat<S> sharing_memory() { return view(sharing); }

  // A task's numbers, with a column for each sample of the pass at hand.

  Columns<S> logits(std::size_t task) { return of_samples(heads[task].logits, heads[task].outputs); }
  Columns<S> logit_gradient(std::size_t task) { return of_samples(heads[task].logit_gradient, heads[task].outputs); }
  Columns<S> labels(std::size_t task) { return of_samples(heads[task].labels, heads[task].label_rows); }
  Columns<S> weights(std::size_t task) { return of_samples(heads[task].weights, heads[task].label_rows); }
  Columns<S> predictions(std::size_t task) { return of_samples(heads[task].predictions, heads[task].prediction_rows); }
  ConstColumns<S> predictions(std::size_t task) const {
    return {heads[task].predictions.data(), heads[task].prediction_rows, samples};
  }

 private:
  Columns<S> of_samples(Buffer<S>& buffer, Index rows) const { return {buffer.data(), rows, samples}; }
};

}  // namespace polytask
