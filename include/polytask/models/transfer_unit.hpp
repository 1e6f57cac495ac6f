/// @file
/// The unit by which a task takes up what the task before it in a chain knows (AITM).
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/core/products.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/views.hpp"
#include "polytask/layers/dense.hpp"
#include "polytask/losses/sigmoid.hpp"

#include <cmath>
#include <string>
#include <string_view>
#include <type_traits>

namespace polytask {

/// The unit that mixes what comes from the step before, z, with a step's own representation q, all of width d:
///   p = relu(G z + g)                                   the transfer layer
///   y = sum over u in {p, q} of w_u A u,  w = softmax over u of <B u, C u> / sqrt(d)
/// with d x d matrices A (values), B (queries) and C (keys) without bias.
class TransferUnit {
 public:
  explicit TransferUnit(Index width) : width_(width), transfer_(width) { transfer_.connect(width); }

  Index parameter_size() const { return polytask::parameter_size(transfer_) + 3 * piece_size(width_ * width_); }

  /// The layer's memory, p, the three products of p and of q, shares, and gradients.
  Index memory_size(Index samples) const { return Places<float>(*this, Pieces<float>(nullptr), samples).size; }

  /// Visits the segments as (prefix + part, owner, rows, columns).
  template <class Visitor>
  void parameters(const std::string& prefix, Index owner, Visitor&& visit) const {
    transfer_.parameters([&](std::string_view part, Index rows, Index columns) {
      visit(prefix + "transfer/" + std::string(part), owner, rows, columns);
    });
    for (const char* part : {"values/weights", "queries/weights", "keys/weights"})
      visit(prefix + part, owner, width_, width_);
  }

  template <Scalar S>
  void initialize(const Flat<S>& parameters, Random& random) const {
    transfer_.initialize(parameters, no_flat<S>(), random);
    const double limit = std::sqrt(3.0 / static_cast<double>(width_));
    Pieces<S> pieces(parameters);
    pieces.flat(polytask::parameter_size(transfer_));
    for (int matrix = 0; matrix < 3; ++matrix)
      for (S& weight : pieces.flat(width_ * width_)) weight = static_cast<S>(random.uniform(-limit, limit));
  }

  template <Scalar S>
  void forward(const ConstFlat<S>& parameters, const ConstColumns<S>& before, const ConstColumns<S>& own,
               const Flat<S>& memory, const Columns<S>& outputs) const {
    Places<S> places(*this, memory, before.cols());
    const Matrices<S> matrices(*this, parameters);
    transfer_.forward(
        Forward<S>{matrices.transfer, before, places.transferred, places.layer, no_flat<S>(), Random(), true});
    places.p.forward(matrices, read_only<S>(places.transferred));
    places.q.forward(matrices, own);
    const S root = std::sqrt(static_cast<S>(width_));
    for (Index sample = 0; sample < before.cols(); ++sample)
      places.p_share[sample] = (places.p.score(sample) - places.q.score(sample)) / root;
    places.q_share.array() = sigmoid(-places.p_share.array());  // a softmax of two, each from the difference
    places.p_share.array() = sigmoid(places.p_share.array());
    auto mixture = outputs;
    for (Index sample = 0; sample < before.cols(); ++sample)
      mixture.col(sample) =
          places.p_share[sample] * places.p.values.col(sample) + places.q_share[sample] * places.q.values.col(sample);
  }

  /// @param before_gradient added
  /// @param own_gradient    written
  template <Scalar S>
  void backward(const ConstFlat<S>& parameters, const ConstColumns<S>& before, const ConstColumns<S>& own,
                const Flat<S>& memory, const ConstColumns<S>& gradient, const Flat<S>& parameter_gradient,
                const Columns<S>& before_gradient, const Columns<S>& own_gradient) const {
    Places<S> places(*this, memory, before.cols());
    const Matrices<S> matrices(*this, parameters);
    const Matrices<S, S> gradients(*this, parameter_gradient);
    // With scores s and their difference t = s_p - s_q: dL/dt = w_p w_q <dL/dy, A p - A q>, dL/ds_p = dL/dt = -dL/ds_q
    const S root = std::sqrt(static_cast<S>(width_));
    for (Index sample = 0; sample < before.cols(); ++sample)
      places.slope[sample] = places.p_share[sample] * places.q_share[sample] / root *
                             gradient.col(sample).dot(places.p.values.col(sample) - places.q.values.col(sample));
    const auto back = [&](const auto& side, const ConstColumns<S>& inputs, const Flat<S>& shares, S sign,
                          const Columns<S>& input_gradient) {
      for (Index sample = 0; sample < inputs.cols(); ++sample) {
        places.value_gradient.col(sample) = shares[sample] * gradient.col(sample);
        places.query_gradient.col(sample) = sign * places.slope[sample] * side.keys.col(sample);
        places.key_gradient.col(sample) = sign * places.slope[sample] * side.queries.col(sample);
      }
      write_product(input_gradient, transposed(matrices.values), factor(places.value_gradient));
      add_product(input_gradient, transposed(matrices.queries), factor(places.query_gradient));
      add_product(input_gradient, transposed(matrices.keys), factor(places.key_gradient));
      add_product(gradients.values, factor(places.value_gradient), transposed(inputs));
      add_product(gradients.queries, factor(places.query_gradient), transposed(inputs));
      add_product(gradients.keys, factor(places.key_gradient), transposed(inputs));
    };
    back(places.q, own, places.q_share, S(-1), own_gradient);
    back(places.p, read_only<S>(places.transferred), places.p_share, S(1), places.transfer_gradient);
    transfer_.backward(Backward<S>{matrices.transfer, before, read_only<S>(places.transferred),
                                   places.transfer_gradient, places.layer, gradients.transfer, places.value_gradient});
    auto target = before_gradient;
    target += places.value_gradient;
  }

 private:
  /// The parameters, or their gradients.
  template <Scalar S, class Element = const S>
  struct Matrices {
    static constexpr bool writable = !std::is_const_v<Element>;
    using FlatView = std::conditional_t<writable, Flat<S>, ConstFlat<S>>;
    using View = std::conditional_t<writable, Columns<S>, ConstColumns<S>>;

    Matrices(const TransferUnit& unit, Pieces<Element> pieces)
        : transfer(pieces.flat(polytask::parameter_size(unit.transfer_))),
          values(pieces.matrix(unit.width_, unit.width_)),
          queries(pieces.matrix(unit.width_, unit.width_)),
          keys(pieces.matrix(unit.width_, unit.width_)) {}

    FlatView transfer;
    View values;
    View queries;
    View keys;
  };

  /// A u, B u and C u for one of the two u.
  template <Scalar S>
  struct Side {
    Side(Pieces<S>& pieces, Index width, Index samples)
        : values(pieces.matrix(width, samples)),
          queries(pieces.matrix(width, samples)),
          keys(pieces.matrix(width, samples)) {}

    void forward(const Matrices<S>& matrices, const ConstColumns<S>& inputs) {
      write_product(values, factor(matrices.values), factor(inputs));
      write_product(queries, factor(matrices.queries), factor(inputs));
      write_product(keys, factor(matrices.keys), factor(inputs));
    }
    S score(Index sample) const { return queries.col(sample).dot(keys.col(sample)); }

    Columns<S> values;
    Columns<S> queries;
    Columns<S> keys;
  };

  template <Scalar S>
  struct Places {
    Places(const TransferUnit& unit, Pieces<S> pieces, Index samples)
        : layer(pieces.flat(unit.transfer_.memory_size(samples))),
          transferred(pieces.matrix(unit.width_, samples)),
          p(pieces, unit.width_, samples),
          q(pieces, unit.width_, samples),
          p_share(pieces.flat(samples)),
          q_share(pieces.flat(samples)),
          slope(pieces.flat(samples)),
          value_gradient(pieces.matrix(unit.width_, samples)),
          query_gradient(pieces.matrix(unit.width_, samples)),
          key_gradient(pieces.matrix(unit.width_, samples)),
          transfer_gradient(pieces.matrix(unit.width_, samples)),
          size(pieces.size()) {}

    Flat<S> layer;
    Columns<S> transferred;
    Side<S> p;
    Side<S> q;
    Flat<S> p_share;
    Flat<S> q_share;
    Flat<S> slope;
    Columns<S> value_gradient;
    Columns<S> query_gradient;
    Columns<S> key_gradient;
    Columns<S> transfer_gradient;
    Index size;
  };

  Index width_;
  Dense<Relu> transfer_;
};

}  // namespace polytask
