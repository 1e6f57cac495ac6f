/// @file
/// Adam: momentum over the root of the recent mean square, both corrected for their start at zero.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/lanes.hpp"
#include "polytask/optimizers/optimizer.hpp"

#include <cmath>

namespace polytask {

/// Adam (Kingma, Ba 2015). With t the step, counted from 1:
/// first = first_decay * first + (1 - first_decay) * gradient,
/// second = second_decay * second + (1 - second_decay) * gradient^2,
/// parameter -= rate * first / (1 - first_decay^t) / (sqrt(second / (1 - second_decay^t)) + epsilon).
struct Adam {
  double rate = 1e-3;
  double first_decay = 0.9;
  double second_decay = 0.999;
  double epsilon = 1e-8;    ///< above 0
  double weight_decay = 0;  ///< added to the gradient as weight_decay * parameter; see AdamW for the other way

  static constexpr std::string_view name = "adam";
  static constexpr int memory_per_parameter = 2;

  /// @throws ArgumentError naming the setting that is out of range
  void check() const {
    require_kept_share(name, "first_decay", first_decay);
    require_kept_share(name, "second_decay", second_decay);
    require_weight_decay(name, weight_decay);
  }

  /// @throws ArgumentError where epsilon is not above 0 in the type of the parameters
  template <Scalar S>
  void update(const Update<S>& update) const {
    step(update, weight_decay, 1);
  }

  /// The step that Adam and AdamW share.
  /// @param decay_in_gradient  decay * parameter is added to the gradient
  /// @param kept_parameter     what the parameter is multiplied by before the step
  template <Scalar S>
  void step(const Update<S>& update, double decay_in_gradient, double kept_parameter) const {
    // rate * (first / c) / (sqrt(second) / r + epsilon) = (rate * r / c) * first / (sqrt(second) + epsilon * r)
    // with c = 1 - first_decay^t and r = sqrt(1 - second_decay^t).
    const double count = static_cast<double>(update.step);
    const double root = std::sqrt(1 - std::pow(second_decay, count));
    const S step_rate = static_cast<S>(update.rate * root / (1 - std::pow(first_decay, count)));
    const S smallest = static_cast<S>(epsilon * root);
    require(smallest > 0, "Adam, AdamW: epsilon must be above 0, it is ", epsilon);
    const S first_kept = static_cast<S>(first_decay);
    const S first_added = static_cast<S>(1 - first_decay);
    const S second_kept = static_cast<S>(second_decay);
    const S second_added = static_cast<S>(1 - second_decay);
    const S decay = static_cast<S>(decay_in_gradient);
    const S kept = static_cast<S>(kept_parameter);
    for_each_place<S>(
        update.size, [=](auto at) __attribute__((always_inline)) {
          const auto parameters = at.read(update.parameters);
          const auto gradient = at.read(update.gradient) + decay * parameters;
          const auto first = first_kept * at.read(update.memory[0]) + first_added * gradient;
          const auto second = second_kept * at.read(update.memory[1]) + second_added * gradient.square();
          at.write(update.memory[0], first);
          at.write(update.memory[1], second);
          at.write(update.parameters, kept * parameters - step_rate * first / (second.sqrt() + smallest));
        });
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("rate", self.rate);
    visit("first_decay", self.first_decay);
    visit("second_decay", self.second_decay);
    visit("epsilon", self.epsilon);
    visit("weight_decay", self.weight_decay);
  }
};

}  // namespace polytask
