/// @file
/// A smooth form of the largest of the tasks' relative losses in place of their sum (STCH).
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/weighting/loss_logarithms.hpp"
#include "polytask/weighting/softmax.hpp"
#include "polytask/weighting/weighting.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

class SmoothTchebycheffState;

/// Smooth Tchebycheff scalarization (Lin, Zhang, Yang, Liu, Wang, Zhang, ICML 2024), in the form its authors use for
/// multi-task learning: the loss is T mu log sum exp(log(L / z) / mu), which goes to T max log(L / z) as mu goes to
/// 0. The nadir z of a task is its mean loss over the batches of the last epoch of a warm-up, in which sum log L is
/// trained. The weights are w = T p / L with p = softmax(log(L / z) / mu), and w = 1 / L in the warm-up.
///
/// Scale: the products w L sum to the number of tasks T, in the warm-up and after it; without the factor T of the
/// authors' program (the paper has none) they would sum to 1. T is that of the tasks with a label in the batch; the
/// others keep their weight. A task without a label in the last epoch of the warm-up takes its nadir from the last
/// epoch in which it had one, else from its first loss after it; so do all with a warm-up of 0 epochs. Losses must be
/// at least 0; a task whose loss is exactly 0 is left out of that step. The losses are needed before the step.
struct SmoothTchebycheff {
  double mu = 1;  ///< smoothness; 0 would train the worst task alone, large values train sum log L
  Index warm_up_epochs = 4;

  static constexpr std::string_view name = "stch";
  static constexpr WeightingNeeds needs() { return {.losses_first = true}; }

  /// @throws ArgumentError when mu is not above 0 or warm_up_epochs is negative
  SmoothTchebycheffState begin(const WeightedTasks& tasks) const;
};

/// What smooth Tchebycheff scalarization remembers in a training run.
class SmoothTchebycheffState {
 public:
  SmoothTchebycheffState(const SmoothTchebycheff& settings, const WeightedTasks& tasks)
      : settings_(settings),
        names_(owned_names(tasks)),
        sums_(names_.size(), 0.0),
        counts_(names_.size(), 0),
        nadirs_(names_.size(), std::numeric_limits<double>::quiet_NaN()),
        weights_(names_.size(), 1.0),
        logarithms_(names_.size()),
        shares_(names_.size()) {}

  Span<const double> weights() const { return weights_; }
  Span<const double> nadirs() const { return nadirs_; }  ///< NaN where there is none yet

  /// The first step of an epoch ends the one before.
  /// @throws TrainingError when a loss is below 0
  void prepare(const StepSignals& signals) {
    if (signals.epoch != epoch_) end_epoch();
    epoch_ = signals.epoch;
    take_logarithms("stch", names_, signals, logarithms_);
    const bool warm_up = signals.epoch <= settings_.warm_up_epochs;
    for (std::size_t task = 0; task < weights_.size(); ++task) {
      if (!warm_up && std::isnan(nadirs_[task]) && !std::isnan(logarithms_[task])) nadirs_[task] = signals.losses[task];
      shares_[task] = warm_up ? 0 : logarithms_[task] - std::log(nadirs_[task]);
      shares_[task] = std::isnan(logarithms_[task]) ? logarithms_[task] : shares_[task] / settings_.mu;
    }
    softmax_of_mean_one(shares_);  // T p; all 1 in the warm-up
    for (std::size_t task = 0; task < weights_.size(); ++task)
      if (!std::isnan(shares_[task])) weights_[task] = weight_of_logarithm(std::log(shares_[task]) - logarithms_[task]);
  }

  void update(const StepSignals& signals) {
    if (signals.epoch > settings_.warm_up_epochs) return;
    for (std::size_t task = 0; task < weights_.size(); ++task) {
      if (!std::isfinite(signals.losses[task])) continue;
      sums_[task] += signals.losses[task];
      ++counts_[task];
    }
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "mu", self.settings_.mu);
    visit_setting(visit, "warm_up_epochs", self.settings_.warm_up_epochs);
    visit("epoch", self.epoch_);
    visit_sized(visit, "sums", self.sums_);
    visit_sized(visit, "counts", self.counts_);
    visit_sized(visit, "nadirs", self.nadirs_);
    visit_sized(visit, "weights", self.weights_);
  }

 private:
  void end_epoch() {
    for (std::size_t task = 0; task < weights_.size(); ++task) {
      if (sums_[task] > 0) nadirs_[task] = sums_[task] / static_cast<double>(counts_[task]);
      sums_[task] = 0;
      counts_[task] = 0;
    }
  }

  SmoothTchebycheff settings_;
  std::vector<std::string> names_;
  Index epoch_ = 0;
  std::vector<double> sums_;    ///< of this epoch, in the warm-up
  std::vector<Index> counts_;   ///< of this epoch, in the warm-up
  std::vector<double> nadirs_;  ///< z
  std::vector<double> weights_;
  std::vector<double> logarithms_;  ///< scratch
  std::vector<double> shares_;      ///< scratch
};

inline SmoothTchebycheffState SmoothTchebycheff::begin(const WeightedTasks& tasks) const {
  require(std::isfinite(mu) && mu > 1e-100, "stch: mu is ", mu, "; it must be above 0 (1e-100)");
  require(warm_up_epochs >= 0, "stch: warm_up_epochs is ", warm_up_epochs, "; it must be at least 0");
  return SmoothTchebycheffState(*this, tasks);
}

}  // namespace polytask
