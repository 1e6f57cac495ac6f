/// @file
/// How a trained model relates its tasks, read from its parameters.
#pragma once

#include "polytask/models/model.hpp"
#include "polytask/regularization/arranged.hpp"
#include "polytask/regularization/relations.hpp"
#include "polytask/regularization/task_covariance.hpp"

#include <string>

namespace polytask {

/// Where relations are read from a model.
struct TaskRelationsOptions {
  std::string segments = "*/weights";  ///< of those the tasks' own, which every task must have in one shape
  double epsilon = 1e-8;               ///< see TaskCovariance
};

/// The covariance of the tasks' parameters by which TaskCovariance would be least for the model as it stands, whatever
/// it was trained with, also when it was read from a file.
/// @throws ArgumentError as TaskCovariance does when it begins, or when the model has more than 64 tasks
template <Scalar S>
TaskRelations task_relations(const Model<S>& model, const TaskRelationsOptions& options = {}) {
  const TaskCovariance rule{.epsilon = options.epsilon, .segments = options.segments};
  auto state = rule.begin(model.names());
  const ArrangedSegments segments(model.parameters.layout, model.names(), rule.arrangement, rule.segments,
                                  "task_relations");
  Matrix<double> weights(segments.rows(), segments.columns());
  segments.gather(view(model.parameters.values), weights);
  state.learn(weights);
  return {{model.names().begin(), model.names().end()}, state.relations()};
}

}  // namespace polytask
