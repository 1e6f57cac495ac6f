/// @file
/// AdamW: Adam with weight decay apart from the gradient.
#pragma once

#include "polytask/optimizers/adam.hpp"

namespace polytask {

/// Adam with decoupled weight decay (Loshchilov, Hutter 2019): the parameter is first multiplied by
/// 1 - rate * weight_decay, then stepped by Adam on the gradient as it is.
struct AdamW {
  double rate = 1e-3;
  double first_decay = 0.9;
  double second_decay = 0.999;
  double epsilon = 1e-8;  ///< above 0
  double weight_decay = 1e-2;

  static constexpr std::string_view name = "adamw";
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
    const Adam adam{.first_decay = first_decay, .second_decay = second_decay, .epsilon = epsilon};
    adam.step(update, 0, 1 - update.rate * weight_decay);
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
