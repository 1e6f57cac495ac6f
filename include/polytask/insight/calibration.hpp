/// @file
/// Whether predicted probabilities are as large as they should be: of the rows with 30 %, do 30 % happen?
#pragma once

#include "polytask/metrics/checks.hpp"
#include "polytask/training/evaluate.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace polytask {

/// Samples of like predictions.
struct CalibrationBin {
  Index samples = 0;
  double mean_prediction = 0;
  double share = 0;  ///< of positives
  double low = 0;    ///< Wilson interval of the share
  double high = 0;
};

/// A task's predictions against what happened. All means are weighted by the weights of the labels.
struct Calibration {
  std::string task;
  std::vector<CalibrationBin> bins;  ///< in order of the prediction
  Index samples = 0;
  double mean_prediction = 0;
  double share = 0;           ///< of positives
  double expected_error = 0;  ///< mean of |mean prediction - share| over the bins, by their weights
};

struct CalibrationOptions {
  Index bins = 10;       ///< of as equal weights as ties allow
  double normal = 1.96;  ///< how many standard deviations the interval reaches; 1.96: 95 %
};

/// The interval of Wilson (1927) for a probability, of which a share was seen in `count` draws; within 0 and 1 always.
/// (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)
inline std::pair<double, double> wilson_interval(double share, double count, double normal) {
  const double square = normal * normal / count;
  const double middle = share + square / 2;
  const double half = normal * std::sqrt(share * (1 - share) / count + square / (4 * count));
  return {(std::max)(0.0, (middle - half) / (1 + square)), (std::min)(1.0, (middle + half) / (1 + square))};
}

/// Sorts the predictions of a task with labels 0 and 1 into bins of equal weight and holds each against its labels.
/// Equal predictions are in one bin, so that there may be fewer bins than asked for. With weights that differ, the
/// interval is that of (sum of weights)^2 / (sum of their squares) samples (Kish).
///
/// The expected error is never below 0 and is above 0 by chance alone, the more so the more bins there are.
/// @throws ArgumentError when there is more than one row, or no bin
/// @throws DataError when there is no label, a label is not 0 or 1, or a prediction not between them
inline Calibration calibration(const Evaluation& evaluation, const CalibrationOptions& options = {},
                               std::string task = "") {
  require_one_row(evaluation, "calibration");
  require(options.bins >= 1, "calibration needs at least one bin, not ", options.bins);
  require(options.normal > 0, "the interval of a calibration cannot reach ", options.normal, " standard deviations");
  struct Sample {
    double prediction;
    double label;
    double weight;
  };
  std::vector<Sample> samples;
  double total = 0;
  for_each_label(evaluation, [&](Index, Index sample, double weight) {
    const double label = evaluation.labels(0, sample);
    const double prediction = evaluation.predictions(0, sample);
    require_binary_label(label, sample, "calibration");
    require<DataError>(prediction >= 0 && prediction <= 1, "calibration: the prediction of sample ", sample, " is ",
                       prediction, ", but must be a probability");
    samples.push_back({prediction, label, weight});
    total += weight;
  });
  require<DataError>(!samples.empty(), "calibration", task.empty() ? "" : " of task '" + task + "'",
                     " needs at least one label");
  std::stable_sort(samples.begin(), samples.end(),
                   [](const Sample& one, const Sample& other) { return one.prediction < other.prediction; });
  Calibration found;
  found.task = std::move(task);
  found.samples = static_cast<Index>(samples.size());
  double before = 0;  // weight of all bins so far
  for (std::size_t begin = 0; begin < samples.size();) {
    CalibrationBin bin;
    double weight = 0, squares = 0;
    // up to the next of the borders between the bins, to the nearest sample; with the rest of a tie
    const double part = total / static_cast<double>(options.bins);
    const double border = part * (std::round(before / part) + 1);
    std::size_t end = begin;
    for (; end < samples.size(); ++end) {
      const auto& sample = samples[end];
      const bool tied = end > begin && sample.prediction == samples[end - 1].prediction;
      if (end > begin && !tied && before + weight + sample.weight / 2 > border + 1e-9 * total) break;
      weight += sample.weight;
      squares += sample.weight * sample.weight;
      bin.mean_prediction += sample.weight * sample.prediction;
      bin.share += sample.weight * sample.label;
    }
    bin.samples = static_cast<Index>(end - begin);
    found.mean_prediction += bin.mean_prediction / total;
    found.share += bin.share / total;
    bin.mean_prediction /= weight;
    bin.share = (std::min)(1.0, bin.share / weight);
    std::tie(bin.low, bin.high) = wilson_interval(bin.share, weight * weight / squares, options.normal);
    found.expected_error += weight / total * std::abs(bin.mean_prediction - bin.share);
    found.bins.push_back(bin);
    before += weight;
    begin = end;
  }
  return found;
}

/// The calibration of every task of a model whose predictions are probabilities of one class and that has a label in
/// the data.
template <Scalar S>
std::vector<Calibration> calibrations(const Model<S>& model, const Dataset<S>& data,
                                      const CalibrationOptions& options = {}) {
  std::vector<Calibration> found;
  const auto all = evaluations(model, data);
  for (std::size_t task = 0; task < all.size(); ++task) {
    const auto& shape = model.shapes()[task];
    if (shape.kind == LossKind::classification && shape.prediction_rows == 1 && shape.label_rows == 1 &&
        all[task].weights.size() > 0 && all[task].weights.sum() > 0)
      found.push_back(calibration(all[task], options, std::string(shape.name)));
  }
  return found;
}

/// The same for a table.
template <Scalar S>
std::vector<Calibration> calibrations(const Model<S>& model, const Table& table,
                                      const CalibrationOptions& options = {}) {
  return calibrations(model, model.encode(table), options);
}

/// A small table: a line a bin, then the expected error.
inline std::ostream& operator<<(std::ostream& stream, const Calibration& found) {
  const auto number = [](double value) {
    std::ostringstream text;
    text << std::fixed << std::setprecision(3) << value;
    return text.str();
  };
  stream << "calibration of " << found.task << '\n'
         << std::setw(9) << "predicted" << std::setw(9) << "share" << std::setw(18) << "interval" << std::setw(10)
         << "samples" << '\n';
  for (const auto& bin : found.bins)
    stream << std::setw(9) << number(bin.mean_prediction) << std::setw(9) << number(bin.share) << std::setw(18)
           << number(bin.low) + " to " + number(bin.high) << std::setw(10) << bin.samples << '\n';
  return stream << "mean prediction " << number(found.mean_prediction) << ", share of positives " << number(found.share)
                << ", expected calibration error " << number(found.expected_error) << '\n';
}

}  // namespace polytask
