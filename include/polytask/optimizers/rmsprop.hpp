/// @file
/// RMSprop: the gradient divided by the root of its recent mean square.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/lanes.hpp"
#include "polytask/optimizers/optimizer.hpp"

namespace polytask {

/// RMSprop (Tieleman, Hinton 2012): mean = decay * mean + (1 - decay) * gradient^2;
/// parameter -= rate * gradient / (sqrt(mean) + epsilon), with epsilon outside the root.
struct RmsProp {
  double rate = 1e-2;
  double decay = 0.99;      ///< of the mean square
  double epsilon = 1e-8;    ///< above 0
  double weight_decay = 0;  ///< added to the gradient as weight_decay * parameter

  static constexpr std::string_view name = "rmsprop";
  static constexpr int memory_per_parameter = 1;

  /// @throws ArgumentError naming the setting that is out of range
  void check() const {
    require_kept_share(name, "decay", decay);
    require_weight_decay(name, weight_decay);
  }

  /// @throws ArgumentError where epsilon is not above 0 in the type of the parameters
  template <Scalar S>
  void update(const Update<S>& update) const {
    const S step_rate = static_cast<S>(update.rate);
    const S kept = static_cast<S>(decay);
    const S added = static_cast<S>(1 - decay);
    const S of_parameter = static_cast<S>(weight_decay);
    const S smallest = static_cast<S>(epsilon);
    require(static_cast<S>(epsilon) > 0, "RmsProp: epsilon must be above 0, it is ", epsilon);
    for_each_place<S>(
        update.size, [=](auto at) __attribute__((always_inline)) {
          const auto parameters = at.read(update.parameters);
          const auto gradient = at.read(update.gradient) + of_parameter * parameters;
          const auto mean = kept * at.read(update.memory[0]) + added * gradient.square();
          at.write(update.memory[0], mean);
          at.write(update.parameters, parameters - step_rate * gradient / (mean.sqrt() + smallest));
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
