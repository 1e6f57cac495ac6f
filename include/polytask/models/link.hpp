/// @file
/// What a link between tasks is: something between the sharing policy and the losses that makes one task's answer
/// depend on another's.
#pragma once

#include "polytask/core/name.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"
#include "polytask/losses/binary_cross_entropy.hpp"
#include "polytask/losses/focal.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <string>
#include <string_view>

namespace polytask {

/// One task of a link in a pass.
template <Scalar S>
struct LinkedTask {
  ConstColumns<S> representation;      ///< as the sharing policy left it
  Columns<S> representation_gradient;  ///< of the same; empty in prediction
  Columns<S> logits;                   ///< 1 x samples
  Columns<S> logit_gradient;           ///< 1 x samples; empty in prediction
  ConstColumns<S> labels;              ///< 1 x samples; empty in prediction
  ConstColumns<S> weights;             ///< 1 x samples, 0 where the label is missing; empty in prediction
};

/// What the stages of a link read and write. The chain's first tasks take part, as far as the last one with a label in
/// the batch (in prediction: that is asked for): an earlier task's answer does not depend on a later one's.
template <Scalar S>
struct LinkPass {
  ConstFlat<S> parameters;
  Flat<S> memory;  ///< memory_size(samples) numbers, kept from the first stage to the last
  Index samples;
  Span<const LinkedTask<S>> tasks;  ///< in the order of the chain
  Flat<S> parameter_gradient;       ///< added; empty in prediction
  Index batch_samples;              ///< of the whole batch, of which this may be a slice
  bool own_terms;                   ///< whether the link's own terms in the loss are taken along
};

/// The members a link must have. `tasks` names its chain, first what happens first. Segments are visited as (name,
/// place in the chain or shared_owner, rows, columns). The stages, in the order in which a step takes them:
///   forward_representations(pass)   if changes_representations: the heads then read representation(memory, ...)
///   forward_logits(pass)            may change the logits on which the tasks' losses are worked, and predictions
///   backward_logits(pass)           from the gradients of those logits to the gradients of what the heads put out;
///                                   gives the value of the link's own terms, already divided by the batch's samples
///   backward_representations(pass)  after the heads have written their representations' gradients: adds to those of
///                                   the sharing policy, or writes them if changes_representations
///
/// A link whose tasks' labels must agree with each other has, besides, check_labels(dataset, rows), which throws a
/// DataError if they do not; `rows` are the label rows of the chain's tasks.
template <class L>
concept Link =
    requires(const L& link, L& unconnected, Span<const Index> widths, Index count, const LinkPass<double>& pass,
             Flat<double> flat, Random& random, void (&visit)(const std::string&, Index, Index, Index)) {
      { L::name } -> std::convertible_to<std::string_view>;
      { L::tasks.size() } -> std::convertible_to<std::size_t>;
      { L::changes_representations } -> std::convertible_to<bool>;
      unconnected.connect(widths);  ///< of the representations along the chain
      link.parameters(visit);
      link.initialize(flat, random);
      { link.memory_size(count) } -> std::same_as<Index>;
      link.forward_logits(pass);
      { link.backward_logits(pass) } -> std::same_as<double>;
      { link.has_own_terms() } -> std::same_as<bool>;  ///< whether the link adds any to the loss
      link.backward_representations(pass);
    };

/// No task depends on another's answer.
struct NoLink {
  static constexpr std::string_view name = "none";
  static constexpr std::array<std::string_view, 0> tasks{};
  static constexpr bool changes_representations = false;

  void connect(Span<const Index>) {}
  template <class Visitor>
  void parameters(Visitor&&) const {}
  template <class Self, class Visitor>
  static void configuration(Self&, Visitor&&) {}
  template <Scalar S>
  void initialize(Flat<S>, Random&) const {}
  Index memory_size(Index) const { return 0; }
  bool has_own_terms() const { return false; }
  template <Scalar S>
  void forward_logits(const LinkPass<S>&) const {}
  template <Scalar S>
  double backward_logits(const LinkPass<S>&) const {
    return 0;
  }
  template <Scalar S>
  void backward_representations(const LinkPass<S>&) const {}
};

/// The `tasks` of a link along a chain, first what happens first.
template <Name... Chain>
consteval std::array<std::string_view, sizeof...(Chain)> link_chain() {
  static_assert(sizeof...(Chain) >= 2, "a link is a chain of at least two tasks");
  constexpr std::array<std::string_view, sizeof...(Chain)> names{Chain.view()...};
  static_assert(all_different(names), "a link names a task twice");
  return names;
}

/// Losses on one logit that says a probability: what the tasks of a link must have.
template <class LossType>
inline constexpr bool predicts_probability =
    std::same_as<LossType, BinaryCrossEntropy> || std::same_as<LossType, Focal>;

}  // namespace polytask
