/// @file
/// MoCo: MGDA's direction, followed step by step on gradients that are averaged over time.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/simplex.hpp"
#include "polytask/aggregation/simplex_weights.hpp"
#include "polytask/aggregation/task_gradients.hpp"
#include "polytask/core/errors.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

namespace polytask {

template <Scalar S>
class MoCoState;

/// Multi-objective gradient correction (Fernando, Shen, Liu, Chaudhury, Murugesan, Chen, ICLR 2023, "Mitigating
/// Gradient Bias in Multi-objective Learning"). Each task has a moving average y of its gradients g, and weights w on
/// the simplex take one step a time towards the shortest combination of the averages:
///
///   y_i <- y_i - beta / k^beta_decay (y_i - g_i),                         k: steps in which task i had a label
///   w <- proj((1 - rho gamma_t) w - gamma_t G w),  gamma_t = gamma / t^gamma_decay,
///   d = sum w_i y_i,                               G_ij = y_i . y_j / max_i |y_i|^2.
///
/// w is projected on the simplex, as the paper's analysis has it; a softmax of w, as in LibMTL, would draw it to equal
/// weights in each step. Other than in the paper, y begins at the task's first gradient, not at 0, and G is divided by
/// its largest entry, so that gamma and rho mean the same whatever the unit of the losses (LibMTL replaces g_i by
/// L_i g_i / |g_i| to that end).
///
/// Scale: coefficients sum to 1. One task: its averaged gradient. A task without a label keeps average and weight; the
/// others keep the sum of their weights, and are combined with weights that sum to 1. Embedding tables are combined of
/// the step's gradients, with the same coefficients. Cost: a gradient a task is held and another remembered.
struct MoCo {
  double beta = 0.5;         ///< rate of the averages, above 0, at most 1
  double beta_decay = 0.5;   ///< how it falls with the steps; 0: not at all
  double gamma = 0.1;        ///< rate of the weights
  double gamma_decay = 0.5;  ///< how it falls with the steps
  double rho = 0;            ///< draws the weights together

  static constexpr std::string_view name = "moco";
  static constexpr AggregationNeeds needs() { return {.gradients = true}; }

  /// @throws ArgumentError when beta is not in (0, 1] or another setting is negative or not finite
  template <Scalar S>
  MoCoState<S> begin(const AggregatedTasks& tasks) const;
};

/// What MoCo remembers in a training run.
template <Scalar S>
class MoCoState {
 public:
  MoCoState(const MoCo& settings, const AggregatedTasks& tasks)
      : settings_(settings),
        averages_(tasks.parameters, static_cast<Index>(tasks.names.size())),
        steps_(tasks.names.size(), 0),
        weights_(tasks.names.size()),
        gram_(tasks.names.size(), tasks.names.size()),
        slopes_(static_cast<Index>(tasks.names.size())) {}

  void combine(const StepGradients& step, const ConstColumns<S>& gradients, Flat<double> coefficients,
               Flat<S> direction) {
    const Index size = step.size();
    direction.setZero();
    if (size == 0) return;
    for (Index place = 0; place < size; ++place) {
      const Index task = step.tasks[static_cast<std::size_t>(place)];
      const auto count = static_cast<double>(++steps_[static_cast<std::size_t>(task)]);
      const double rate = count > 1 ? settings_.beta / std::pow(count, settings_.beta_decay) : 1;
      averages_[task] += static_cast<S>(rate) * (gradients.col(place) - averages_[task]);
    }
    const double sum = weights_.lend(step, coefficients);
    move(step, coefficients);
    weights_.take_back(step, coefficients, sum);
    for (Index place = 0; place < size; ++place)
      direction += static_cast<S>(coefficients[place]) * averages_[step.tasks[static_cast<std::size_t>(place)]];
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "beta", self.settings_.beta);
    visit_setting(visit, "beta_decay", self.settings_.beta_decay);
    visit_setting(visit, "gamma", self.settings_.gamma);
    visit_setting(visit, "gamma_decay", self.settings_.gamma_decay);
    visit_setting(visit, "rho", self.settings_.rho);
    visit_sized(visit, "averages", self.averages_.buffer());
    visit_sized(visit, "steps", self.steps_);
    visit_sized(visit, "weights", self.weights_.numbers());
  }

 private:
  /// One step of the weights of the tasks that have a label.
  void move(const StepGradients& step, Flat<double> weights) {
    const Index size = step.size();
    double longest = 0;
    for (Index column = 0; column < size; ++column) {
      for (Index row = 0; row <= column; ++row)
        gram_(row, column) = gram_(column, row) =
            averages_.product(step.tasks[static_cast<std::size_t>(row)], step.tasks[static_cast<std::size_t>(column)]);
      longest = (std::max)(longest, gram_(column, column));
    }
    if (!(longest > 0)) return;
    for (Index row = 0; row < size; ++row) {
      slopes_[row] = settings_.rho * weights[row];
      for (Index column = 0; column < size; ++column) slopes_[row] += gram_(row, column) / longest * weights[column];
    }
    const double rate = settings_.gamma / std::pow(static_cast<double>(step.step), settings_.gamma_decay);
    for (Index row = 0; row < size; ++row) weights[row] -= rate * slopes_[row];
    project_on_simplex(weights, Flat<double>(slopes_.data(), size));
  }

  MoCo settings_;
  TaskGradients<S> averages_;
  std::vector<Index> steps_;  ///< in which the task had a label
  SimplexWeights weights_;
  Matrix<double> gram_;    ///< scratch
  Vector<double> slopes_;  ///< scratch
};

template <Scalar S>
MoCoState<S> MoCo::begin(const AggregatedTasks& tasks) const {
  require(beta > 0 && beta <= 1, "MoCo: beta is ", beta, "; it must be above 0 and at most 1");
  const auto check = [](double value, const char* setting) {
    require(std::isfinite(value) && value >= 0, "MoCo: ", setting, " is ", value, "; it must be at least 0");
  };
  check(beta_decay, "beta_decay");
  check(gamma, "gamma");
  check(gamma_decay, "gamma_decay");
  check(rho, "rho");
  return MoCoState<S>(*this, tasks);
}

}  // namespace polytask
