/// @file
/// What happened in a training run, epoch by epoch.
#pragma once

#include "polytask/core/views.hpp"

#include <string>
#include <vector>

namespace polytask {

/// One epoch. Vectors have one number a task; NaN where there is none.
struct EpochReport {
  Index epoch = 0;                        ///< 1 for the first
  std::vector<double> training_losses;    ///< mean over the epoch's steps, while the parameters moved
  std::vector<double> weights;            ///< mean weight of each task's loss
  std::vector<double> validation_losses;  ///< empty without validation data
  std::vector<double> metrics;            ///< on the validation data; empty without
  std::vector<double> gradient_norms;     ///< mean norm of the gradient of each task's weighted loss in what the tasks
                                       ///< share (StepReport::gradient_norms); empty unless an aggregation needs it or
                                       ///< FitOptions::record_gradients asks for it
  std::vector<double> cosines;       ///< likewise: mean cosine between every two tasks' gradients, tasks x tasks
  std::vector<double> coefficients;  ///< likewise: mean coefficient that the aggregation gave each task's gradient
  double conflicts = 0;              ///< likewise: share of the pairs of gradients with a cosine below 0; 0 where
                                     ///< there is none
  double own_terms = 0;              ///< mean over the steps of what sharing policy and link add to the loss
  double penalty = 0;                ///< of the regularisations and the sharing policy, at the end of the epoch
  double rate = 0;                   ///< learning rate of the last step
  double score = 0;                  ///< by which the best epoch is chosen, higher is better; 0 without validation
  bool best = false;                 ///< better than every epoch before
  double seconds = 0;                ///< of training, without validation

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("epoch", self.epoch);
    visit("training_losses", self.training_losses);
    visit("weights", self.weights);
    visit("validation_losses", self.validation_losses);
    visit("metrics", self.metrics);
    visit("gradient_norms", self.gradient_norms);
    visit("cosines", self.cosines);
    visit("coefficients", self.coefficients);
    visit("conflicts", self.conflicts);
    visit("own_terms", self.own_terms);
    visit("penalty", self.penalty);
    visit("rate", self.rate);
    visit("score", self.score);
    visit("best", self.best);
    visit("seconds", self.seconds);
  }
};

/// A training run.
struct History {
  std::vector<std::string> tasks;
  std::vector<std::string> metrics;  ///< the metric of each task
  std::vector<EpochReport> epochs;
  Index steps = 0;
  Index best_epoch = 0;        ///< 0 when none was chosen
  bool stopped_early = false;  ///< by patience or by an observer
  double seconds = 0;          ///< of training, without validation

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("tasks", self.tasks);
    visit("metrics", self.metrics);
    visit("epochs", self.epochs);
    visit("steps", self.steps);
    visit("best_epoch", self.best_epoch);
    visit("stopped_early", self.stopped_early);
    visit("seconds", self.seconds);
  }
};

}  // namespace polytask
