/// @file
/// The way of one slice back through a model where the tasks' gradients are kept apart.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/models/model.hpp"
#include "polytask/training/separate_gradients.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace polytask {

/// Makes the gradients of the active tasks' logits zero.
template <Scalar S>
void clear_logit_gradients(Workspace<S>& space) {
  for (std::size_t task = 0; task < space.heads.size(); ++task)
    if (space.active[task]) space.logit_gradient(task).setZero();
}

/// Takes a slice back through the model once for each task, as far as SeparateGradients asks for it: for all that tasks
/// share, or for the last shared layers alone. What no task's loss has caused, the terms of sharing policy and link,
/// goes back by itself into the workspace's gradient, and with it the zeros of tasks that have a label but no weight:
/// optimizers move the rows that such a task has touched, as they do where gradients are not kept apart.
template <Scalar S>
struct SeparateWaysBack {
  const Model<S>& model;
  SeparateGradients<S>& separate;
  std::size_t worker;
  const std::vector<Index>& tasks;                     ///< whose gradients are kept apart
  const std::vector<std::vector<std::uint8_t>>& only;  ///< each task alone
  const std::vector<std::uint8_t>& weightless;         ///< tasks whose losses have no weight
  Workspace<S>& space;
  const Dataset<S>& data;
  Span<const Index> chosen;

  /// Where a loss goes back through its own task's head alone, all heads are gone through together.
  /// @return the value of the link's own terms in the loss
  double through_heads_at_once() const {
    const double terms = model.backward_heads(space, true);
    if (separate.separation() == Separation::whole) {
      if (remains()) through_sharing(weightless, true);
      for (std::size_t rank = 0; rank < tasks.size(); ++rank) whole(rank, only[task(rank)]);
      return terms;
    }
    // The last shared layer's gradient is worked for each task by itself; their sum joins the others' later.
    for (std::size_t rank = 0; rank < tasks.size(); ++rank) last_layers(rank, only[task(rank)]);
    if (model.has_own_terms()) model.backward_sharing(space, weightless, view(space.gradient), Reach::last_layer, true);
    before_last_layers(space.active, true);
    return terms;
  }

  /// Where a loss goes back through other tasks' heads, all of them are gone through for each loss by itself. Leaves
  /// the workspace's active tasks changed.
  /// @param write_gradient (task): writes the gradient of a task's loss by its logits
  /// @return the value of the link's own terms in the loss
  template <class WriteGradient>
  double through_heads_for_each(WriteGradient&& write_gradient) const {
    double terms = 0;
    if (remains()) {
      clear_logit_gradients(space);
      terms = model.backward_heads(space, true);
      through_sharing(space.active, true);
    }
    for (std::size_t rank = 0; rank < tasks.size(); ++rank) {
      space.active = only[task(rank)];
      model.activate_dependencies(space.active);
      clear_logit_gradients(space);
      write_gradient(task(rank));
      model.backward_heads(space, false);
      if (separate.separation() == Separation::whole) {
        whole(rank, space.active);
        continue;
      }
      for (std::size_t through = 0; through < model.size(); ++through)
        if (space.active[through]) last_layers(rank, only[through]);
      before_last_layers(space.active, false);
    }
    return terms;
  }

 private:
  /// Whether there is a way back beside the tasks'.
  bool remains() const { return model.has_own_terms() || any_active(weightless); }

  std::size_t task(std::size_t rank) const { return static_cast<std::size_t>(tasks[rank]); }

  /// Into the workspace's gradient, from the representations of some tasks or the sharing policy's own terms.
  void through_sharing(ActiveTasks active, bool own_terms) const {
    model.backward_sharing(space, active, view(space.gradient), Reach::whole, own_terms);
    model.backward_embeddings(space, data, chosen, active, own_terms, space.row_gradients);
  }

  void whole(std::size_t rank, ActiveTasks active) const {
    const auto number = static_cast<Index>(rank);
    model.backward_sharing(space, active, separate.gradient(worker, number), Reach::whole, false);
    model.backward_embeddings(space, data, chosen, active, false,
                              separate.has_tables() ? separate.tables(worker, number) : Span(space.row_gradients));
  }

  void last_layers(std::size_t rank, ActiveTasks active) const {
    model.backward_sharing(space, active, separate.gradient(worker, static_cast<Index>(rank)), Reach::last_layer,
                           false);
  }

  void before_last_layers(ActiveTasks active, bool own_terms) const {
    model.backward_sharing(space, active, view(space.gradient), Reach::before_last_layer, own_terms);
    model.backward_embeddings(space, data, chosen, active, own_terms, space.row_gradients);
  }
};

}  // namespace polytask
