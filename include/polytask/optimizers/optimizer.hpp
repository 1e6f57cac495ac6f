/// @file
/// What an optimizer is: a rule for one run of numbers. The same rule steps the flat parameter buffer and single rows
/// of embedding tables.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/views.hpp"

#include <array>
#include <cmath>
#include <concepts>
#include <string_view>

namespace polytask {

/// One run of parameters to be stepped.
///
/// Required: all runs have `size` numbers; `memory` holds memory_per_parameter runs, zero before the first step.
/// Ensured: `parameters` and `memory` are updated; a parameter that is 0 with gradient 0 and memory 0 stays 0 (the
/// padding between segments relies on it).
template <Scalar S>
struct Update {
  Index size;
  S* parameters;
  const S* gradient;
  std::array<S*, 2> memory;
  double rate;  ///< learning rate of this step, schedule included
  Index step;   ///< 1 for the first step of training
};

/// An optimizer is a plain aggregate of its settings; what it remembers between steps is kept outside, by the trainer.
/// It may have a check(), which throws an ArgumentError when a setting is out of range; the trainer calls it.
/// A step moves, and where there is a weight decay shrinks, what tasks share, what belongs to a task that has a label
/// in the batch, and of embedding tables the rows that the batch touches.
template <class O, class S>
concept Optimizer = requires(const O& optimizer, const Update<S>& update) {
  { O::name } -> std::convertible_to<std::string_view>;
  { O::memory_per_parameter } -> std::convertible_to<int>;
  { optimizer.rate } -> std::convertible_to<double>;
  optimizer.update(update);
};

/// What an optimizer keeps of something from step to step.
/// @throws ArgumentError naming the setting unless it is at least 0 and below 1
inline void require_kept_share(std::string_view optimizer, std::string_view setting, double value) {
  require(value >= 0 && value < 1, optimizer, ": ", setting, " must be at least 0 and below 1, it is ", value);
}

/// @throws ArgumentError unless it is a finite number of at least 0
inline void require_weight_decay(std::string_view optimizer, double weight_decay) {
  require(weight_decay >= 0 && std::isfinite(weight_decay), optimizer,
          ": weight_decay must be a finite number of at least 0, it is ", weight_decay);
}

}  // namespace polytask
