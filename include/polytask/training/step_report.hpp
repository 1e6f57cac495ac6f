/// @file
/// What a training step says of itself.
#pragma once

#include "polytask/core/views.hpp"

#include <vector>

namespace polytask {

/// What happened in a step. Vectors have one number a task.
struct StepReport {
  Index step = 0;
  std::vector<double> losses;            ///< mean loss of each task; NaN where the batch had no label
  std::vector<double> label_weights;     ///< sum of the weights of each task's labels
  std::vector<double> weights;           ///< weight of each task's loss in this step
  std::vector<double> last_layer_norms;  ///< StepSignals::gradient_norms; NaN where not asked for or without a label
  std::vector<double> losses_after;      ///< likewise
  double own_terms = 0;                  ///< terms of the batch that sharing policy and link add to the loss
  double rate = 0;                       ///< learning rate

  // Of the tasks' gradients over what they share; empty unless they are combined by a rule or recorded.
  std::vector<double> gradient_norms;  ///< norm of each task's gradient; NaN without a label or a weight
  std::vector<double> cosines;         ///< between every two tasks, tasks x tasks; NaN without a label or a gradient
  std::vector<double> coefficients;    ///< that the aggregation gave each task's gradient; NaN likewise
};

}  // namespace polytask
