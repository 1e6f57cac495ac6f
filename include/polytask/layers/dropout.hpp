/// @file
/// Dropout (Srivastava et al. 2014), scaled in training so that prediction is the identity.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/layers/layer.hpp"

namespace polytask {

/// In training each number is zeroed with probability `rate`, the others divided by 1 - rate.
class Dropout {
 public:
  static constexpr std::string_view name = "dropout";
  static constexpr bool couples_samples = false;

  Dropout() = default;

  /// @throws ArgumentError unless 0 <= rate < 1
  explicit Dropout(double rate) : rate_(rate) { check(); }

  Index connect(Index inputs) { return width_ = inputs; }
  Index inputs() const { return width_; }
  Index outputs() const { return width_; }
  double rate() const { return rate_; }
  Index memory_size(Index samples) const { return piece_size(width_ * samples); }

  template <class Visitor>
  void parameters(Visitor&&) const {}
  template <class Visitor>
  void statistics(Visitor&&) const {}
  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("rate", self.rate_);
    self.check();
  }
  template <Scalar S>
  void initialize(Flat<S>, Flat<S>, Random&) const {}

  template <Scalar S>
  void forward(const Forward<S>& pass) const {
    auto outputs = pass.outputs;
    if (!pass.training) {
      outputs = pass.inputs;
      return;
    }
    S* const factors = Pieces<S>(pass.memory).flat(pass.inputs.size()).data();
    const Index count = pass.inputs.size();
    const auto kept = static_cast<S>(1 / (1 - rate_));
    // one 64-bit number serves two places, 32 bits each
    const auto threshold = static_cast<std::uint32_t>(rate_ * 0x1.0p32);
    for (Index place = 0; place < count; place += 2) {
      const std::uint64_t bits = pass.random.at(static_cast<std::uint64_t>(place / 2));
      factors[place] = static_cast<std::uint32_t>(bits) < threshold ? S(0) : kept;
      if (place + 1 < count) factors[place + 1] = static_cast<std::uint32_t>(bits >> 32) < threshold ? S(0) : kept;
    }
    outputs.array() = pass.inputs.array() * mask(pass).array();
  }

  template <Scalar S>
  void backward(const Backward<S>& pass) const {
    if (pass.input_gradient.size() == 0) return;
    auto input_gradient = pass.input_gradient;
    input_gradient.array() = pass.output_gradient.array() * mask(pass).array();
  }

 private:
  void check() const {
    require(rate_ >= 0 && rate_ < 1, "the rate of dropout is at least 0 and less than 1, not ", rate_);
  }

  template <class Pass>
  static auto mask(const Pass& pass) {
    using S = typename decltype(pass.memory)::Scalar;
    return ConstColumns<S>(pass.memory.data(), pass.inputs.rows(), pass.inputs.cols());
  }

  Index width_ = 0;
  double rate_ = 0;
};

inline Dropout dropout(double rate) { return Dropout(rate); }

}  // namespace polytask
