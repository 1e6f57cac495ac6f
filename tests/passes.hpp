/// @file
/// A pass through the stages of a model by hand, in the order of a training step, for tests of gradients.
#pragma once

#include "polytask/models/multi_task_model.hpp"

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

namespace passes {

namespace pt = polytask;
using pt::Index;

/// Goes forward and back through a model with the same noise each time; nothing of the model moves.
template <class Model>
struct Pass {
  using S = typename Model::scalar;
  static constexpr std::size_t task_count = Model::task_count;

  const Model& model;
  const pt::Dataset<S>& data;
  std::vector<Index> chosen;
  std::array<double, task_count> task_weights;
  pt::Workspace<S> space;
  pt::Random noise{7};

  Pass(const Model& of, const pt::Dataset<S>& on, std::vector<Index> rows,
       const std::array<double, task_count>& weights)
      : model(of),
        data(on),
        chosen(std::move(rows)),
        task_weights(weights),
        space(of.workspace(static_cast<Index>(chosen.size()), true)) {}

  /// Sum of task weight * mean loss of the active tasks, and the terms that sharing policy and link add.
  double loss() {
    model.gather(space, data, chosen);
    auto statistics = model.statistics.values;
    model.forward(space, pt::view(statistics), noise, true);
    double sum = 0;
    each_active([&]<std::size_t Place>() { sum += evaluate<Place>(); });
    if constexpr (requires { model.sharing().own_terms(space.sharing_memory(), Index{}); })
      sum += model.sharing().own_terms(space.sharing_memory(), space.samples);
    if constexpr (requires { model.sharing().penalty(sharing_parameters()); })
      sum += model.sharing().penalty(sharing_parameters());
    if (model.linked())
      sum += model.backward_heads(space, true);  // the link's terms; clear() follows before gradients count
    return sum;
  }

  /// Adds the gradient of the active tasks' part of loss(), which must have been called before.
  void backward() {
    each_active([&]<std::size_t Place>() {
      evaluate<Place>();  // an earlier way back may have overwritten the gradient of the logits
    });
    model.backward(space, data, chosen);
    if constexpr (requires { model.sharing().penalty(sharing_parameters()); })
      model.sharing().add_penalty_gradient(sharing_parameters(), pt::ActiveTasks(space.active),
                                           pt::Flat<S>(space.gradient.data(), model.sharing_size()));
  }

  /// Makes every gradient zero.
  void clear() {
    pt::view(space.gradient).setZero();
    for (auto& rows : space.row_gradients) rows.clear();
  }

  /// The gradient of a whole embedding table, zero in the rows that were not touched.
  pt::Vector<S> table_gradient(std::size_t which) const {
    const auto& rows = space.row_gradients[which];
    pt::Vector<S> whole = pt::Vector<S>::Zero(static_cast<Index>(model.embeddings[which].values.size()));
    for (std::size_t slot = 0; slot < rows.rows().size(); ++slot)
      whole.segment(rows.rows()[slot] * rows.width(), rows.width()) +=
          pt::ConstFlat<S>(rows.gradient(static_cast<Index>(slot)), rows.width());
    return whole;
  }

 private:
  pt::ConstFlat<S> sharing_parameters() const {
    return pt::ConstFlat<S>(model.parameters.values.data(), model.sharing_size());
  }

  template <class Function>
  void each_active(Function&& function) {
    [&]<std::size_t... Place>(std::index_sequence<Place...>) {
      ((space.active[Place] ? function.template operator()<Place>() : void()), ...);
    }(std::make_index_sequence<task_count>{});
  }

  /// One task's part of the loss; its gradient goes to the logits.
  template <std::size_t Place>
  double evaluate() {
    auto& head = space.heads[Place];
    const Index first = model.label_offsets()[Place];
    auto labels = space.labels(Place);
    auto weights = space.weights(Place);
    for (std::size_t column = 0; column < chosen.size(); ++column) {
      labels.col(static_cast<Index>(column)) = data.labels.col(chosen[column]).segment(first, head.label_rows);
      weights.col(static_cast<Index>(column)) = data.weights.col(chosen[column]).segment(first, head.label_rows);
    }
    if (weights.sum() == 0) {  // active because a task with labels depends on it
      space.logit_gradient(Place).setZero();
      return 0;
    }
    const double scale = task_weights[Place] / static_cast<double>(weights.sum());
    return scale *
           std::get<Place>(model.tasks())
               .loss.evaluate(pt::LossPass<S>{pt::ConstColumns<S>(head.logits.data(), head.outputs, space.samples),
                                              pt::read_only<S>(labels), pt::read_only<S>(weights),
                                              static_cast<S>(scale), space.logit_gradient(Place)});
  }
};

}  // namespace passes
