/// @file
/// An optimizer whatever its type.
#pragma once

#include "polytask/core/cloned.hpp"
#include "polytask/optimizers/optimizer.hpp"

#include <concepts>
#include <string_view>
#include <utility>

namespace polytask {

/// Holds any optimizer. Training is written for this class, so that it is compiled once and not once an optimizer; a
/// step looks up the rule once a run of parameters.
template <Scalar S>
class AnyOptimizer {
 public:
  /// @throws ArgumentError naming the setting that is out of range
  template <Optimizer<S> O>
  explicit AnyOptimizer(O optimizer)
      : name(O::name),
        memory_per_parameter(O::memory_per_parameter),
        rate(optimizer.rate),
        held_(new Holding<O>(std::move(optimizer))) {}

  std::string_view name;
  int memory_per_parameter;
  double rate;

  void update(const Update<S>& update) const { held_->update(update); }

 private:
  struct Held {
    virtual ~Held() = default;
    virtual void update(const Update<S>& update) const = 0;
  };
  template <class O>
  struct Holding final : Held {
    explicit Holding(O one) : optimizer(std::move(one)) {
      if constexpr (requires { optimizer.check(); }) optimizer.check();
    }
    void update(const Update<S>& update) const override { optimizer.update(update); }
    O optimizer;
  };

  Cloned<const Held> held_;
};

}  // namespace polytask
