/// @file
/// A classifier that tells from features which task a sample has a label of.
#pragma once

#include "polytask/layers/sequence.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>

namespace polytask {

/// softmax over the tasks of a linear layer, or of a network with one hidden tanh layer, and its cross-entropy. The
/// target of a sample with labels of m tasks is 1/m for each of them; a sample without a label counts nothing.
class TaskDiscriminator {
 public:
  /// @param width of the hidden layer; 0: none
  void connect(Index inputs, Index tasks, Index width) {
    tasks_ = tasks;
    width_ = width;
    linear_ = sequence(dense<Identity>(tasks));
    hidden_ = sequence(dense<Tanh>((std::max)(width, Index{1})), dense<Identity>(tasks));
    linear_.connect(inputs);
    hidden_.connect(inputs);
  }

  Index parameter_size() const {
    return with_network([](const auto& network) { return polytask::parameter_size(network); });
  }

  /// The network's memory, its logits, two gradients of them, and the cross-entropy.
  Index memory_size(Index samples) const { return Places<float>(*this, Pieces<float>(nullptr), samples).size; }

  /// Visits the segments as (prefix + part, owner, rows, columns).
  template <class Visitor>
  void parameters(const std::string& prefix, Index owner, Visitor&& visit) const {
    with_network([&](const auto& network) {
      network.parameters(
          [&](const std::string& part, Index rows, Index columns) { visit(prefix + part, owner, rows, columns); });
    });
  }

  template <Scalar S>
  void initialize(const Flat<S>& parameters, Random& random) const {
    with_network([&](const auto& network) { network.initialize(parameters, no_flat<S>(), random); });
  }

  /// @param membership    tasks x samples, 1 where the sample has a label of the task
  /// @param batch_samples what the sum over the samples at hand is divided by
  template <Scalar S>
  void forward(const ConstFlat<S>& parameters, const ConstColumns<S>& features, const ConstColumns<S>& membership,
               Index batch_samples, const Flat<S>& memory) const {
    Places<S> places(*this, memory, features.cols());
    with_network([&](const auto& network) {
      network.forward(Forward<S>{parameters, features, places.logits, places.network, no_flat<S>(), Random(), true});
    });
    auto& gradient = places.gradient;
    for (Index sample = 0; sample < features.cols(); ++sample)
      gradient.col(sample).array() = places.logits.col(sample).array() - places.logits.col(sample).maxCoeff();
    // With targets t and shares p = exp z / sum exp z: loss = log sum exp z - t' z, dloss/dz = p - t.
    double sum = 0;
    for (Index sample = 0; sample < features.cols(); ++sample)
      if (const S labels = membership.col(sample).sum(); labels > 0)
        sum -= static_cast<double>(membership.col(sample).dot(gradient.col(sample)) / labels);
    gradient.array() = gradient.array().exp();
    const S share = S(1) / static_cast<S>(batch_samples);
    for (Index sample = 0; sample < features.cols(); ++sample) {
      const S labels = membership.col(sample).sum();
      if (labels > 0) {
        const S total = gradient.col(sample).sum();
        sum += std::log(static_cast<double>(total));
        gradient.col(sample) = gradient.col(sample) * (share / total) - membership.col(sample) * (share / labels);
      } else {
        gradient.col(sample).setZero();
      }
    }
    places.cross_entropy[0] = static_cast<S>(sum / static_cast<double>(batch_samples));
  }

  /// The cross-entropy of the last forward pass: log(tasks) when nothing can be told apart.
  template <Scalar S>
  double cross_entropy(const Flat<S>& memory, Index samples) const {
    return static_cast<double>(Places<S>(*this, memory, samples).cross_entropy[0]);
  }

  /// The gradient of the cross-entropy. It may be called several times for one forward pass.
  /// @param parameter_gradient added; nothing when the view is empty
  /// @param feature_gradient   written; nothing when the view is empty
  template <Scalar S>
  void backward(const ConstFlat<S>& parameters, const ConstColumns<S>& features, const Flat<S>& memory,
                const Flat<S>& parameter_gradient, const Columns<S>& feature_gradient) const {
    Places<S> places(*this, memory, features.cols());
    places.scratch = places.gradient;  // a layer may write over the gradient that it is given
    with_network([&](const auto& network) {
      network.backward(Backward<S>{parameters, features, read_only<S>(places.logits), places.scratch, places.network,
                                   parameter_gradient, feature_gradient});
    });
  }

 private:
  using Linear = Sequence<Dense<Identity>>;
  using Hidden = Sequence<Dense<Tanh>, Dense<Identity>>;

  template <class Function>
  std::invoke_result_t<Function, const Linear&> with_network(Function&& function) const {
    return width_ == 0 ? function(linear_) : function(hidden_);
  }

  Index network_memory(Index samples) const {
    return with_network([&](const auto& network) { return network.memory_size(samples); });
  }

  template <Scalar S>
  struct Places {
    Places(const TaskDiscriminator& discriminator, Pieces<S> pieces, Index samples)
        : network(pieces.flat(discriminator.network_memory(samples))),
          logits(pieces.matrix(discriminator.tasks_, samples)),
          gradient(pieces.matrix(discriminator.tasks_, samples)),
          scratch(pieces.matrix(discriminator.tasks_, samples)),
          cross_entropy(pieces.flat(1)),
          size(pieces.size()) {}

    Flat<S> network;
    Columns<S> logits;
    Columns<S> gradient;  ///< of the logits
    Columns<S> scratch;   ///< a copy of it
    Flat<S> cross_entropy;
    Index size;
  };

  Index tasks_ = 0;
  Index width_ = 0;
  Linear linear_;
  Hidden hidden_;
};

}  // namespace polytask
