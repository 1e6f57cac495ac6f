/// @file
/// Batch normalisation (Ioffe and Szegedy 2015).
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/layers/layer.hpp"

#include <cmath>

namespace polytask {

/// Each feature is brought to mean 0 and variance 1, then scaled and shifted by learned numbers: in training over the
/// batch, in prediction by running statistics, so that a prediction never depends on the batch it is made in.
///
/// A training batch of one sample has no variance: it is normalised by the running statistics and leaves them alone.
class BatchNormalization {
 public:
  static constexpr std::string_view name = "batch_normalization";
  static constexpr bool couples_samples = true;

  BatchNormalization() = default;

  /// @param pace how far the running statistics move towards those of each batch
  /// @throws ArgumentError unless 0 < pace <= 1
  explicit BatchNormalization(double pace) : pace_(pace) { check(); }

  Index connect(Index inputs) { return width_ = inputs; }
  Index inputs() const { return width_; }
  Index outputs() const { return width_; }
  Index memory_size(Index samples) const { return Memory<float>(Pieces<float>(nullptr), width_, samples).size; }

  template <class Visitor>
  void parameters(Visitor&& visit) const {
    visit("gain", width_, Index{1});
    visit("shift", width_, Index{1});
  }
  template <class Visitor>
  void statistics(Visitor&& visit) const {
    visit("mean", width_, Index{1});
    visit("variance", width_, Index{1});
  }
  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("pace", self.pace_);
    self.check();
  }

  template <Scalar S>
  void initialize(Flat<S> parameters, Flat<S> statistics, Random&) const {
    Pieces<S> pieces(parameters);
    pieces.flat(width_).setOnes();
    pieces.flat(width_).setZero();
    Pieces<S> running(statistics);
    running.flat(width_).setZero();
    running.flat(width_).setOnes();
  }

  template <Scalar S>
  void forward(const Forward<S>& pass) const {
    Pieces<const S> pieces(pass.parameters);
    const auto gain = pieces.flat(width_);
    const auto shift = pieces.flat(width_);
    Pieces<S> running(pass.statistics);
    auto mean = running.flat(width_);
    auto variance = running.flat(width_);
    const Index samples = pass.inputs.cols();
    Memory<S> memory(pass.memory, width_, samples);

    if (pass.training && samples > 1) {
      auto batch_mean = memory.first;
      auto batch_variance = memory.second;
      batch_mean = pass.inputs.rowwise().mean();
      batch_variance.setZero();
      for (Index sample = 0; sample < samples; ++sample)
        batch_variance.array() += (pass.inputs.col(sample) - batch_mean).array().square();
      batch_variance /= static_cast<S>(samples);
      memory.inverse.array() = (batch_variance.array() + S(epsilon)).rsqrt();
      for (Index sample = 0; sample < samples; ++sample)
        memory.normal.col(sample) = (pass.inputs.col(sample) - batch_mean).cwiseProduct(memory.inverse);
      mean += S(pace_) * (batch_mean - mean);
      // the running variance is the unbiased one
      variance += S(pace_) * (batch_variance * (S(samples) / S(samples - 1)) - variance);
    } else {
      memory.inverse.array() = (variance.array() + S(epsilon)).rsqrt();
      for (Index sample = 0; sample < samples; ++sample)
        memory.normal.col(sample) = (pass.inputs.col(sample) - mean).cwiseProduct(memory.inverse);
    }
    auto outputs = pass.outputs;
    for (Index sample = 0; sample < samples; ++sample)
      outputs.col(sample) = memory.normal.col(sample).cwiseProduct(gain) + shift;
  }

  template <Scalar S>
  void backward(const Backward<S>& pass) const {
    const auto gain = ConstFlat<S>(pass.parameters.data(), width_);
    const Index samples = pass.inputs.cols();
    Memory<S> memory(pass.memory, width_, samples);
    Pieces<S> gradients(pass.parameter_gradient);
    auto gain_gradient = gradients.flat(width_);
    auto shift_gradient = gradients.flat(width_);
    auto along = memory.first;   // sum over the batch of dL/dy n
    auto total = memory.second;  // sum over the batch of dL/dy
    along.setZero();
    total.setZero();
    for (Index sample = 0; sample < samples; ++sample) {
      along += pass.output_gradient.col(sample).cwiseProduct(memory.normal.col(sample));
      total += pass.output_gradient.col(sample);
    }
    if (pass.parameter_gradient.size() > 0) {
      gain_gradient += along;
      shift_gradient += total;
    }
    auto input_gradient = pass.input_gradient;
    if (input_gradient.size() == 0) return;
    const S share = samples > 1 ? S(1) / static_cast<S>(samples) : S(0);
    // dL/dx = gain / deviation (dL/dy - mean(dL/dy) - n mean(dL/dy n)); one sample alone: the statistics are constants
    for (Index sample = 0; sample < samples; ++sample)
      input_gradient.col(sample).array() = (pass.output_gradient.col(sample).array() - share * total.array() -
                                            memory.normal.col(sample).array() * (share * along.array())) *
                                           gain.array() * memory.inverse.array();
  }

 private:
  void check() const {
    require(pace_ > 0 && pace_ <= 1, "the pace of batch normalisation is more than 0 and at most 1, not ", pace_);
  }

  static constexpr double epsilon = 1e-5;

  template <Scalar S>
  struct Memory {
    Memory(Pieces<S> pieces, Index width, Index samples)
        : normal(pieces.matrix(width, samples)),
          inverse(pieces.flat(width)),
          first(pieces.flat(width)),
          second(pieces.flat(width)),
          size(pieces.size()) {}

    Columns<S> normal;
    Flat<S> inverse;
    Flat<S> first;   ///< scratch
    Flat<S> second;  ///< scratch
    Index size;
  };

  Index width_ = 0;
  double pace_ = 0.1;
};

inline BatchNormalization batch_normalization(double pace = 0.1) { return BatchNormalization(pace); }

}  // namespace polytask
