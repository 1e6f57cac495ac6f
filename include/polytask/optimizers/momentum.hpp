/// @file
/// Gradient descent with momentum, Polyak's and Nesterov's.
#pragma once

#include "polytask/core/lanes.hpp"
#include "polytask/optimizers/optimizer.hpp"

namespace polytask {

/// Gradient descent with momentum (Polyak 1964; with `nesterov` in the form of Sutskever et al. 2013):
/// velocity = momentum * velocity + gradient; parameter -= rate * velocity.
struct Momentum {
  double rate = 1e-2;
  double momentum = 0.9;
  bool nesterov = false;    ///< step along gradient + momentum * velocity, where the next velocity would lead
  double weight_decay = 0;  ///< added to the gradient as weight_decay * parameter

  static constexpr std::string_view name = "momentum";
  static constexpr int memory_per_parameter = 1;

  /// @throws ArgumentError naming the setting that is out of range
  void check() const {
    require_kept_share(name, "momentum", momentum);
    require_weight_decay(name, weight_decay);
  }

  template <Scalar S>
  void update(const Update<S>& update) const {
    const S step_rate = static_cast<S>(update.rate);
    const S kept = static_cast<S>(momentum);
    const S decay = static_cast<S>(weight_decay);
    // direction = of_gradient * gradient + of_velocity * velocity: (1, momentum) for Nesterov's, (0, 1) for Polyak's.
    const S of_gradient = static_cast<S>(nesterov ? 1 : 0);
    const S of_velocity = static_cast<S>(nesterov ? momentum : 1);
    for_each_place<S>(
        update.size, [=](auto at) __attribute__((always_inline)) {
          const auto parameters = at.read(update.parameters);
          const auto gradient = at.read(update.gradient) + decay * parameters;
          const auto velocity = kept * at.read(update.memory[0]) + gradient;
          at.write(update.memory[0], velocity);
          at.write(update.parameters, parameters - step_rate * (of_gradient * gradient + of_velocity * velocity));
        });
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("rate", self.rate);
    visit("momentum", self.momentum);
    visit("nesterov", self.nesterov);
    visit("weight_decay", self.weight_decay);
  }
};

/// Momentum{.nesterov = true} by its own name.
struct Nesterov {
  double rate = 1e-2;
  double momentum = 0.9;
  double weight_decay = 0;  ///< added to the gradient as weight_decay * parameter

  static constexpr std::string_view name = "nesterov";
  static constexpr int memory_per_parameter = 1;

  /// @throws ArgumentError naming the setting that is out of range
  void check() const {
    require_kept_share(name, "momentum", momentum);
    require_weight_decay(name, weight_decay);
  }

  template <Scalar S>
  void update(const Update<S>& update) const {
    Momentum{.rate = rate, .momentum = momentum, .nesterov = true, .weight_decay = weight_decay}.update(update);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("rate", self.rate);
    visit("momentum", self.momentum);
    visit("weight_decay", self.weight_decay);
  }
};

}  // namespace polytask
