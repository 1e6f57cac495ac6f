/// @file
/// Sums over the steps of an epoch.
#pragma once

#include "polytask/training/history.hpp"
#include "polytask/training/step_report.hpp"

#include <cmath>
#include <vector>

namespace polytask {

/// Adds up what the steps of an epoch report, and gives the means.
class EpochSums {
 public:
  explicit EpochSums(std::size_t tasks) : losses_(tasks), counts_(tasks), weights_(tasks) {}

  void add(const StepReport& report) {
    ++steps_;
    own_terms_ += report.own_terms;
    for (std::size_t task = 0; task < losses_.size(); ++task) {
      weights_[task] += report.weights[task];
      if (report.label_weights[task] > 0) losses_[task] += report.losses[task] * report.label_weights[task];
      counts_[task] += report.label_weights[task];
    }
    norms_.add(report.gradient_norms);
    cosines_.add(report.cosines);
    coefficients_.add(report.coefficients);
    for (std::size_t one = 0; one < losses_.size() && !report.cosines.empty(); ++one)
      for (std::size_t other = 0; other < one; ++other) {
        const double cosine = report.cosines[one * losses_.size() + other];
        pairs_ += !std::isnan(cosine);
        conflicts_ += cosine < 0;
      }
  }

  /// Writes the means; a loss is weighted by the labels of its batch, what is missing is left out.
  void mean(EpochReport& report) const {
    report.training_losses.resize(losses_.size());
    report.weights.resize(losses_.size());
    for (std::size_t task = 0; task < losses_.size(); ++task) {
      report.training_losses[task] = losses_[task] / counts_[task];
      report.weights[task] = weights_[task] / static_cast<double>(steps_);
    }
    report.gradient_norms = norms_.mean();
    report.cosines = cosines_.mean();
    report.coefficients = coefficients_.mean();
    report.own_terms = own_terms_ / static_cast<double>(steps_);
    report.conflicts = pairs_ > 0 ? conflicts_ / pairs_ : 0;
  }

 private:
  /// Means of numbers of which some may be missing.
  struct Means {
    std::vector<double> sums;
    std::vector<double> counts;

    void add(const std::vector<double>& values) {
      sums.resize(values.size());
      counts.resize(values.size());
      for (std::size_t which = 0; which < values.size(); ++which)
        if (!std::isnan(values[which])) {
          sums[which] += values[which];
          counts[which] += 1;
        }
    }
    std::vector<double> mean() const {
      std::vector<double> means(sums.size());
      for (std::size_t which = 0; which < sums.size(); ++which) means[which] = sums[which] / counts[which];
      return means;
    }
  };

  std::vector<double> losses_;
  std::vector<double> counts_;
  std::vector<double> weights_;
  Means norms_;
  Means cosines_;
  Means coefficients_;
  double own_terms_ = 0;
  double pairs_ = 0;
  double conflicts_ = 0;
  Index steps_ = 0;
};

}  // namespace polytask
