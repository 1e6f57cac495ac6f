/// @file
/// How the losses walk a batch: 256 numbers at a time, in arrays on the stack, so that the exponentials and logarithms
/// of a batch are worked in vector registers and nothing is allocated.
#pragma once

#include "polytask/core/lanes.hpp"
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

/// sum(weight * loss) of a chunk, in double; a loss whose weight is 0 counts 0 even when it is not finite.
template <Scalar S>
double weighted_sum(Index size, const S* weights, const S* losses) {
  // several loops, since g++ vectorises each of them but not all in one
  S counted[chunk_size];
  for (Index i = 0; i < size; ++i) {
    const S loss = losses[i];
    counted[i] = weights[i] > S(0) ? loss : S(0);
  }
  double terms[chunk_size];
  for (Index i = 0; i < size; ++i) terms[i] = static_cast<double>(weights[i]) * static_cast<double>(counted[i]);
  // eight sums, each of every eighth term
  double sums[8] = {};
  Index i = 0;
  for (; i + 8 <= size; i += 8)
    for (Index k = 0; k < 8; ++k) sums[k] += terms[i + k];
  for (Index k = 0; i < size; ++i, ++k) sums[k] += terms[i];
  return ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
}

template <Scalar S>
double weighted_sum(const S* weights, const Chunk<S>& losses) {
  return weighted_sum(losses.size(), weights, losses.data());
}

/// Writes scale * weight * slope, and exactly 0 where the weight is 0, to every `stride`-th number of `gradient`.
template <Scalar S>
void write_gradient(S scale, Index size, const S* weights, const S* slopes, S* gradient, Index stride) {
  for (Index i = 0; i < size; ++i) {
    const S derivative = scale * weights[i] * slopes[i];
    gradient[i * stride] = weights[i] != S(0) ? derivative : S(0);
  }
}

template <Scalar S>
void write_gradient(S scale, const S* weights, const Chunk<S>& slopes, S* gradient, Index stride) {
  write_gradient(scale, slopes.size(), weights, slopes.data(), gradient, stride);
}

/// Where the gradient goes; null when only the value is asked for.
template <Scalar S>
S* gradient_of(const LossPass<S>& pass) {
  Columns<S> gradient(pass.gradient);  // the view, not the numbers
  return gradient.size() > 0 ? gradient.data() : nullptr;
}

/// A loss at some logits, and its derivative by them.
template <class Numbers>
struct LossAndSlope {
  Numbers loss;
  Numbers slope;
};

/// evaluate() of a loss in which every label has one logit of its own: all matrices are then runs of as many numbers.
/// @param entry `entry(logits, labels)` gives the LossAndSlope of some Lanes of logits
template <Scalar S, class Entry>
double evaluate_entries(const LossPass<S>& pass, const Entry& entry) {
  S* const gradient = gradient_of(pass);
  double sum = 0;
  for_each_chunk(pass.logits.size(), [&](Index first, Index size) {
    const S* const logits = pass.logits.data() + first;
    const S* const labels = pass.labels.data() + first;
    const S* const weights = pass.weights.data() + first;
    S losses[chunk_size] = {};  // for g++, which takes them for uninitialized
    S slopes[chunk_size] = {};
    for_each_place<S>(
        size, [&](auto at) __attribute__((always_inline)) {
          const auto found = entry(at.read(logits), at.read(labels));
          at.write(losses, found.loss);
          at.write(slopes, found.slope);
        });
    sum += weighted_sum(size, weights, losses);
    if (gradient != nullptr) write_gradient(pass.scale, size, weights, slopes, gradient + first, 1);
  });
  return sum;
}

}  // namespace polytask
