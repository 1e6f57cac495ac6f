/// @file
/// Several networks of one description, the towers or experts of a sharing policy.
#pragma once

#include "polytask/layers/sequence.hpp"
#include "polytask/sharing/sharing.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace polytask {

/// Networks of one description, each with parameters, running statistics and memory of its own. In every flat buffer
/// they lie one after the other.
template <Network N>
class Networks {
 public:
  void connect(const N& description, Index inputs, Index count) {
    network_ = description;
    network_.connect(inputs);
    count_ = count;
    parameter_size_ = polytask::parameter_size(network_);
    statistic_size_ = polytask::statistic_size(network_);
  }

  Index count() const { return count_; }
  Index inputs() const { return network_.inputs(); }
  Index outputs() const { return network_.outputs(); }
  Index parameter_size() const { return count_ * parameter_size_; }
  Index statistic_size() const { return count_ * statistic_size_; }
  Index memory_size(Index samples) const { return count_ * memory_of_one(samples); }

  /// Visits the segments of one network as (prefix + part, owner, rows, columns).
  template <class Visitor>
  void parameters(const std::string& prefix, Index owner, Visitor&& visit) const {
    network_.parameters([&](std::string_view part, Index rows, Index columns) {
      visit(prefix + std::string(part), owner, rows, columns);
    });
  }
  template <class Visitor>
  void statistics(const std::string& prefix, Index owner, Visitor&& visit) const {
    network_.statistics([&](std::string_view part, Index rows, Index columns) {
      visit(prefix + std::string(part), owner, rows, columns);
    });
  }

  /// Visits the name of the last layer with weights, if there is one.
  template <class Visitor>
  void last_layer(const std::string& prefix, Visitor&& visit) const {
    if (network_.weights_layer() >= 0) visit(prefix + std::to_string(network_.weights_layer()));
  }

  template <Scalar S>
  void initialize(const Flat<S>& parameters, const Flat<S>& statistics, Random& random) const {
    for (Index which = 0; which < count_; ++which)
      network_.initialize(part(parameters, which, parameter_size_), part(statistics, which, statistic_size_), random);
  }

  /// What a network put out in the last forward pass: outputs() x samples.
  template <Scalar S>
  ConstColumns<S> outputs(const Flat<S>& memory, Index samples, Index which) const {
    return read_only<S>(places_of(memory, samples, which).outputs);
  }

  /// Where the gradient of a network's outputs is to be written before backward(): outputs() x samples.
  template <Scalar S>
  Columns<S> gradient(const Flat<S>& memory, Index samples, Index which) const {
    return places_of(memory, samples, which).gradient;
  }

  /// Runs one network. All buffers are those of all networks.
  template <Scalar S>
  void forward(Index which, const ConstFlat<S>& parameters, const ConstColumns<S>& inputs, const Flat<S>& memory,
               const Flat<S>& statistics, const Random& random, bool training) const {
    auto places = places_of(memory, inputs.cols(), which);
    network_.forward(Forward<S>{part(parameters, which, parameter_size_), inputs, places.outputs, places.network,
                                part(statistics, which, statistic_size_),
                                random.stream(static_cast<std::uint64_t>(which)), training});
  }

  /// The way back through one network, from gradient().
  template <Scalar S>
  void backward(Index which, const ConstFlat<S>& parameters, const ConstColumns<S>& inputs, const Flat<S>& memory,
                const Flat<S>& parameter_gradient, const Columns<S>& input_gradient, Reach reach) const {
    auto places = places_of(memory, inputs.cols(), which);
    network_.backward(
        Backward<S>{part(parameters, which, parameter_size_), inputs, read_only<S>(places.outputs), places.gradient,
                    places.network, part(parameter_gradient, which, parameter_size_), input_gradient},
        reach);
  }

  /// The parameters of one network among those of all.
  template <class View>
  View parameters_of(const View& all, Index which) const {
    return part(all, which, parameter_size_);
  }

 private:
  Index memory_of_one(Index samples) const { return Places<float>(*this, Pieces<float>(nullptr), samples).size; }

  template <class View>
  static View part(const View& flat, Index which, Index size) {
    return slice(flat, which * size, size);
  }

  template <Scalar S>
  struct Places {
    Places(const Networks& networks, Pieces<S> pieces, Index samples)
        : network(pieces.flat(networks.network_.memory_size(samples))),
          outputs(pieces.matrix(networks.outputs(), samples)),
          gradient(pieces.matrix(networks.outputs(), samples)),
          size(pieces.size()) {}

    Flat<S> network;
    Columns<S> outputs;
    Columns<S> gradient;
    Index size;
  };

  template <Scalar S>
  Places<S> places_of(const Flat<S>& memory, Index samples, Index which) const {
    return {*this, part(memory, which, memory_of_one(samples)), samples};
  }

  N network_;
  Index count_ = 0;
  Index parameter_size_ = 0;
  Index statistic_size_ = 0;
};

/// Adds up the gradients that several readers of one matrix write, each over what was there before.
template <Scalar S>
class GradientSum {
 public:
  /// @param target  the sum; empty when it is not asked for
  /// @param scratch of the same size, for all readers but the first
  GradientSum(const Columns<S>& target, const Columns<S>& scratch) : target_(target), scratch_(scratch) {}

  /// Calls write(view) with the view to which the next reader is to write its gradient; the view is empty when nothing
  /// is asked for.
  template <class Write>
  void add(Write&& write) {
    if (target_.size() == 0 || readers_ == 0) {
      write(target_);
    } else {
      write(scratch_);
      target_ += scratch_;
    }
    ++readers_;
  }

  /// To be called at the end: without a reader the gradient is zero.
  void finish() {
    if (readers_ == 0 && target_.size() > 0) target_.setZero();
  }

 private:
  Columns<S> target_;
  Columns<S> scratch_;
  Index readers_ = 0;
};

}  // namespace polytask
