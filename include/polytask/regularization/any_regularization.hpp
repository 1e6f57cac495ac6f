/// @file
/// A regularization whatever its type.
#pragma once

#include "polytask/core/member_visitor.hpp"
#include "polytask/regularization/elementwise.hpp"
#include "polytask/regularization/matrix_penalty.hpp"

#include <concepts>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace polytask {

/// Any one regularization in a training run. Copying it copies what it remembers.
template <Scalar S>
class AnyRegularizationState {
 public:
  /// @param rule  its name, which must live as long as this: a literal
  template <class State>
  AnyRegularizationState(std::string_view rule, State state)
      : rule_(rule), held_(std::make_unique<Holding<State>>(std::move(state))) {}

  AnyRegularizationState(const AnyRegularizationState& other) : rule_(other.rule_), held_(other.held_->clone()) {}
  AnyRegularizationState(AnyRegularizationState&&) noexcept = default;
  AnyRegularizationState& operator=(AnyRegularizationState other) noexcept {
    rule_ = other.rule_;
    held_ = std::move(other.held_);
    return *this;
  }
  ~AnyRegularizationState() = default;

  /// The penalty at a model's parameters; embedding tables are left out.
  double value(const ConstFlat<S>& parameters) { return held_->value(parameters); }

  /// Adds the penalty's gradient to a step's, of what the step moves.
  void add_gradient(RegularizedNumbers<S> numbers) { held_->add_gradient(numbers); }

  /// The proximal step of the same numbers, after the optimizer's.
  void shrink(RegularizedNumbers<S> numbers, double rate) { held_->shrink(numbers, rate); }

  /// After a step: learns what is to be learnt.
  void learn(const ConstFlat<S>& parameters) { held_->learn(parameters); }

  /// The covariance of the tasks that it has learnt, tasks x tasks; none if it learns none.
  std::optional<Matrix<double>> relations() const { return held_->relations(); }

  /// @throws FileError when the visitor brings the state of another rule
  template <class Self, class Visitor>
    requires std::derived_from<std::remove_cvref_t<Visitor>, MemberVisitor>
  static void configuration(Self& self, Visitor&& visit) {
    std::string rule(self.rule_);
    visit("rule", rule);
    require<FileError>(rule == self.rule_, "the parameters were regularized by '", rule, "', the program has '",
                       self.rule_, "'");
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
    virtual double value(const ConstFlat<S>& parameters) = 0;
    virtual void add_gradient(RegularizedNumbers<S> numbers) = 0;
    virtual void shrink(RegularizedNumbers<S> numbers, double rate) = 0;
    virtual void learn(const ConstFlat<S>& parameters) = 0;
    virtual std::optional<Matrix<double>> relations() const = 0;
    virtual void visit(MemberVisitor& visitor) = 0;
  };

  template <class State>
  struct Holding final : Held {
    explicit Holding(State made) : state(std::move(made)) {}

    std::unique_ptr<Held> clone() const override { return std::make_unique<Holding>(state); }
    double value(const ConstFlat<S>& parameters) override { return state.value(parameters); }
    void add_gradient(RegularizedNumbers<S> numbers) override { state.add_gradient(numbers); }
    void shrink(RegularizedNumbers<S> numbers, double rate) override { state.shrink(numbers, rate); }
    void learn([[maybe_unused]] const ConstFlat<S>& parameters) override {
      if constexpr (requires { state.learn(parameters); }) state.learn(parameters);
    }
    std::optional<Matrix<double>> relations() const override {
      if constexpr (requires { state.relations(); })
        return state.relations();
      else
        return std::nullopt;
    }
    void visit([[maybe_unused]] MemberVisitor& visitor) override {
      if constexpr (requires { State::configuration(state, visitor); }) State::configuration(state, visitor);
    }

    State state;
  };

  std::string_view rule_;
  std::unique_ptr<Held> held_;
};

/// Holds any regularization, so that training is compiled once and not once a combination of them.
template <Scalar S>
class AnyRegularization {
 public:
  template <Regularization<S> R>
  explicit AnyRegularization(R regularization)
      : name(R::name),
        relates(MatrixRegularization<R>),
        held_(std::make_shared<const Held<R>>(std::move(regularization))) {}

  std::string_view name;
  bool relates;  ///< whether it ties numbers together, such as those of different tasks

  /// @throws ArgumentError when it relates what the model does not have: see ArrangedSegments
  AnyRegularizationState<S> begin(const RegularizedModel<S>& model) const { return held_->begin(model); }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual AnyRegularizationState<S> begin(const RegularizedModel<S>& model) const = 0;
  };
  template <class R>
  struct Held final : Base {
    explicit Held(R one) : regularization(std::move(one)) {}
    AnyRegularizationState<S> begin(const RegularizedModel<S>& model) const override {
      if constexpr (ElementwiseRegularization<R, S>)
        return {R::name, ElementwisePenalty<S, R>(regularization, model)};
      else
        return {R::name, MatrixPenalty<S, R>(regularization, model)};
    }
    R regularization;
  };

  std::shared_ptr<const Base> held_;  ///< shared by copies, as it does not change
};

}  // namespace polytask
