/// @file
/// Adagrad: a rate a parameter that falls with the gradients seen.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/lanes.hpp"
#include "polytask/optimizers/optimizer.hpp"

namespace polytask {

/// Adagrad (Duchi, Hazan, Singer 2011): total += gradient^2; parameter -= rate * gradient / (sqrt(total) + epsilon).
struct Adagrad {
  double rate = 1e-2;
  double epsilon = 1e-10;   ///< above 0: a parameter that has seen no gradient yet would be 0 / 0
  double weight_decay = 0;  ///< added to the gradient as weight_decay * parameter

  static constexpr std::string_view name = "adagrad";
  static constexpr int memory_per_parameter = 1;

  /// @throws ArgumentError naming the setting that is out of range
  void check() const { require_weight_decay(name, weight_decay); }

  /// @throws ArgumentError where epsilon is not above 0 in the type of the parameters
  template <Scalar S>
  void update(const Update<S>& update) const {
    const S step_rate = static_cast<S>(update.rate);
    const S decay = static_cast<S>(weight_decay);
    const S smallest = static_cast<S>(epsilon);
    require(static_cast<S>(epsilon) > 0, "Adagrad: epsilon must be above 0, it is ", epsilon);
    for_each_place<S>(
        update.size, [=](auto at) __attribute__((always_inline)) {
          const auto parameters = at.read(update.parameters);
          const auto gradient = at.read(update.gradient) + decay * parameters;
          const auto total = at.read(update.memory[0]) + gradient.square();
          at.write(update.memory[0], total);
          at.write(update.parameters, parameters - step_rate * gradient / (total.sqrt() + smallest));
        });
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("rate", self.rate);
    visit("epsilon", self.epsilon);
    visit("weight_decay", self.weight_decay);
  }
};

}  // namespace polytask
