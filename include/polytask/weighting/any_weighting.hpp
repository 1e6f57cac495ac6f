/// @file
/// A weighting that is chosen when the program runs.
#pragma once

#include "polytask/core/any_state.hpp"
#include "polytask/core/span.hpp"
#include "polytask/weighting/fixed.hpp"
#include "polytask/weighting/weighting.hpp"

#include <concepts>
#include <string_view>
#include <utility>

namespace polytask {

/// The state of a weighting, whatever its type.
struct HeldWeightingState {
  static constexpr std::string_view held_by = "the weights were those of";

  virtual ~HeldWeightingState() = default;
  virtual Span<const double> weights() const = 0;
  virtual void prepare(const StepSignals& signals) = 0;
  virtual void update(const StepSignals& signals) = 0;
  virtual void visit(MemberVisitor& visitor) = 0;
};

/// The state of any one weighting. Copying it copies what the rule remembers.
class AnyWeightingState : public AnyState<HeldWeightingState> {
 public:
  /// @param rule  its name, which must live as long as this: a literal
  template <class State>
  AnyWeightingState(std::string_view rule, State state) : AnyState(rule, new Holding<State>(std::move(state))) {}

  Span<const double> weights() const { return held().weights(); }
  void prepare(const StepSignals& signals) { held().prepare(signals); }
  void update(const StepSignals& signals) { held().update(signals); }

 private:
  template <class State>
  struct Holding final : HeldWeightingState {
    explicit Holding(State made) : state(std::move(made)) {}

    Span<const double> weights() const override { return state.weights(); }
    void prepare(const StepSignals& signals) override {
      if constexpr (requires { state.prepare(signals); }) state.prepare(signals);
    }
    void update(const StepSignals& signals) override { state.update(signals); }
    void visit(MemberVisitor& visitor) override { State::configuration(state, visitor); }

    State state;
  };
};

/// Any one weighting: rules work on one number a task, so that choosing one when the program runs costs nothing, and
/// a program with a flag for the weighting needs one trainer a sharing policy, not one a pair. A user's own rule is
/// held as those of the library are; weighting_named() finds these by their names.
class AnyWeighting {
 public:
  AnyWeighting() : AnyWeighting(Equal{}) {}

  template <class W>
    requires(!std::same_as<W, AnyWeighting>) && Weighting<W>
  AnyWeighting(W rule)  // NOLINT: implicit, as its user expects
      : name(rule.name), rule_(new Holding<W>(std::move(rule))) {}

  std::string_view name;  ///< of the rule it holds

  WeightingNeeds needs() const { return rule_->needs(); }

  AnyWeightingState begin(const WeightedTasks& tasks) const { return rule_->begin(tasks); }

 private:
  struct Held {
    virtual ~Held() = default;
    virtual WeightingNeeds needs() const = 0;
    virtual AnyWeightingState begin(const WeightedTasks& tasks) const = 0;
  };

  template <class W>
  struct Holding final : Held {
    explicit Holding(W held) : rule(std::move(held)) {}

    WeightingNeeds needs() const override { return rule.needs(); }
    AnyWeightingState begin(const WeightedTasks& tasks) const override { return {rule.name, rule.begin(tasks)}; }

    W rule;
  };

  Cloned<const Held> rule_;
};

}  // namespace polytask
