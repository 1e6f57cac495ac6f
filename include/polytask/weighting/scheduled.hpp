/// @file
/// Weights that follow the user's functions of time, or that the program changes while training runs.
#pragma once

#include "polytask/core/by_name.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/weighting/task_values.hpp"
#include "polytask/weighting/weighting.hpp"

#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask {

/// When a step is taken.
struct TrainingTime {
  Index step;   ///< 1 for the first step of training
  Index epoch;  ///< 1 for the first epoch
};

/// A weight as a function of time. It is called before each step, by the thread that trains.
using WeightSchedule = std::function<double(const TrainingTime&)>;

/// The weight that a task is to have in an epoch.
struct SchedulePoint {
  double epoch;
  double weight;
};

/// The weight on the straight lines between the points, and that of the nearest point before the first and after the
/// last: piecewise_linear({{1, 0}, {5, 1}}) is 0 in the first epoch, 0.5 in the third, 1 from the fifth on.
/// @throws ArgumentError when there is no point, epochs do not rise, or a weight is negative or not finite
inline WeightSchedule piecewise_linear(std::vector<SchedulePoint> points) {
  require(!points.empty(), "piecewise_linear: there must be at least one point");
  for (std::size_t which = 0; which < points.size(); ++which) {
    const auto& [epoch, weight] = points[which];
    require(std::isfinite(epoch) && (which == 0 || epoch > points[which - 1].epoch), "piecewise_linear: point ",
            which + 1, " is in epoch ", epoch, "; epochs must be finite and rise");
    require(std::isfinite(weight) && weight >= 0, "piecewise_linear: the weight of point ", which + 1, " is ", weight,
            "; it must be finite and at least 0");
  }
  return [points = std::move(points)](const TrainingTime& time) {
    const auto epoch = static_cast<double>(time.epoch);
    if (epoch <= points.front().epoch) return points.front().weight;
    for (std::size_t which = 1; which < points.size(); ++which) {
      const auto& before = points[which - 1];
      const auto& after = points[which];
      if (epoch <= after.epoch)
        return before.weight + (after.weight - before.weight) * (epoch - before.epoch) / (after.epoch - before.epoch);
    }
    return points.back().weight;
  };
}

/// A weight that goes up and down about 1 over the epochs, 1 + amplitude sin(2 pi ((epoch - 1) / period + phase)),
/// always above 0; for tasks that matter more at one time than at another.
/// @param period     epochs from one high to the next
/// @param amplitude  at least 0 and below 1
/// @param phase      where in its course the first epoch is, as a share of the period: 0.25 is at the highest
/// @throws ArgumentError when period is not above 0, amplitude is out of range, or phase is not finite
inline WeightSchedule seasonal(double period, double amplitude, double phase = 0) {
  require(std::isfinite(period) && period > 0, "seasonal: the period is ", period, "; it must be above 0");
  require(amplitude >= 0 && amplitude < 1, "seasonal: the amplitude is ", amplitude,
          "; it must be at least 0 and below 1");
  require(std::isfinite(phase), "seasonal: the phase is ", phase, "; it must be finite");
  return [=](const TrainingTime& time) {
    const double turns = static_cast<double>(time.epoch - 1) / period + phase;
    return 1 + amplitude * std::sin(2 * std::numbers::pi * turns);
  };
}

/// The state of weights that follow functions: the last weights.
class ScheduledState {
 public:
  ScheduledState(const WeightedTasks& tasks, std::vector<WeightSchedule> schedules)
      : names_(tasks.names.begin(), tasks.names.end()),
        schedules_(std::move(schedules)),
        weights_(names_.size(), 1.0) {}

  Span<const double> weights() const { return weights_; }

  /// @throws ArgumentError when a function answers a weight that is negative or not finite
  void prepare(const StepSignals& signals) {
    for (std::size_t task = 0; task < weights_.size(); ++task) {
      if (!schedules_[task]) continue;
      const double weight = schedules_[task](TrainingTime{signals.step, signals.epoch});
      require(std::isfinite(weight) && weight >= 0, "the scheduled weight of '", names_[task], "' is ", weight,
              " in step ", signals.step, ", epoch ", signals.epoch, "; it must be finite and at least 0");
      weights_[task] = weight;
    }
  }
  void update(const StepSignals&) {}

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_sized(visit, "weights", self.weights_);
  }

 private:
  std::vector<std::string> names_;
  std::vector<WeightSchedule> schedules_;  ///< empty for a task that is not named
  std::vector<double> weights_;
};

/// The user's functions of time by task name; a task that is not named counts once. They are called before each step,
/// and their weights are taken as they are:
///
///   Scheduled{{{"click", piecewise_linear({{1, 1}, {10, 0.2}})}, {"spend", seasonal(7, 0.5)}}}
///
/// A function may as well read what the program changes while training runs, be it from an observer of the training or,
/// through a std::atomic, from another thread:
///
///   std::atomic<double> urgency = 1;
///   Scheduled{{{"fraud", [&urgency](const TrainingTime&) { return urgency.load(); }}}}
///
/// Labels play no part. A checkpoint holds the last weights, not the functions.
struct Scheduled {
  static constexpr std::string_view name = "scheduled";
  static constexpr WeightingNeeds needs() { return {}; }

  ByName<WeightSchedule> weights = {};

  /// @throws ArgumentError when a name is no task's, or a function is empty
  ScheduledState begin(const WeightedTasks& tasks) const {
    for (const auto& [task, schedule] : weights)
      require(static_cast<bool>(schedule), "the scheduled weight of '", task, "' is an empty function");
    return ScheduledState(tasks, by_task(tasks, weights, WeightSchedule(), "a scheduled weight"));
  }
};

}  // namespace polytask
