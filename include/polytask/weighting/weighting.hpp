/// @file
/// What a loss weighting is: a rule that gives each task's loss a number.
#pragma once

#include "polytask/core/member_visitor.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"
#include "polytask/losses/loss.hpp"

#include <concepts>
#include <string_view>
#include <type_traits>

namespace polytask {

/// The tasks that are to be weighted.
struct WeightedTasks {
  Span<const std::string_view> names;
  Span<const LossKind> kinds;
};

/// What a rule learns of a training step. Spans have one number a task, NaN where the batch had no label and where the
/// rule did not ask for it.
struct StepSignals {
  Span<const double> losses = {};          ///< mean losses at the parameters before the step
  Span<const double> weights = {};         ///< with which the step was taken
  Span<const double> gradient_norms = {};  ///< if asked for: of the weighted losses, NaN for a weight of 0, in the
                                           ///< weights of the last shared layer
  Span<const double> losses_after = {};    ///< if asked for: mean losses of the same samples after the step
  Index step = 1;                          ///< 1 for the first step of training
  Index epoch = 1;                         ///< 1 for the first epoch
};

/// What a rule needs that costs something. What no rule asks for is not computed.
struct WeightingNeeds {
  bool losses_first = false;    ///< prepare() is given the losses: another forward pass where a batch is several slices
  bool gradient_norms = false;  ///< StepSignals::gradient_norms: a product with the last shared layer more a task
  bool losses_after = false;    ///< StepSignals::losses_after: another forward pass
};

/// A weighting is a plain aggregate of its settings. begin() makes the state of one training run. In each step
///   prepare(signals), if the state has it, is told of step, epoch and, if asked for, the losses;
///   weights() are read, one a task, finite and at least 0;
///   update(signals) is told of the step that was taken.
/// Heads and shared parameters alike receive the gradient of the weighted loss. State is visited by configuration(),
/// for checkpoints. A state allocates nothing in these calls.
template <class W>
concept Weighting = requires(const W& weighting, const WeightedTasks& tasks, const StepSignals& signals) {
  { weighting.name } -> std::convertible_to<std::string_view>;
  { weighting.needs() } -> std::same_as<WeightingNeeds>;  ///< static constexpr where the rule is known
  { weighting.begin(tasks).weights() } -> std::convertible_to<Span<const double>>;
  weighting.begin(tasks).update(signals);
};

/// Whether it is known when the program is compiled that a rule balances the gradients of shared layers.
template <class W>
inline constexpr bool needs_shared_layer = false;
template <class W>
  requires requires { typename std::bool_constant<W::needs().gradient_norms>; }
inline constexpr bool needs_shared_layer<W> = W::needs().gradient_norms;

}  // namespace polytask
