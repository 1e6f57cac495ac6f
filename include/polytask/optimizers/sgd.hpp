/// @file
/// Stochastic gradient descent.
#pragma once

#include "polytask/optimizers/blocks.hpp"
#include "polytask/optimizers/optimizer.hpp"

namespace polytask {

/// Plain gradient descent: parameter -= rate * gradient.
struct Sgd {
  double rate = 1e-2;
  double weight_decay = 0;  ///< added to the gradient as weight_decay * parameter, for every parameter

  static constexpr std::string_view name = "sgd";
  static constexpr int memory_per_parameter = 0;

  template <Scalar S>
  void update(const Update<S>& update) const {
    const Everywhere<S> step_rate(update.rate);
    const Everywhere<S> decay(weight_decay);
    for_each_block<S>(
        update.size, [&](auto block) __attribute__((always_inline)) {
          auto parameters = block.of(update.parameters);
          parameters -= block.of(step_rate) * (block.of(update.gradient) + block.of(decay) * parameters);
        });
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("rate", self.rate);
    visit("weight_decay", self.weight_decay);
  }
};

}  // namespace polytask
