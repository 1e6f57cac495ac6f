/// @file
/// Any weighting, with a floor and a ceiling for the weights.
#pragma once

#include "polytask/core/by_name.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/weighting/task_values.hpp"
#include "polytask/weighting/weighting.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace polytask {

/// Between what a weight stays.
struct WeightBounds {
  double floor = 0;
  double ceiling = (std::numeric_limits<double>::max)();  ///< by default none
};

/// The state of bounded weights: that of the rule within, whose weights are brought between floor and ceiling.
template <class Inner>
class BoundedState {
 public:
  BoundedState(Inner inner, const std::vector<WeightBounds>& bounds)
      : inner_(std::move(inner)), weights_(bounds.size()) {
    for (const auto& one : bounds) {
      floors_.push_back(one.floor);
      ceilings_.push_back(one.ceiling);
    }
    clamp();
  }

  Span<const double> weights() const { return weights_; }
  const Inner& inner() const { return inner_; }

  void prepare(const StepSignals& signals) {
    if constexpr (requires { inner_.prepare(signals); }) {
      inner_.prepare(signals);
      clamp();
    }
  }
  void update(const StepSignals& signals) {
    inner_.update(signals);
    clamp();
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "floors", self.floors_);
    visit_setting(visit, "ceilings", self.ceilings_);
    visit("inner", self.inner_);
    if constexpr (!std::is_const_v<Self>) self.clamp();
  }

 private:
  void clamp() {
    const Span<const double> inner = inner_.weights();
    for (std::size_t task = 0; task < weights_.size(); ++task)
      weights_[task] = (std::min)((std::max)(inner[task], floors_[task]), ceilings_[task]);
  }

  Inner inner_;
  std::vector<double> floors_;
  std::vector<double> ceilings_;
  std::vector<double> weights_;
};

/// Whether it is known when the program is compiled what a rule needs.
template <class W>
concept NeedsKnown = requires { typename std::bool_constant<W::needs().losses_first>; };

/// The weights of a rule between a floor and a ceiling, for all tasks or for each by name, so that no task is lost and
/// none takes over:
///
///   Bounded{GradNorm{}, {.floor = 0.1, .ceiling = 3}}
///   Bounded{Uncertainty{}, {}, {{"click", {.floor = 0.5}}}}
///
/// A task that is named has its own bounds in place of the common ones. Weights are clamped and not scaled
/// afterwards, so that bounds hold exactly and the sum that the rule promises does not. The rule learns from the
/// signals with which weights a step was taken, the clamped ones; its own are its own, and leave the bound once it
/// calls for that. Name and needs are those of the rule.
template <Weighting W>
struct Bounded {
  W rule = {};
  WeightBounds bounds = {};               ///< of every task that is not named
  ByName<WeightBounds> task_bounds = {};  ///< by task name
  std::string_view name = rule.name;      ///< not a setting

  static constexpr WeightingNeeds needs()
    requires NeedsKnown<W>
  {
    return W::needs();
  }
  WeightingNeeds needs() const
    requires(!NeedsKnown<W>)
  {
    return rule.needs();
  }

  /// @throws ArgumentError when a name is no task's or a floor is negative, not finite or above its ceiling
  auto begin(const WeightedTasks& tasks) const {
    auto found = by_task(tasks, task_bounds, bounds, "a bound of the weight");
    for (std::size_t task = 0; task < found.size(); ++task) {
      auto& [floor, ceiling] = found[task];
      require(std::isfinite(floor) && floor >= 0, "the floor of the weight of '", tasks.names[task], "' is ", floor,
              "; it must be finite and at least 0");
      require(ceiling >= floor, "the ceiling of the weight of '", tasks.names[task], "' is ", ceiling,
              "; it must be at least the floor, ", floor);
      ceiling = (std::min)(ceiling, WeightBounds{}.ceiling);  // infinity, too, is to be written to files
    }
    return BoundedState(rule.begin(tasks), found);
  }
};

template <class W>
Bounded(W) -> Bounded<W>;
template <class W>
Bounded(W, WeightBounds) -> Bounded<W>;
template <class W>
Bounded(W, WeightBounds, ByName<WeightBounds>) -> Bounded<W>;

}  // namespace polytask
