/// @file
/// The logistic function and its logarithm, from one exponential, without overflow or cancellation at either end.
#pragma once

#include "polytask/losses/chunks.hpp"

namespace polytask {

/// 1 / (1 + exp(-z)) for an array z, to a few units in the last place, and so in the order of z to rounding. (Eigen's
/// logistic() of floats is off by a thousandth where z is about -9, and goes up and down.)
template <class Logits>
auto sigmoid(const Eigen::ArrayBase<Logits>& logits) {
  using S = typename Logits::Scalar;
  return (S(1) + (-logits.derived()).exp()).inverse();
}

/// What a yes-or-no loss needs of a chunk of logits z. Every member is accurate to a few units in the last place for
/// every finite z, also where sigmoid(z) is 1 in floating point.
template <Scalar S>
struct Logistic {
  Chunk<S> positive;           ///< sigmoid(z) = 1 / (1 + exp(-z))
  Chunk<S> negative;           ///< sigmoid(-z) = 1 - sigmoid(z)
  Chunk<S> positive_surprise;  ///< -log sigmoid(z) = softplus(-z)
  Chunk<S> negative_surprise;  ///< -log sigmoid(-z) = softplus(z) = log(1 + exp(z))

  template <class Logits>
  explicit Logistic(const Eigen::ArrayBase<Logits>& logits) {
    // e = exp(-|z|) is in (0, 1]; the sigmoid of |z| is 1 / (1 + e), that of -|z| is e / (1 + e).
    const Chunk<S> e = (-logits.abs()).exp();
    const Chunk<S> one_plus = S(1) + e;
    const Chunk<S> larger = one_plus.inverse();
    const Chunk<S> smaller = e * larger;
    // log(1 + e): the logarithm of the rounded sum, plus the derivative 1 / (1 + e) times what rounding cut off.
    const Chunk<S> remainder = one_plus.log() + (e - (one_plus - S(1))) * larger;

    const Index size = logits.size();
    positive.resize(size);
    negative.resize(size);
    positive_surprise.resize(size);
    negative_surprise.resize(size);
    for (Index i = 0; i < size; ++i) {
      const S z = logits.derived().coeff(i);
      positive[i] = z >= S(0) ? larger[i] : smaller[i];
      negative[i] = z >= S(0) ? smaller[i] : larger[i];
      positive_surprise[i] = (z >= S(0) ? S(0) : -z) + remainder[i];  // softplus(-z) = max(-z, 0) + log(1 + e)
      negative_surprise[i] = (z < S(0) ? S(0) : z) + remainder[i];    // softplus(z) = max(z, 0) + log(1 + e)
    }
  }
};

}  // namespace polytask
