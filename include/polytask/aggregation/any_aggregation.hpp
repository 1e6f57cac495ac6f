/// @file
/// An aggregation that is chosen when the program runs.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/sum.hpp"
#include "polytask/core/any_state.hpp"
#include "polytask/core/runs.hpp"

#include <algorithm>
#include <concepts>
#include <string_view>
#include <utility>

namespace polytask {

/// The state of an aggregation, whatever its type.
template <Scalar S>
struct HeldAggregationState {
  static constexpr std::string_view held_by = "the gradients were combined by";

  virtual ~HeldAggregationState() = default;
  virtual void combine(const StepGradients& step, ConstColumns<S> gradients, Flat<double> coefficients,
                       Flat<S> direction) = 0;
  virtual void visit(MemberVisitor& visitor) = 0;
};

/// The state of any one aggregation. Copying it copies what the rule remembers.
template <Scalar S>
class AnyAggregationState : public AnyState<HeldAggregationState<S>> {
 public:
  /// @param rule  its name, which must live as long as this: a literal
  template <class State>
  AnyAggregationState(std::string_view rule, State state)
      : AnyState<HeldAggregationState<S>>(rule, new Holding<State>(std::move(state))) {}

  /// @param gradients parameters x tasks
  /// @param coefficients written, one a task
  /// @param direction written, parameters
  void combine(const StepGradients& step, ConstColumns<S> gradients, Flat<double> coefficients, Flat<S> direction) {
    this->held().combine(step, gradients, coefficients, direction);
  }

 private:
  template <class State>
  struct Holding final : HeldAggregationState<S> {
    explicit Holding(State made) : state(std::move(made)) {}

    void combine(const StepGradients& step, ConstColumns<S> gradients, Flat<double> coefficients,
                 Flat<S> direction) override {
      if constexpr (requires { state.weigh(step, coefficients); }) {
        state.weigh(step, coefficients);
        std::fill_n(direction.data(), direction.size(), S(0));
        for (Index task = 0; task < gradients.cols(); ++task)
          add_run(direction.size(), static_cast<S>(coefficients[task]), gradients.col(task).data(), direction.data());
      } else {
        state.combine(step, gradients, coefficients, direction);
      }
    }
    void visit(MemberVisitor& visitor) override { State::configuration(state, visitor); }

    State state;
  };
};

/// Any one aggregation: rules work on one number a task or on the tasks' gradients, whatever the model, so that
/// choosing one when the program runs costs nothing. A user's own rule is held as those of the library are;
/// aggregation_named() finds these by their names.
class AnyAggregation {
 public:
  AnyAggregation() : AnyAggregation(Sum{}) {}

  template <class A>
    requires(!std::same_as<A, AnyAggregation>) && Aggregation<A>
  AnyAggregation(A rule)  // NOLINT: implicit, as its user expects
      : name(rule.name), rule_(new Holding<A>(std::move(rule))) {}

  std::string_view name;  ///< of the rule it holds

  AggregationNeeds needs() const { return rule_->needs(); }

  template <Scalar S>
  AnyAggregationState<S> begin(const AggregatedTasks& tasks) const {
    if constexpr (std::same_as<S, float>)
      return rule_->begin_float(tasks);
    else
      return rule_->begin_double(tasks);
  }

 private:
  struct Held {
    virtual ~Held() = default;
    virtual AggregationNeeds needs() const = 0;
    virtual AnyAggregationState<float> begin_float(const AggregatedTasks& tasks) const = 0;
    virtual AnyAggregationState<double> begin_double(const AggregatedTasks& tasks) const = 0;
  };

  template <class A>
  struct Holding final : Held {
    explicit Holding(A held) : rule(std::move(held)) {}

    AggregationNeeds needs() const override { return rule.needs(); }
    AnyAggregationState<float> begin_float(const AggregatedTasks& tasks) const override { return begun<float>(tasks); }
    AnyAggregationState<double> begin_double(const AggregatedTasks& tasks) const override {
      return begun<double>(tasks);
    }

    template <Scalar S>
    AnyAggregationState<S> begun(const AggregatedTasks& tasks) const {
      if constexpr (requires { rule.begin(tasks); })
        return {rule.name, rule.begin(tasks)};
      else
        return {rule.name, rule.template begin<S>(tasks)};
    }

    A rule;
  };

  Cloned<const Held> rule_;
};

}  // namespace polytask
