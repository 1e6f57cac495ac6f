/// @file
/// The logistic function and its logarithm, from one exponential, without overflow or cancellation at either end.
#pragma once

#include "polytask/core/lanes.hpp"
#include "polytask/losses/chunks.hpp"

#include <type_traits>

namespace polytask {

/// Writes the sigmoid of every number, a prediction of a yes-or-no task.
template <Scalar S>
void write_sigmoid(const ConstColumns<S>& logits, Columns<S> chances) {
  for_each_place<S>(
      logits.size(), [ from = logits.data(), to = chances.data() ](auto at)
                         __attribute__((always_inline)) { at.write(to, sigmoid(at.read(from))); });
}

/// What a yes-or-no loss needs of some Lanes of logits z. Every member is accurate to a few units in the last place for
/// every finite z, also where sigmoid(z) is 1 in floating point.
template <class Numbers>
struct Logistic {
  Numbers positive;           ///< sigmoid(z) = 1 / (1 + exp(-z))
  Numbers negative;           ///< sigmoid(-z) = 1 - sigmoid(z)
  Numbers positive_surprise;  ///< -log sigmoid(z) = softplus(-z)
  Numbers negative_surprise;  ///< -log sigmoid(-z) = softplus(z) = log(1 + exp(z))

  [[gnu::always_inline]] static Logistic of(Numbers z) {
    using S = typename Numbers::Scalar;
    const Numbers zero(S(0));
    // e = exp(-|z|) is in (0, 1]; the sigmoid of |z| is 1 / (1 + e), that of -|z| is e / (1 + e).
    const Numbers e = (-z.abs()).exp();
    const Numbers one_plus = e + S(1);
    const Numbers larger = one_plus.inverse();
    const Numbers smaller = e * larger;
    // log(1 + e): the logarithm of the rounded sum, plus the derivative 1 / (1 + e) times what rounding cut off.
    const Numbers remainder = one_plus.log() + (e - (one_plus - S(1))) * larger;
    return {z.below(zero, smaller, larger), z.below(zero, larger, smaller),
            z.below(zero, -z, zero) + remainder,  // softplus(-z) = max(-z, 0) + log(1 + e)
            z.below(zero, zero, z) + remainder};  // softplus(z) = max(z, 0) + log(1 + e)
  }
};

/// The same of a chunk of logits.
template <Scalar S>
struct Logistic<Chunk<S>> {
  Chunk<S> positive;
  Chunk<S> negative;
  Chunk<S> positive_surprise;
  Chunk<S> negative_surprise;

  explicit Logistic(const Chunk<S>& logits)
      : positive(logits.size()),
        negative(logits.size()),
        positive_surprise(logits.size()),
        negative_surprise(logits.size()) {
    for_each_place<S>(
        logits.size(), [&](auto at) __attribute__((always_inline)) {
          const auto z = at.read(logits.data());
          const auto found = Logistic<std::remove_const_t<decltype(z)>>::of(z);
          at.write(positive.data(), found.positive);
          at.write(negative.data(), found.negative);
          at.write(positive_surprise.data(), found.positive_surprise);
          at.write(negative_surprise.data(), found.negative_surprise);
        });
  }
};

}  // namespace polytask
