/// @file
/// What a sharing policy is: the part of a model between its inputs and the heads of its tasks. It alone says which
/// parameters the tasks share.
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/core/parameters.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"
#include "polytask/layers/layer.hpp"

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// The inputs of a batch. Where embeddings are not the same for all readers there are several copies; otherwise all
/// copies are the same matrix.
template <Scalar S>
struct Inputs {
  S* data;
  Index rows;
  Index samples;
  Index stride;  ///< from one copy to the next; 0 when all copies are the same matrix

  ConstColumns<S> operator[](Index copy) const { return ConstColumns<S>(data + copy * stride, rows, samples); }

  /// The copy to write to; empty when nothing is asked for.
  Columns<S> write(Index copy) const {
    return data == nullptr ? no_columns<S>() : Columns<S>(data + copy * stride, rows, samples);
  }
};

/// One byte a task: whether the task takes part in this batch (it has a label there).
using ActiveTasks = Span<const std::uint8_t>;

inline bool any_active(ActiveTasks active) {
  return std::any_of(active.begin(), active.end(), [](std::uint8_t one) { return one != 0; });
}

/// What a forward pass reads and writes. Afterwards representation(memory, samples, task) is what the task's head
/// reads.
template <Scalar S>
struct SharingForward {
  ConstFlat<S> parameters;
  Inputs<S> inputs;
  ActiveTasks active;  ///< representations of other tasks need not be computed, and move no statistics
  Flat<S> memory;      ///< memory_size(samples) numbers
  Flat<S> statistics;
  Random random;
  bool training;
  Index batch_samples;         ///< in training: samples of the whole batch, of which the inputs may be a slice
  ConstColumns<S> membership;  ///< in training, if the policy needs it: tasks x samples, 1 where the sample has a label
};

/// What a backward pass reads and writes. Before it, each active task's head has written
/// representation_gradient(memory, samples, task). It may be called several times for one forward pass. The gradients
/// of the tasks that were active may be overwritten, and the heads write them again before the next call with these
/// tasks; those of other tasks stay as they are. Reach::last_layer is asked for one active task at a time, or for none
/// with own_terms, and leaves all of them as they are.
template <Scalar S>
struct SharingBackward {
  ConstFlat<S> parameters;
  Inputs<S> inputs;
  ActiveTasks active;  ///< the tasks whose gradients are to be taken together
  Flat<S> memory;
  Flat<S> parameter_gradient;  ///< added
  Inputs<S> input_gradient;    ///< written for the copies that are shared or an active task's; null when not asked for
  Reach reach;                 ///< `last_layer` is that of last_shared_layers()
  bool own_terms;              ///< whether the gradient of own_terms() is added, too; then no task need be active
};

/// What most policies have in common; a policy derives from it and says what is different.
struct SharingDefaults {
  static constexpr bool shares_parameters = true;     ///< false: no parameter is moved by more than one task
  static constexpr bool balances_own_copies = false;  ///< whether rules that balance gradients take each task's own
                                                      ///< copy of the network, which is tied to the others, for shared
  static constexpr bool needs_membership = false;  ///< whether a pass must say which sample has a label of which task

  bool couples_samples() const { return false; }  ///< in training one sample's outputs or terms depend on the others
  Index input_copies() const { return 1; }
  Index input_copy_owner(Index) const { return shared_owner; }  ///< or the one task that moves its embeddings
  std::string input_copy_name(Index) const { return ""; }       ///< put before its embedding tables' names
  bool reads_copy(Index, ActiveTasks active) const { return any_active(active); }  ///< in a forward pass
};

/// The members a sharing policy must have. Segments are visited as (name, owner, rows, columns), owner being
/// shared_owner or the number of the task whose loss alone moves them, in the order in which `Pieces` hands them out.
///
/// A policy with terms of its own in the loss (the article's Omega) has, besides,
///   double penalty(ConstFlat<S> parameters) const and
///   void add_penalty_gradient(ConstFlat<S> parameters, ActiveTasks active, Flat<S> gradient) const
/// for terms of the parameters alone, worked once a step, and
///   double own_terms(const Flat<S>& memory, Index samples) const
/// for terms of the samples of the last training forward pass, already divided by the samples of the whole batch.
template <class P>
concept Sharing =
    requires(const P& sharing, P& unconnected, Index count, Span<const std::string_view> task_names,
             const SharingForward<double>& forward, const SharingBackward<double>& backward, Flat<double> flat,
             Random& random, ActiveTasks active, void (&visit)(const std::string&, Index, Index, Index),
             void (&visit_name)(const std::string&)) {
      { P::name } -> std::convertible_to<std::string_view>;
      { P::shares_parameters } -> std::convertible_to<bool>;
      { P::needs_membership } -> std::convertible_to<bool>;
      { P::balances_own_copies } -> std::convertible_to<bool>;
      { sharing.couples_samples() } -> std::same_as<bool>;
      unconnected.connect(count, task_names);  ///< number of inputs, names of the tasks
      sharing.baseline();                      ///< the Separate policy of single-task models to compare with
      { sharing.input_copies() } -> std::same_as<Index>;
      { sharing.input_copy_owner(count) } -> std::same_as<Index>;
      { sharing.input_copy_name(count) } -> std::same_as<std::string>;
      { sharing.reads_copy(count, active) } -> std::same_as<bool>;
      { sharing.representation_width(count) } -> std::same_as<Index>;
      { sharing.memory_size(count) } -> std::same_as<Index>;
      { sharing.representation(flat, count, count) } -> std::same_as<ConstColumns<double>>;
      { sharing.representation_gradient(flat, count, count) } -> std::same_as<Columns<double>>;
      sharing.parameters(visit);
      sharing.statistics(visit);
      sharing.last_shared_layers(
          visit_name);  ///< name of each layer: its segments are name + "/weights" and name + "/bias"
      sharing.initialize(flat, flat, random);
      sharing.forward(forward);
      sharing.backward(backward);
    };

/// Whether a policy has a term of the parameters alone in the loss.
template <class P>
inline constexpr bool has_penalty =
    requires(const P& sharing, ConstFlat<double> parameters, ActiveTasks active, Flat<double> gradient) {
      { sharing.penalty(parameters) } -> std::same_as<double>;
      sharing.add_penalty_gradient(parameters, active, gradient);
    };

/// Whether a policy has anything by the names of such a term: then it must be one.
template <class P>
inline constexpr bool means_penalty = requires(P& sharing, Flat<double> numbers, ConstFlat<double> parameters) {
  requires requires { sharing.penalty(numbers); } || requires { sharing.penalty(parameters); } ||
               requires { sharing.add_penalty_gradient(parameters, ActiveTasks(), numbers); };
};

/// Tasks that a policy needs to make sense; 1 unless it says otherwise by `static constexpr std::size_t least_tasks`.
template <class P>
inline constexpr std::size_t least_tasks = 1;
template <class P>
  requires requires { P::least_tasks; }
inline constexpr std::size_t least_tasks<P> = P::least_tasks;

}  // namespace polytask
