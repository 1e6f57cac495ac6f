/// @file
/// RMSprop: the gradient divided by the root of its recent mean square.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/optimizers/blocks.hpp"
#include "polytask/optimizers/optimizer.hpp"

namespace polytask {

/// RMSprop (Tieleman, Hinton 2012): mean = decay * mean + (1 - decay) * gradient^2;
/// parameter -= rate * gradient / (sqrt(mean) + epsilon), with epsilon outside the root.
struct RmsProp {
  double rate = 1e-2;
  double decay = 0.99;      ///< of the mean square
  double epsilon = 1e-8;    ///< above 0
  double weight_decay = 0;  ///< added to the gradient as weight_decay * parameter, for every parameter

  static constexpr std::string_view name = "rmsprop";
  static constexpr int memory_per_parameter = 1;

  /// @throws ArgumentError where epsilon is not above 0 in the type of the parameters
  template <Scalar S>
  void update(const Update<S>& update) const {
    const Everywhere<S> step_rate(update.rate);
    const Everywhere<S> kept(decay);
    const Everywhere<S> added(1 - decay);
    const Everywhere<S> of_parameter(weight_decay);
    const Everywhere<S> smallest(epsilon);
    require(static_cast<S>(epsilon) > 0, "RmsProp: epsilon must be above 0, it is ", epsilon);
    for_each_block<S>(
        update.size, [&](auto block) __attribute__((always_inline)) {
          auto parameters = block.of(update.parameters);
          const auto gradient = (block.of(update.gradient) + block.of(of_parameter) * parameters).eval();
          const auto mean = (block.of(kept) * block.of(update.memory[0]) + block.of(added) * gradient.square()).eval();
          block.of(update.memory[0]) = mean;
          parameters -= block.of(step_rate) * gradient / (mean.sqrt() + block.of(smallest));
        });
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("rate", self.rate);
    visit("decay", self.decay);
    visit("epsilon", self.epsilon);
    visit("weight_decay", self.weight_decay);
  }
};

}  // namespace polytask
