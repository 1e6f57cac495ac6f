/// @file
/// Layers one after the other; itself a layer.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/layers/dense.hpp"
#include "polytask/layers/layer.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <tuple>
#include <utility>

namespace polytask {

/// The name of a part of one layer in a sequence: "0/weights".
inline std::string segment_name(std::size_t layer, std::string_view part) {
  return std::to_string(layer) + "/" + std::string(part);
}

/// Layers one after the other: sequence(dense<Relu>(64), dropout(0.1), dense<Relu>(32)). Widths are inferred down the
/// chain. Without a layer it passes its inputs on.
///
/// Its memory holds, for each layer, what that layer keeps and (but for the last) what it puts out, then two blocks as
/// wide as the widest layer in which gradients go back and forth.
template <class... Layers>
class Sequence {
 public:
  static constexpr std::string_view name = "sequence";
  static constexpr std::size_t layer_count = sizeof...(Layers);
  static constexpr bool couples_samples = (Layers::couples_samples || ...);

  Sequence() = default;
  explicit Sequence(Layers... layers)
    requires(layer_count > 0)
      : layers_(std::move(layers)...) {}

  Index connect(Index inputs) {
    inputs_ = inputs;
    outputs_ = inputs;
    widest_ = 0;
    weights_layer_ = -1;
    each([&]<std::size_t I>() {
      auto& layer = std::get<I>(layers_);
      outputs_ = layer.connect(outputs_);
      layer.parameters([&](std::string_view part, Index, Index) {
        if (part == "weights") weights_layer_ = static_cast<Index>(I);
      });
      widest_ = (std::max)(widest_, outputs_);
      parameter_offsets_[I + 1] = parameter_offsets_[I] + parameter_size(layer);
      statistic_offsets_[I + 1] = statistic_offsets_[I] + statistic_size(layer);
    });
    return outputs_;
  }

  Index inputs() const { return inputs_; }
  Index outputs() const { return outputs_; }

  Index memory_size(Index samples) const {
    Index size = 2 * piece_size(widest_ * samples);
    each([&]<std::size_t I>() {
      const auto& layer = std::get<I>(layers_);
      size += layer.memory_size(samples);
      if (I + 1 < layer_count) size += piece_size(layer.outputs() * samples);
    });
    return size;
  }

  template <std::size_t I>
  const auto& layer() const {
    return std::get<I>(layers_);
  }
  template <std::size_t I>
  auto& layer() {
    return std::get<I>(layers_);
  }

  /// The last layer that has weights; -1 when none has.
  Index weights_layer() const { return weights_layer_; }

  /// The same layers and one more behind them; to be connected anew.
  template <Layer L>
  Sequence<Layers..., L> append(L last) const {
    return std::apply([&](const auto&... layers) { return Sequence<Layers..., L>(layers..., std::move(last)); },
                      layers_);
  }

  template <class Visitor>
  void parameters(Visitor&& visit) const {
    each([&]<std::size_t I>() {
      std::get<I>(layers_).parameters(
          [&](std::string_view part, Index rows, Index columns) { visit(segment_name(I, part), rows, columns); });
    });
  }

  template <class Visitor>
  void statistics(Visitor&& visit) const {
    each([&]<std::size_t I>() {
      std::get<I>(layers_).statistics(
          [&](std::string_view part, Index rows, Index columns) { visit(segment_name(I, part), rows, columns); });
    });
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    self.each([&]<std::size_t I>() { visit(std::to_string(I), std::get<I>(self.layers_)); });
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Flat<S> statistics, Random& random) const {
    each([&]<std::size_t I>() {
      std::get<I>(layers_).initialize(part<I>(parameters, parameter_offsets_), part<I>(statistics, statistic_offsets_),
                                      random);
    });
  }

  template <Scalar S>
  void forward(const Forward<S>& pass) const {
    if constexpr (layer_count == 0) {
      auto outputs = pass.outputs;
      outputs = pass.inputs;
    } else {
      Places<S> places(*this, pass.memory, pass.inputs.cols());
      each([&]<std::size_t I>() {
        std::get<I>(layers_).forward(Forward<S>{
            part<I>(pass.parameters, parameter_offsets_),
            I == 0 ? pass.inputs : view(std::get<I>(layers_).inputs(), places.outputs[I - (I > 0)], pass.inputs.cols()),
            last<I>() ? pass.outputs : view_of(std::get<I>(layers_).outputs(), places.outputs[I], pass.inputs.cols()),
            Flat<S>(places.memory[I], places.memory_size[I]), part<I>(pass.statistics, statistic_offsets_),
            pass.random.stream(I), pass.training});
      });
    }
  }

  /// @param reach with Reach::last_layer `output_gradient` is left as it is and no input gradient is written
  template <Scalar S>
  void backward(const Backward<S>& pass, Reach reach = Reach::whole) const {
    if constexpr (layer_count == 0) {
      if (reach == Reach::last_layer || pass.input_gradient.size() == 0) return;
      auto input_gradient = pass.input_gradient;
      input_gradient = pass.output_gradient;
    } else {
      if (reach != Reach::last_layer || weights_layer_ >= 0) backward_layers(pass, reach);
    }
  }

 private:
  static_assert((Layer<Layers> && ...), "every part of a sequence must be a layer: see layers/layer.hpp");

  template <std::size_t I>
  static constexpr bool last() {
    return I + 1 == layer_count;
  }

  template <class Function>
  static void each(Function&& function) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (function.template operator()<I>(), ...);
    }(std::index_sequence_for<Layers...>{});
  }

  /// Where each layer's memory and outputs, and the two blocks for gradients, lie in the memory of one pass.
  template <Scalar S>
  struct Places {
    Places(const Sequence& sequence, const Flat<S>& flat, Index samples) {
      S* next = Pieces<S>(flat).flat(0).data();
      each([&]<std::size_t I>() {
        const auto& layer = std::get<I>(sequence.layers_);
        memory[I] = next;
        memory_size[I] = layer.memory_size(samples);
        next += memory_size[I];
        outputs[I] = next;
        if (!last<I>()) next += piece_size(layer.outputs() * samples);
      });
      gradients[0] = next;
      gradients[1] = next + piece_size(sequence.widest_ * samples);
    }

    std::array<S*, layer_count> memory;
    std::array<Index, layer_count> memory_size;
    std::array<S*, layer_count> outputs;
    std::array<S*, 2> gradients;
  };

  template <Scalar S>
  static ConstColumns<S> view(Index rows, S* data, Index samples) {
    return ConstColumns<S>(data, rows, samples);
  }
  template <Scalar S>
  static Columns<S> view_of(Index rows, S* data, Index samples) {
    return Columns<S>(data, rows, samples);
  }

  template <std::size_t I, class View>
  View part(const View& flat, const std::array<Index, layer_count + 1>& offsets) const {
    if (flat.size() == 0) return View(nullptr, 0);
    return slice(flat, offsets[I], offsets[I + 1] - offsets[I]);
  }

  template <Scalar S>
  void backward_layers(const Backward<S>& pass, Reach reach) const {
    Places<S> places(*this, pass.memory, pass.inputs.cols());
    const Index samples = pass.inputs.cols();
    S* arriving = nullptr;  // the gradient of the outputs of the layer at hand; null: pass.output_gradient
    if (reach == Reach::last_layer) {
      arriving = places.gradients[layer_count % 2];
      Columns<S>(arriving, outputs_, samples) = pass.output_gradient;
    }
    [&]<std::size_t... Reversed>(std::index_sequence<Reversed...>) {
      (
          [&] {
            constexpr std::size_t I = layer_count - 1 - Reversed;
            const auto& layer = std::get<I>(layers_);
            S* const leaving = places.gradients[I % 2];
            const bool of_interest = static_cast<Index>(I) == weights_layer_;
            if (reach == Reach::last_layer && static_cast<Index>(I) < weights_layer_) return;
            const bool parameters_wanted = reach == Reach::whole || (reach == Reach::last_layer) == of_interest;
            const bool inputs_wanted = reach != Reach::last_layer || !of_interest;
            layer.backward(
                Backward<S>{part<I>(pass.parameters, parameter_offsets_),
                            I == 0 ? pass.inputs : view(layer.inputs(), places.outputs[I - (I > 0)], samples),
                            last<I>() ? pass.outputs : view(layer.outputs(), places.outputs[I], samples),
                            arriving == nullptr ? pass.output_gradient : view_of(layer.outputs(), arriving, samples),
                            Flat<S>(places.memory[I], places.memory_size[I]),
                            parameters_wanted ? part<I>(pass.parameter_gradient, parameter_offsets_) : no_flat<S>(),
                            !inputs_wanted ? no_columns<S>()
                            : I == 0       ? pass.input_gradient
                                           : view_of(layer.inputs(), leaving, samples)});
            arriving = leaving;
          }(),
          ...);
    }(std::index_sequence_for<Layers...>{});
  }

  std::tuple<Layers...> layers_;
  Index inputs_ = 0;
  Index outputs_ = 0;
  Index widest_ = 0;
  Index weights_layer_ = -1;
  std::array<Index, layer_count + 1> parameter_offsets_{};
  std::array<Index, layer_count + 1> statistic_offsets_{};
};

/// A layer that also takes the way back in parts, as sharing policies ask of the networks they are given: a Sequence.
template <class N>
concept Network = Layer<N> && requires(const N& network, const Backward<double>& pass) {
  network.backward(pass, Reach::last_layer);
  { network.weights_layer() } -> std::same_as<Index>;
};

/// Layers one after the other, in the order given.
template <class... Layers>
Sequence<Layers...> sequence(Layers... layers) {
  return Sequence<Layers...>(std::move(layers)...);
}

/// Dense layers of the given widths with one activation: mlp({128, 64}), mlp<Gelu>({64}).
/// @throws ArgumentError when a width is not positive
template <class Activation = Relu, std::size_t Depth>
auto mlp(const Index (&widths)[Depth]) {
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return sequence(dense<Activation>(widths[I])...);
  }(std::make_index_sequence<Depth>{});
}

}  // namespace polytask
