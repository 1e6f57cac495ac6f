/// @file
/// A regularization whatever its type.
#pragma once

#include "polytask/core/any_state.hpp"
#include "polytask/regularization/elementwise.hpp"
#include "polytask/regularization/matrix_penalty.hpp"

#include <string_view>
#include <utility>

namespace polytask {

/// A regularization in a training run, whatever its type.
template <Scalar S>
struct HeldRegularizationState {
  static constexpr std::string_view held_by = "the parameters were regularized by";

  virtual ~HeldRegularizationState() = default;
  virtual double value(const ConstFlat<S>& parameters) = 0;
  virtual void add_gradient(RegularizedNumbers<S> numbers) = 0;
  virtual void shrink(RegularizedNumbers<S> numbers, double rate) = 0;
  virtual void learn(const ConstFlat<S>& parameters) = 0;
  virtual const Matrix<double>* relations() const = 0;
  virtual void visit(MemberVisitor& visitor) = 0;
};

/// Any one regularization in a training run. Copying it copies what it remembers.
template <Scalar S>
class AnyRegularizationState : public AnyState<HeldRegularizationState<S>> {
 public:
  /// @param rule  its name, which must live as long as this: a literal
  template <class State>
  AnyRegularizationState(std::string_view rule, State state)
      : AnyState<HeldRegularizationState<S>>(rule, new Holding<State>(std::move(state))) {}

  /// The penalty at a model's parameters; embedding tables are left out.
  double value(const ConstFlat<S>& parameters) { return this->held().value(parameters); }

  /// Adds the penalty's gradient to a step's, of what the step moves.
  void add_gradient(RegularizedNumbers<S> numbers) { this->held().add_gradient(numbers); }

  /// The proximal step of the same numbers, after the optimizer's.
  void shrink(RegularizedNumbers<S> numbers, double rate) { this->held().shrink(numbers, rate); }

  /// After a step: learns what is to be learnt.
  void learn(const ConstFlat<S>& parameters) { this->held().learn(parameters); }

  /// The covariance of the tasks that it has learnt, tasks x tasks; null if it learns none.
  const Matrix<double>* relations() const { return this->held().relations(); }

 private:
  template <class State>
  struct Holding final : HeldRegularizationState<S> {
    explicit Holding(State made) : state(std::move(made)) {}

    double value(const ConstFlat<S>& parameters) override { return state.value(parameters); }
    void add_gradient(RegularizedNumbers<S> numbers) override { state.add_gradient(numbers); }
    void shrink(RegularizedNumbers<S> numbers, double rate) override { state.shrink(numbers, rate); }
    void learn([[maybe_unused]] const ConstFlat<S>& parameters) override {
      if constexpr (requires { state.learn(parameters); }) state.learn(parameters);
    }
    const Matrix<double>* relations() const override {
      if constexpr (requires { state.relations(); })
        return state.relations();
      else
        return nullptr;
    }
    void visit([[maybe_unused]] MemberVisitor& visitor) override {
      if constexpr (requires { State::configuration(state, visitor); }) State::configuration(state, visitor);
    }

    State state;
  };
};

/// Holds any regularization, so that training is compiled once and not once a combination of them.
template <Scalar S>
class AnyRegularization {
 public:
  template <Regularization<S> R>
  explicit AnyRegularization(R regularization)
      : name(R::name), relates(MatrixRegularization<R>), held_(new Holding<R>(std::move(regularization))) {}

  std::string_view name;
  bool relates;  ///< whether it ties numbers together, such as those of different tasks

  /// @throws ArgumentError when it relates what the model does not have: see ArrangedSegments
  AnyRegularizationState<S> begin(const RegularizedModel<S>& model) const { return held_->begin(model); }

 private:
  struct Held {
    virtual ~Held() = default;
    virtual AnyRegularizationState<S> begin(const RegularizedModel<S>& model) const = 0;
  };
  template <class R>
  struct Holding final : Held {
    explicit Holding(R one) : regularization(std::move(one)) {}
    AnyRegularizationState<S> begin(const RegularizedModel<S>& model) const override {
      if constexpr (ElementwiseRegularization<R, S>)
        return {R::name, ElementwisePenalty<S, R>(regularization, model)};
      else
        return {R::name, MatrixPenalty<S, R>(regularization, model)};
    }
    R regularization;
  };

  Cloned<const Held> held_;
};

}  // namespace polytask
