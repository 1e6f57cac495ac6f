/// @file
/// A regularization whatever its type.
#pragma once

#include "polytask/regularization/regularization.hpp"

#include <memory>
#include <string>
#include <utility>

namespace polytask {

/// Holds any regularization, so that training is compiled once and not once a combination of them.
template <Scalar S>
class AnyRegularization {
 public:
  template <Regularization<S> R>
  explicit AnyRegularization(R regularization)
      : segments(regularization.segments),
        has_gradient(PenaltyWithGradient<R, S>),
        has_shrinkage(PenaltyWithShrinkage<R, S>),
        held_(std::make_shared<const Held<R>>(std::move(regularization))) {}

  std::string segments;
  bool has_gradient;
  bool has_shrinkage;

  double value(ConstFlat<S> values) const { return held_->value(values); }
  void add_gradient(ConstFlat<S> values, Flat<S> gradient) const { held_->add_gradient(values, gradient); }
  void shrink(Flat<S> values, double rate) const { held_->shrink(values, rate); }

 private:
  struct Base {
    virtual ~Base() = default;
    virtual double value(ConstFlat<S> values) const = 0;
    virtual void add_gradient(ConstFlat<S> values, Flat<S> gradient) const = 0;
    virtual void shrink(Flat<S> values, double rate) const = 0;
  };
  template <class R>
  struct Held final : Base {
    explicit Held(R one) : regularization(std::move(one)) {}
    double value(ConstFlat<S> values) const override { return regularization.value(values); }
    void add_gradient([[maybe_unused]] ConstFlat<S> values, [[maybe_unused]] Flat<S> gradient) const override {
      if constexpr (PenaltyWithGradient<R, S>) regularization.add_gradient(values, gradient);
    }
    void shrink([[maybe_unused]] Flat<S> values, [[maybe_unused]] double rate) const override {
      if constexpr (PenaltyWithShrinkage<R, S>) regularization.shrink(values, rate);
    }
    R regularization;
  };

  std::shared_ptr<const Base> held_;
};

}  // namespace polytask
