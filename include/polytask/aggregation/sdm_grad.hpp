/// @file
/// SDMGrad: MGDA's direction held near the mean, from gradients of independent batches.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/simplex.hpp"
#include "polytask/aggregation/simplex_weights.hpp"
#include "polytask/aggregation/task_gradients.hpp"
#include "polytask/core/errors.hpp"

#include <cmath>
#include <string_view>
#include <vector>

namespace polytask {

template <Scalar S>
class SdmGradState;

/// Stochastic direction-oriented multi-objective gradient descent (Xiao, Ban, Ji, NeurIPS 2023). With the gradients J1,
/// J2, J3 (one row a task) of three batches, weights w on the simplex take steps of projected gradient descent with
/// momentum on
///
///   A w + lambda A 1/T,  A = J1 J2' / s^2,  s = mean_i sqrt(|g1_i| |g2_i|);
///   d = (J3'w + lambda J3'1/T) / (1 + lambda).
///
/// With two independent batches A has no bias, which J J' of one batch would have; A is not symmetric. w is kept from
/// step to step, the momentum begins at 0 in each.
///
/// The paper samples three batches a step. Here they are those of the last three steps: J3 is this step's, J2 the one
/// before, J1 the one before that, so no gradient is computed more, but J1 and J2 are of slightly older parameters. In
/// a task's first step its gradient serves for all three, in its second step the first serves for J1 and J2. Other than
/// in the paper s is made of lengths, not of A's diagonal, which may be 0 or below; they agree where the batches do.
///
/// Scale: coefficients sum to 1. One task: its gradient. A task without a label keeps its gradients and its weight; the
/// others keep the sum of their weights, and are combined with weights that sum to 1. Embedding tables are combined
/// with the same coefficients, which follow from the other parameters. Cost: a gradient a task is held and two more are
/// remembered.
struct SdmGrad {
  double lambda = 0.3;    ///< how strongly the direction is held near the mean gradient
  Index rounds = 20;      ///< steps of the weights in each step of training
  double rate = 10;       ///< of the weights
  double momentum = 0.5;  ///< of the weights, at least 0 and below 1

  static constexpr std::string_view name = "sdmgrad";
  static constexpr AggregationNeeds needs() { return {.gradients = true}; }

  /// @throws ArgumentError when a setting is negative or not finite, or momentum is not below 1
  template <Scalar S>
  SdmGradState<S> begin(const AggregatedTasks& tasks) const;
};

/// What SDMGrad remembers in a training run.
template <Scalar S>
class SdmGradState {
 public:
  SdmGradState(const SdmGrad& settings, const AggregatedTasks& tasks)
      : settings_(settings),
        gradients_(tasks.parameters, 2 * static_cast<Index>(tasks.names.size())),
        steps_(tasks.names.size(), 0),
        weights_(tasks.names.size()),
        products_(tasks.names.size(), tasks.names.size()),
        sorted_(static_cast<Index>(tasks.names.size())),
        speeds_(static_cast<Index>(tasks.names.size())) {}

  void combine(const StepGradients& step, const ConstColumns<S>& gradients, Flat<double> coefficients,
               Flat<S> direction) {
    const Index size = step.size();
    direction.setZero();
    if (size == 0) return;
    for (Index place = 0; place < size; ++place) {
      const Index task = step.tasks[static_cast<std::size_t>(place)];
      if (steps_[static_cast<std::size_t>(task)] == 0)
        for (const Index kept : {0, 1}) gradients_[2 * task + kept] = gradients.col(place);
    }
    const double sum = weights_.lend(step, coefficients);
    move(step, coefficients);
    weights_.take_back(step, coefficients, sum);
    const double mean = 1 / static_cast<double>(size);
    for (Index place = 0; place < size; ++place) {
      const Index task = step.tasks[static_cast<std::size_t>(place)];
      coefficients[place] = (coefficients[place] + settings_.lambda * mean) / (1 + settings_.lambda);
      direction += static_cast<S>(coefficients[place]) * gradients.col(place);
      gradients_[older(task)] = gradients.col(place);  // the older one gives way
      ++steps_[static_cast<std::size_t>(task)];
    }
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "lambda", self.settings_.lambda);
    visit_setting(visit, "rounds", self.settings_.rounds);
    visit_setting(visit, "rate", self.settings_.rate);
    visit_setting(visit, "momentum", self.settings_.momentum);
    visit_sized(visit, "gradients", self.gradients_.buffer());
    visit_sized(visit, "steps", self.steps_);
    visit_sized(visit, "weights", self.weights_.numbers());
  }

 private:
  /// Where the older of a task's two gradients is: they are written in turn.
  Index older(Index task) const { return 2 * task + steps_[static_cast<std::size_t>(task)] % 2; }
  Index newer(Index task) const { return 2 * task + (steps_[static_cast<std::size_t>(task)] + 1) % 2; }

  /// The steps of the weights of the tasks that have a label.
  void move(const StepGradients& step, Flat<double> weights) {
    const Index size = step.size();
    const auto task = [&](Index place) { return step.tasks[static_cast<std::size_t>(place)]; };
    double length = 0;
    for (Index column = 0; column < size; ++column) {
      for (Index row = 0; row < size; ++row)
        products_(row, column) = gradients_.product(older(task(row)), newer(task(column)));
      const Index first = older(task(column));
      const Index second = newer(task(column));
      length += std::sqrt(std::sqrt(gradients_.product(first, first)) * std::sqrt(gradients_.product(second, second)));
    }
    length /= static_cast<double>(size);
    if (!(length > 0)) return;
    for (Index column = 0; column < size; ++column)
      for (Index row = 0; row < size; ++row) products_(row, column) = products_(row, column) / length / length;
    const double mean = 1 / static_cast<double>(size);
    for (Index row = 0; row < size; ++row) speeds_[row] = 0;
    for (Index round = 0; round < settings_.rounds; ++round) {
      for (Index row = 0; row < size; ++row) {
        double slope = 0;
        for (Index column = 0; column < size; ++column)
          slope += (weights[column] + settings_.lambda * mean) * products_(row, column);
        speeds_[row] = settings_.momentum * speeds_[row] + slope;
      }
      for (Index row = 0; row < size; ++row) weights[row] -= settings_.rate * speeds_[row];
      project_on_simplex(weights, Flat<double>(sorted_.data(), size));
    }
  }

  SdmGrad settings_;
  TaskGradients<S> gradients_;  ///< two a task
  std::vector<Index> steps_;    ///< in which the task had a label
  SimplexWeights weights_;
  Matrix<double> products_;  ///< scratch
  Vector<double> sorted_;    ///< scratch
  Vector<double> speeds_;    ///< scratch
};

template <Scalar S>
SdmGradState<S> SdmGrad::begin(const AggregatedTasks& tasks) const {
  const auto check = [](double value, const char* setting) {
    require(std::isfinite(value) && value >= 0, "SDMGrad: ", setting, " is ", value, "; it must be at least 0");
  };
  check(lambda, "lambda");
  check(rate, "rate");
  require(rounds >= 0, "SDMGrad: rounds is ", rounds, "; it must be at least 0");
  require(momentum >= 0 && momentum < 1, "SDMGrad: momentum is ", momentum, "; it must be at least 0 and below 1");
  return SdmGradState<S>(*this, tasks);
}

}  // namespace polytask
