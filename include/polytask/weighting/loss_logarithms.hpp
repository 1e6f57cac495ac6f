/// @file
/// Logarithms of losses, for the rules that weigh tasks by them, and the weights that come of logarithms.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/weighting/weighting.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// The names of the tasks, owned, for the messages of a state that outlives what it was begun with.
inline std::vector<std::string> owned_names(const WeightedTasks& tasks) {
  return {tasks.names.begin(), tasks.names.end()};
}

/// Writes log L for every task of a step. NaN for a task without a label, and for a loss of exactly 0: the task is at
/// its best and has no gradient, so that it is left out of the step just as one without a label.
/// @throws TrainingError when a loss is below 0
inline void take_logarithms(std::string_view rule, Span<const std::string> names, const StepSignals& signals,
                            Span<double> logarithms) {
  for (std::size_t task = 0; task < logarithms.size(); ++task) {
    const double loss = signals.losses[task];
    require<TrainingError>(!(loss < 0), rule, ": the loss of task '", names[task], "' is ", loss, " in step ",
                           signals.step, "; the rule takes its logarithm, and needs losses of at least 0");
    logarithms[task] = std::isfinite(loss) && loss > 0 ? std::log(loss) : std::numeric_limits<double>::quiet_NaN();
  }
}

/// The weight with that logarithm; at most 1e15, whose square is finite in float too.
inline double weight_of_logarithm(double logarithm) { return (std::min)(std::exp(logarithm), 1e15); }

}  // namespace polytask
