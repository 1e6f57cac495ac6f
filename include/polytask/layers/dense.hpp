/// @file
/// The fully connected layer, with its activation.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/lanes.hpp"
#include "polytask/core/member_visitor.hpp"
#include "polytask/core/products.hpp"
#include "polytask/layers/activations.hpp"
#include "polytask/layers/layer.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace polytask {

/// outputs = activation(weights * inputs + bias), weights outputs x inputs.
template <class Activation>
class Dense {
 public:
  static constexpr std::string_view name = "dense";
  static constexpr bool couples_samples = false;

  Dense() = default;

  /// @throws ArgumentError when outputs is not positive
  explicit Dense(Index outputs, Initialization initialization = Initialization::by_activation)
      : outputs_(outputs), initialization_(initialization) {
    check();
  }

  Index connect(Index inputs) {
    inputs_ = inputs;
    return outputs_;
  }

  Index inputs() const { return inputs_; }
  Index outputs() const { return outputs_; }
  Index memory_size(Index samples) const { return Activation::keeps_input ? piece_size(outputs_ * samples) : 0; }

  template <class Visitor>
  void parameters(Visitor&& visit) const {
    visit("weights", outputs_, inputs_);
    visit("bias", outputs_, Index{1});
  }

  template <class Visitor>
  void statistics(Visitor&&) const {}

  /// The settings that a file keeps.
  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    std::string activation(Activation::name);
    visit("activation", activation);
    require(activation == Activation::name, "the file holds a dense layer with activation '", activation,
            "', the program expects '", Activation::name, "'");
    visit("outputs", self.outputs_);
    visit_choice(visit, "initialization", self.initialization_, initialization_names);
    self.check();
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Flat<S>, Random& random) const {
    Pieces<S> pieces(parameters);
    auto weights = pieces.matrix(outputs_, inputs_);
    const auto rule = initialization_ == Initialization::by_activation ? Activation::initialization : initialization_;
    if (rule == Initialization::he) {
      const double deviation = std::sqrt(2.0 / static_cast<double>(inputs_));
      for (S& weight : numbers_of(weights)) weight = static_cast<S>(random.normal(0, deviation));
    } else {
      const double limit = std::sqrt(6.0 / static_cast<double>(inputs_ + outputs_));
      for (S& weight : numbers_of(weights)) weight = static_cast<S>(random.uniform(-limit, limit));
    }
    std::fill_n(pieces.flat(outputs_).data(), outputs_, S(0));
  }

  template <Scalar S>
  void forward(const Forward<S>& pass) const {
    Pieces<const S> pieces(pass.parameters);
    const auto weights = pieces.matrix(outputs_, inputs_);
    const auto bias = pieces.flat(outputs_);
    auto outputs = pass.outputs;
    auto linear = Activation::keeps_input ? kept(pass.memory, outputs.cols()) : outputs;
    write_product(linear, factor(weights), factor(pass.inputs), bias.data());  // z = W x + b
    if constexpr (!std::same_as<Activation, Identity>)
      for_each_place<S>(
          outputs.size(), [ from = linear.data(), to = outputs.data() ](auto at)
                              __attribute__((always_inline)) { at.write(to, Activation::value(at.read(from))); });
  }

  template <Scalar S>
  void backward(const Backward<S>& pass) const {
    if constexpr (!std::same_as<Activation, Identity>) {
      Columns<S> gradient(pass.output_gradient);
      const S* known = pass.outputs.data();
      if constexpr (Activation::keeps_input) known = kept(pass.memory, gradient.cols()).data();
      // dL/dz = dL/da * a'(z), in place
      for_each_place<S>(
          gradient.size(), [ known, to = gradient.data() ](auto at) __attribute__((always_inline)) {
            at.write(to, at.read(to) * Activation::slope(at.read(known)));
          });
    }
    backward_from_linear(pass);
  }

  /// The gradient of the layer's inputs and parameters when `output_gradient` already is the gradient before the
  /// activation.
  template <Scalar S>
  void backward_from_linear(const Backward<S>& pass) const {
    const auto gradient = read_only<S>(pass.output_gradient);
    if (pass.parameter_gradient.size() > 0) add_parameter_gradient(pass);
    if (pass.input_gradient.size() > 0) {
      const auto weights = Pieces<const S>(pass.parameters).matrix(outputs_, inputs_);
      write_product(Columns<S>(pass.input_gradient), transposed(weights), factor(gradient));  // dL/dx = W' dL/dz
    }
  }

 private:
  void check() const { require(outputs_ > 0, "a dense layer needs at least one output, not ", outputs_); }

  template <Scalar S>
  void add_parameter_gradient(const Backward<S>& pass) const {
    const auto gradient = read_only<S>(pass.output_gradient);
    Pieces<S> gradients(pass.parameter_gradient);
    auto weight_gradient = gradients.matrix(outputs_, inputs_);
    auto bias_gradient = gradients.flat(outputs_);
    add_product(weight_gradient, factor(gradient), transposed(pass.inputs));  // dL/dW += dL/dz x'
    // dL/db += sum of dL/dz, as a product with ones
    constexpr Index most = 256;
    S ones[most];
    std::fill_n(ones, (std::min)(most, gradient.cols()), S(1));
    for (Index first = 0; first < gradient.cols(); first += most) {
      const Index count = (std::min)(most, gradient.cols() - first);
      add_product(Columns<S>(bias_gradient.data(), outputs_, 1),
                  Factor<S>{gradient.data() + first * outputs_, outputs_, count, 1, outputs_},
                  Factor<S>{ones, count, 1, 1, count});
    }
  }

  /// Where the input of the activation is kept.
  template <Scalar S>
  Columns<S> kept(const Flat<S>& memory, Index samples) const {
    return Pieces<S>(memory).matrix(outputs_, samples);
  }

  Index inputs_ = 0;
  Index outputs_ = 0;
  Initialization initialization_ = Initialization::by_activation;
};

/// A dense layer with its activation: `dense<Gelu>(64)`.
template <class Activation = Relu>
Dense<Activation> dense(Index outputs, Initialization initialization = Initialization::by_activation) {
  return Dense<Activation>(outputs, initialization);
}

}  // namespace polytask
