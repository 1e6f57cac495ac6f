/// @file
/// How the losses walk a batch: 256 numbers at a time, in arrays on the stack, so that the exponentials and logarithms
/// of a batch are worked in vector registers and nothing is allocated.
#pragma once

#include "polytask/losses/loss.hpp"

#include <algorithm>

namespace polytask {

/// Most numbers in one chunk.
inline constexpr Index chunk_size = 256;

/// Up to 256 numbers on the stack.
template <Scalar S>
using Chunk = Eigen::Array<S, Eigen::Dynamic, 1, 0, static_cast<int>(chunk_size), 1>;

/// Up to 256 numbers that lie one after the other in a matrix.
template <Scalar S>
using ChunkView = Eigen::Map<const Eigen::Array<S, Eigen::Dynamic, 1>>;

/// Calls `work(first, size)` for 0 .. count - 1 in runs of at most 256.
template <class Work>
void for_each_chunk(Index count, Work&& work) {
  for (Index first = 0; first < count; first += chunk_size) work(first, (std::min)(chunk_size, count - first));
}

/// Samples first .. first + size - 1 of one row.
template <Scalar S>
Chunk<S> row_chunk(const ConstColumns<S>& matrix, Index row, Index first, Index size) {
  using Strided = Eigen::Map<const Eigen::Array<S, Eigen::Dynamic, 1>, 0, Eigen::InnerStride<>>;
  return Strided(matrix.data() + first * matrix.rows() + row, size, Eigen::InnerStride<>(matrix.rows()));
}

/// sum(weight * loss) in double; a loss whose weight is 0 counts 0 even when it is not finite.
template <Scalar S>
double weighted_sum(const S* weights, const Chunk<S>& losses) {
  // two loops, since g++ vectorises each of them but not both in one
  Chunk<S> counted(losses.size());
  for (Index i = 0; i < losses.size(); ++i) {
    const S loss = losses[i];
    counted[i] = weights[i] > S(0) ? loss : S(0);
  }
  Chunk<double> terms(losses.size());
  for (Index i = 0; i < losses.size(); ++i)
    terms[i] = static_cast<double>(weights[i]) * static_cast<double>(counted[i]);
  return terms.sum();
}

/// Writes scale * weight * slope, and exactly 0 where the weight is 0, to every `stride`-th number of `gradient`.
template <Scalar S>
void write_gradient(S scale, const S* weights, const Chunk<S>& slopes, S* gradient, Index stride) {
  for (Index i = 0; i < slopes.size(); ++i) {
    const S derivative = scale * weights[i] * slopes[i];
    gradient[i * stride] = weights[i] != S(0) ? derivative : S(0);
  }
}

/// Where the gradient goes; null when only the value is asked for.
template <Scalar S>
S* gradient_of(const LossPass<S>& pass) {
  Columns<S> gradient(pass.gradient);  // the view, not the numbers
  return gradient.size() > 0 ? gradient.data() : nullptr;
}

/// evaluate() of a loss in which every label has one logit of its own: all matrices are then runs of as many numbers.
/// @param entry `entry(logits, labels, losses, slopes)` fills, for one chunk, the losses and their derivatives
template <Scalar S, class Entry>
double evaluate_entries(const LossPass<S>& pass, Entry&& entry) {
  S* const gradient = gradient_of(pass);
  double sum = 0;
  for_each_chunk(pass.logits.size(), [&](Index first, Index size) {
    const ChunkView<S> logits(pass.logits.data() + first, size);
    const ChunkView<S> labels(pass.labels.data() + first, size);
    const S* const weights = pass.weights.data() + first;
    Chunk<S> losses(size);
    Chunk<S> slopes(size);
    entry(logits, labels, losses, slopes);
    sum += weighted_sum(weights, losses);
    if (gradient != nullptr) write_gradient(pass.scale, weights, slopes, gradient + first, 1);
  });
  return sum;
}

}  // namespace polytask
