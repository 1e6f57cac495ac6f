/// @file
/// Stochastic gradient descent.
#pragma once

#include "polytask/core/lanes.hpp"
#include "polytask/optimizers/optimizer.hpp"

namespace polytask {

/// Plain gradient descent: parameter -= rate * gradient.
struct Sgd {
  double rate = 1e-2;
  double weight_decay = 0;  ///< added to the gradient as weight_decay * parameter

  static constexpr std::string_view name = "sgd";
  static constexpr int memory_per_parameter = 0;

  /// @throws ArgumentError naming the setting that is out of range
  void check() const { require_weight_decay(name, weight_decay); }

  template <Scalar S>
  void update(const Update<S>& update) const {
    const S step_rate = static_cast<S>(update.rate);
    const S decay = static_cast<S>(weight_decay);
    for_each_place<S>(
        update.size, [=](auto at) __attribute__((always_inline)) {
          const auto parameters = at.read(update.parameters);
          at.write(update.parameters, parameters - step_rate * (at.read(update.gradient) + decay * parameters));
        });
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("rate", self.rate);
    visit("weight_decay", self.weight_decay);
  }
};

}  // namespace polytask
