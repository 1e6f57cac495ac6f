/// @file
/// Hard parameter sharing (Caruana 1997): one network for all tasks.
#pragma once

#include "polytask/core/runs.hpp"
#include "polytask/core/span.hpp"
#include "polytask/sharing/separate.hpp"

#include <utility>

namespace polytask {

/// One network, shared by all tasks; every head reads its outputs. All of its parameters and all embeddings are shared.
template <Network N>
struct HardSharing : SharingDefaults {
  static constexpr std::string_view name = "hard";

  N network;

  HardSharing() = default;
  explicit HardSharing(N layers) : network(std::move(layers)) {}

  bool couples_samples() const { return N::couples_samples; }

  void connect(Index inputs, Span<const std::string_view> task_names) {
    network.connect(inputs);
    task_count_ = static_cast<Index>(task_names.size());
  }

  /// The single-task models of the same widths.
  Separate<N> baseline() const { return Separate<N>(network); }

  Index representation_width(Index) const { return network.outputs(); }

  /// The network's memory, its outputs, and a gradient of them for each task.
  Index memory_size(Index samples) const { return Places<float>(*this, Pieces<float>(nullptr), samples).size; }

  template <class Visitor>
  void parameters(Visitor&& visit) const {
    network.parameters([&](const std::string& part, Index rows, Index columns) {
      visit("shared/" + part, shared_owner, rows, columns);
    });
  }

  template <class Visitor>
  void statistics(Visitor&& visit) const {
    network.statistics([&](const std::string& part, Index rows, Index columns) {
      visit("shared/" + part, shared_owner, rows, columns);
    });
  }

  template <class Visitor>
  void last_shared_layers(Visitor&& visit) const {
    if (network.weights_layer() >= 0) visit("shared/" + std::to_string(network.weights_layer()));
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("network", self.network);
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Flat<S> statistics, Random& random) const {
    network.initialize(parameters, statistics, random);
  }

  template <Scalar S>
  ConstColumns<S> representation(const Flat<S>& memory, Index samples, Index) const {
    return read_only<S>(Places<S>(*this, memory, samples).outputs);
  }

  template <Scalar S>
  Columns<S> representation_gradient(const Flat<S>& memory, Index samples, Index task) const {
    Places<S> places(*this, memory, samples);
    return Columns<S>(places.gradients + task * representation_size(samples), network.outputs(), samples);
  }

  template <Scalar S>
  void forward(const SharingForward<S>& pass) const {
    Places<S> places(*this, pass.memory, pass.inputs.samples);
    network.forward(Forward<S>{pass.parameters, pass.inputs[0], places.outputs, places.network, pass.statistics,
                               pass.random, pass.training});
  }

  template <Scalar S>
  void backward(const SharingBackward<S>& pass) const {
    const Index samples = pass.inputs.samples;
    Places<S> places(*this, pass.memory, samples);
    // the gradients of all active tasks arrive at one place: their sum, in that of the first
    Index first = -1;
    for (Index task = 0; task < task_count_; ++task) {
      if (!pass.active[static_cast<std::size_t>(task)]) continue;
      if (first < 0)
        first = task;
      else
        add_run(network.outputs() * samples, representation_gradient(pass.memory, samples, task).data(),
                representation_gradient(pass.memory, samples, first).data());
    }
    if (first < 0) {
      if (pass.reach != Reach::last_layer)
        for (S& number : numbers_of(pass.input_gradient.write(0))) number = S(0);
      return;
    }
    network.backward(Backward<S>{pass.parameters, pass.inputs[0], read_only<S>(places.outputs),
                                 representation_gradient(pass.memory, samples, first), places.network,
                                 pass.parameter_gradient, pass.input_gradient.write(0)},
                     pass.reach);
  }

 private:
  Index representation_size(Index samples) const { return piece_size(network.outputs() * samples); }

  template <Scalar S>
  struct Places {
    Places(const HardSharing& sharing, Pieces<S> pieces, Index samples)
        : network(pieces.flat(sharing.network.memory_size(samples))),
          outputs(pieces.matrix(sharing.network.outputs(), samples)),
          gradients(pieces.flat(sharing.task_count_ * sharing.representation_size(samples)).data()),
          size(pieces.size()) {}

    Flat<S> network;
    Columns<S> outputs;
    S* gradients;  ///< of each task's representation
    Index size;
  };

  Index task_count_ = 0;
};

}  // namespace polytask
