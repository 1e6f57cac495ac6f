/// @file
/// A gate: for each sample, in what shares several choices (experts) are mixed.
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/products.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/views.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace polytask {

/// shares = softmax(weights * inputs + bias), one number a choice and sample. A sparse gate keeps for each sample the
/// `top` largest logits and gives the other choices nothing (Shazeer et al. 2017, without noise).
class Gate {
 public:
  /// @param top choices that a sample may have; 0: all
  void connect(Index inputs, Index choices, Index top = 0) {
    require(choices > 0, "a gate needs something to choose from");
    require(top >= 0 && top <= choices, "a gate with ", choices, " choices cannot keep the ", top, " best");
    inputs_ = inputs;
    choices_ = choices;
    top_ = top == 0 ? choices : top;
  }

  Index choices() const { return choices_; }
  Index parameter_size() const { return piece_size(choices_ * inputs_) + piece_size(choices_); }

  /// The shares, and a gradient of them.
  Index memory_size(Index samples) const { return 2 * piece_size(choices_ * samples); }

  /// Visits the segments as (prefix + part, owner, rows, columns).
  template <class Visitor>
  void parameters(const std::string& prefix, Index owner, Visitor&& visit) const {
    visit(prefix + "weights", owner, choices_, inputs_);
    visit(prefix + "bias", owner, choices_, Index{1});
  }

  /// Small random weights and no bias: at first all choices have about the same share.
  template <Scalar S>
  void initialize(const Flat<S>& parameters, Random& random) const {
    Pieces<S> pieces(parameters);
    const double limit = std::sqrt(6.0 / static_cast<double>(inputs_ + choices_));
    for (S& weight : pieces.flat(choices_ * inputs_)) weight = static_cast<S>(random.uniform(-limit, limit));
    pieces.flat(choices_).setZero();
  }

  /// The shares of the last forward pass: choices x samples, each column sums to 1.
  template <Scalar S>
  ConstColumns<S> shares(const Flat<S>& memory, Index samples) const {
    return ConstColumns<S>(memory.data(), choices_, samples);
  }

  /// Where the gradient of the shares is to be written before backward(), which overwrites it.
  template <Scalar S>
  Columns<S> share_gradient(const Flat<S>& memory, Index samples) const {
    Pieces<S> pieces(memory);
    pieces.matrix(choices_, samples);
    return pieces.matrix(choices_, samples);
  }

  template <Scalar S>
  void forward(const ConstFlat<S>& parameters, const ConstColumns<S>& inputs, const Flat<S>& memory) const {
    Pieces<const S> pieces(parameters);
    const auto weights = pieces.matrix(choices_, inputs_);
    const auto bias = pieces.flat(choices_);
    Columns<S> shares = Pieces<S>(memory).matrix(choices_, inputs.cols());
    write_product(shares, factor(weights), factor(inputs), bias.data());
    if (top_ < choices_) keep_top<S>(shares);
    for (Index sample = 0; sample < shares.cols(); ++sample)
      shares.col(sample).array() -= shares.col(sample).maxCoeff();  // only differences count: no overflow
    shares.array() = shares.array().exp();
    for (S& share : numbers_of(shares))  // vectorised, the exponential of -infinity is tiny, not 0
      share = share < (std::numeric_limits<S>::min)() ? S(0) : share;
    for (Index sample = 0; sample < shares.cols(); ++sample) shares.col(sample) /= shares.col(sample).sum();
  }

  /// After forward(): leaves each choice out of a sample's mixture with the given probability and brings the other
  /// shares to the sum 1 again. That is the softmax of the other choices alone, and backward() is right for it. A
  /// sample that would be left with nothing keeps all of its shares.
  /// @param random gives choice c of sample s its place s * choices + c
  template <Scalar S>
  void leave_out(double probability, const Random& random, const Flat<S>& memory, Index samples) const {
    Columns<S> shares = Pieces<S>(memory).matrix(choices_, samples);
    const auto limit = static_cast<std::uint64_t>(probability * 0x1.0p53);
    for (Index sample = 0; sample < samples; ++sample) {
      const auto stays = [&](Index choice) {
        return random.at(static_cast<std::uint64_t>(sample * choices_ + choice)) >> 11 >= limit;
      };
      S sum = 0;
      for (Index choice = 0; choice < choices_; ++choice) sum += stays(choice) ? shares(choice, sample) : S(0);
      if (!(sum > 0)) continue;
      for (Index choice = 0; choice < choices_; ++choice)
        shares(choice, sample) = stays(choice) ? shares(choice, sample) / sum : S(0);
    }
  }

  /// From share_gradient() to the parameters' (added) and the inputs' (written; nothing when the view is empty).
  template <Scalar S>
  void backward(const ConstFlat<S>& parameters, const ConstColumns<S>& inputs, const Flat<S>& memory,
                const Flat<S>& parameter_gradient, const Columns<S>& input_gradient) const {
    const auto shares = this->shares(memory, inputs.cols());
    auto gradient = share_gradient(memory, inputs.cols());
    // dL/dz = s (dL/ds - s' dL/ds)
    for (Index sample = 0; sample < inputs.cols(); ++sample) {
      const S mean = shares.col(sample).dot(gradient.col(sample));
      gradient.col(sample).array() = shares.col(sample).array() * (gradient.col(sample).array() - mean);
    }
    Pieces<S> gradients(parameter_gradient);
    add_product(gradients.matrix(choices_, inputs_), factor(gradient), transposed(inputs));
    gradients.flat(choices_) += gradient.rowwise().sum();
    if (input_gradient.size() == 0) return;
    const auto weights = Pieces<const S>(parameters).matrix(choices_, inputs_);
    write_product(input_gradient, transposed(weights), factor(gradient));
  }

 private:
  template <Scalar S>
  void keep_top(Columns<S>& logits) const {
    for (Index sample = 0; sample < logits.cols(); ++sample) {
      auto column = logits.col(sample);
      // of equal logits the first are kept
      const auto before = [&](Index one, Index other) {
        return column[one] > column[other] || (column[one] == column[other] && one < other);
      };
      const auto kept = [&](Index choice) { return column[choice] != static_cast<S>(out); };
      Index count = 0;  // a logit that has overflowed may be out already
      for (Index choice = 0; choice < choices_; ++choice) count += kept(choice);
      for (; count > top_; --count) {
        Index last = -1;
        for (Index choice = 0; choice < choices_; ++choice)
          if (kept(choice) && (last < 0 || before(last, choice))) last = choice;
        column[last] = static_cast<S>(out);
      }
    }
  }

  static constexpr double out = -std::numeric_limits<double>::infinity();

  Index inputs_ = 0;
  Index choices_ = 0;
  Index top_ = 0;
};

/// target += source, each sample's column times its share of one choice.
template <Scalar S>
void add_share(const Columns<S>& target, const ConstColumns<S>& source, const ConstColumns<S>& shares, Index choice) {
  auto sum = target;
  for (Index sample = 0; sample < source.cols(); ++sample)
    sum.col(sample) += shares(choice, sample) * source.col(sample);
}

/// gradient(choice, sample) = dL/dshare, from the gradient of the mixture and what the choice put in.
template <Scalar S>
void share_gradient_of(const Columns<S>& gradient, Index choice, const ConstColumns<S>& source,
                       const ConstColumns<S>& mixture_gradient) {
  auto target = gradient;
  for (Index sample = 0; sample < source.cols(); ++sample)
    target(choice, sample) = source.col(sample).dot(mixture_gradient.col(sample));
}

}  // namespace polytask
