/// @file
/// Applies regularizations to a model's parameters and embedding tables.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/models/model.hpp"
#include "polytask/regularization/any_regularization.hpp"

#include <utility>

namespace polytask {

/// The names that regularizations choose from.
template <Scalar S>
RegularizedModel<S> regularized(const Model<S>& model) {
  return {model.parameters.layout, model.embeddings, model.names()};
}

/// The regularizations of a training run, each on the segments it names.
template <Scalar S>
class Penalties {
 public:
  /// Model and regularizations are kept by reference.
  Penalties(Model<S>& model, Span<AnyRegularizationState<S>> regularizations)
      : model_(model), regularizations_(regularizations) {}

  /// The penalty at the parameters as they stand; embedding tables are left out.
  double value() const {
    double sum = 0;
    for (auto& regularization : regularizations_) sum += regularization.value(parameters());
    return sum;
  }

  /// Adds the penalties' gradients to a batch's, of what the batch moves: shared numbers, those of the active tasks,
  /// and the rows of embedding tables that it touched.
  void add_gradients(Workspace<S>& total, ActiveTasks active) const {
    for (auto& regularization : regularizations_) regularization.add_gradient(numbers(total, active));
  }

  /// The proximal steps of the same numbers, after the optimizer's; then regularizations learn what the step did.
  void shrink(Workspace<S>& total, ActiveTasks active, double rate) const {
    for (auto& regularization : regularizations_) regularization.shrink(numbers(total, active), rate);
    for (auto& regularization : regularizations_) regularization.learn(parameters());
  }

 private:
  ConstFlat<S> parameters() const { return view(std::as_const(model_.parameters.values)); }

  RegularizedNumbers<S> numbers(Workspace<S>& total, ActiveTasks active) const {
    return {view(model_.parameters.values), view(total.gradient), active, model_.embeddings, total.row_gradients};
  }

  Model<S>& model_;
  Span<AnyRegularizationState<S>> regularizations_;
};

}  // namespace polytask
