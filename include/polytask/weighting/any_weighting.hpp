/// @file
/// A weighting that is chosen when the program runs.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/member_visitor.hpp"
#include "polytask/weighting/fixed.hpp"
#include "polytask/weighting/weighting.hpp"

#include <concepts>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace polytask {

/// The state of any one weighting. Copying it copies what the rule remembers.
class AnyWeightingState {
 public:
  /// @param rule  its name, which must live as long as this: a literal
  template <class State>
  AnyWeightingState(std::string_view rule, State state)
      : rule_(rule), held_(std::make_unique<Holding<State>>(std::move(state))) {}

  AnyWeightingState(const AnyWeightingState& other) : rule_(other.rule_), held_(other.held_->clone()) {}
  AnyWeightingState(AnyWeightingState&&) noexcept = default;
  AnyWeightingState& operator=(AnyWeightingState other) noexcept {
    rule_ = other.rule_;
    held_ = std::move(other.held_);
    return *this;
  }
  ~AnyWeightingState() = default;

  std::span<const double> weights() const { return held_->weights(); }
  void prepare(const StepSignals& signals) { held_->prepare(signals); }
  void update(const StepSignals& signals) { held_->update(signals); }

  /// @throws FileError when the visitor brings the state of another rule, or one made with other settings
  template <class Self, class Visitor>
    requires std::derived_from<std::remove_cvref_t<Visitor>, MemberVisitor>
  static void configuration(Self& self, Visitor&& visit) {
    std::string rule(self.rule_);
    visit("rule", rule);
    require<FileError>(rule == self.rule_, "the weights were those of '", rule, "', the program has '", self.rule_,
                       "'");
    visit.enter("state", "");
    if constexpr (std::is_const_v<Self>)
      self.held_->clone()->visit(visit);  // a visitor may write
    else
      self.held_->visit(visit);
    visit.leave();
  }

 private:
  struct Held {
    virtual ~Held() = default;
    virtual std::unique_ptr<Held> clone() const = 0;
    virtual std::span<const double> weights() const = 0;
    virtual void prepare(const StepSignals& signals) = 0;
    virtual void update(const StepSignals& signals) = 0;
    virtual void visit(MemberVisitor& visitor) = 0;
  };

  template <class State>
  struct Holding final : Held {
    explicit Holding(State made) : state(std::move(made)) {}

    std::unique_ptr<Held> clone() const override { return std::make_unique<Holding>(state); }
    std::span<const double> weights() const override { return state.weights(); }
    void prepare(const StepSignals& signals) override {
      if constexpr (requires { state.prepare(signals); }) state.prepare(signals);
    }
    void update(const StepSignals& signals) override { state.update(signals); }
    void visit(MemberVisitor& visitor) override { State::configuration(state, visitor); }

    State state;
  };

  std::string_view rule_;
  std::unique_ptr<Held> held_;
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
      : name(rule.name), rule_(std::make_shared<const Holding<W>>(std::move(rule))) {}

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

  std::shared_ptr<const Held> rule_;  ///< shared by copies, as it does not change
};

}  // namespace polytask
