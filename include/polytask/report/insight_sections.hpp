/// @file
/// What a trained model has learnt: the use of its gates, how its tasks belong together, whether its probabilities
/// hold.
#pragma once

#include "polytask/insight/calibration.hpp"
#include "polytask/insight/gates.hpp"
#include "polytask/report/heat_map.hpp"
#include "polytask/report/line_chart.hpp"
#include "polytask/report/page.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace polytask {

/// A matrix that says how tasks belong together: a covariance that was learnt, the units of a cross-stitch, affinities.
struct TaskRelation {
  std::string title = {};
  std::string explanation = {};
  std::vector<std::string> rows = {};
  std::vector<std::string> columns = {};
  std::vector<std::vector<double>> values = {};  ///< rows x columns
  double strongest =
      0;  ///< the size of a number with the full colour (1 for correlations); 0: the largest of the values
};

inline PageSection gate_section(const std::vector<GateUse>& gates) {
  PageSection section{.title = "Use of the experts"};
  section.paragraphs.push_back(
      "The share that each task's gate gives to each expert, and how many of the samples give it the largest share. A "
      "gate whose "
      "mean entropy is low while the entropy of its mean is high tells samples apart; where both are low, it has "
      "collapsed to "
      "few experts.");
  HeatMap shares{.title = "Mean share", .subtitle = "Of each expert, by task", .strongest = 1};
  HeatMap largest{.title = "Largest share",
                  .subtitle = "Per cent of the samples that rank the expert first",
                  .strongest = 100,
                  .digits = 0};
  for (const auto& gate : gates)
    for (const auto& choice : gate.choices)
      if (std::find(shares.columns.begin(), shares.columns.end(), choice.name) == shares.columns.end())
        shares.columns.push_back(choice.name);
  largest.columns = shares.columns;
  PageTable table{.caption = "Entropies of the gates, in nats", .lines = {{"task", "mean", "of the mean", "at most"}}};
  for (const auto& gate : gates) {
    const double none = std::numeric_limits<double>::quiet_NaN();
    shares.rows.push_back(gate.task);
    largest.rows.push_back(gate.task);
    auto& share_line = shares.values.emplace_back(shares.columns.size(), none);
    auto& largest_line = largest.values.emplace_back(shares.columns.size(), none);
    for (const auto& choice : gate.choices) {
      const auto column = static_cast<std::size_t>(
          std::find(shares.columns.begin(), shares.columns.end(), choice.name) - shares.columns.begin());
      share_line[column] = choice.mean_share;
      largest_line[column] = 100 * choice.largest;
    }
    table.lines.push_back({gate.task, markup::fixed(gate.mean_entropy, 3), markup::fixed(gate.entropy_of_mean, 3),
                           markup::fixed(std::log(static_cast<double>(gate.choices.size())), 3)});
  }
  section.charts = {svg(shares), svg(largest)};
  section.tables.push_back(std::move(table));
  return section;
}

inline PageSection relation_section(const std::vector<TaskRelation>& relations) {
  PageSection section{.title = "Relations of the tasks"};
  for (const auto& relation : relations)
    section.charts.push_back(svg(HeatMap{.title = relation.title,
                                         .subtitle = relation.explanation,
                                         .rows = relation.rows,
                                         .columns = relation.columns,
                                         .values = relation.values,
                                         .strongest = relation.strongest}));
  return section;
}

/// The reliability curve of a task: share of positives by predicted probability, with the diagonal of a calibrated
/// model.
inline LineChart reliability_chart(const Calibration& calibration) {
  LineChart chart{.title = calibration.task,
                  .subtitle = "Expected calibration error " + markup::fixed(calibration.expected_error, 4) +
                              "; mean prediction " + markup::fixed(calibration.mean_prediction, 4) +
                              ", share of positives " + markup::fixed(calibration.share, 4),
                  .x_label = "predicted probability",
                  .y_label = "share of positives, with 95 % interval",
                  .marks = LineChart::Marks::all,
                  .plot_height = 250};
  chart.lines.emplace_back();
  double limit = 0;
  for (const auto& bin : calibration.bins) {
    chart.lines.back().points.push_back({bin.mean_prediction, bin.share, bin.low, bin.high});
    limit = (std::max)({limit, bin.mean_prediction, bin.high});
  }
  limit = (std::min)(1.0, 1.05 * limit);
  chart.x_range = chart.y_range = {0, limit};
  chart.behind = {{{0, 0}, {limit, limit}}};
  chart.behind_thickness = 1.5;
  return chart;
}

inline PageSection calibration_section(const std::vector<Calibration>& calibrations) {
  PageSection section{.title = "Calibration"};
  section.paragraphs.push_back(
      "Of the samples with a predicted probability of 30 %, 30 % should turn out positive: points on the diagonal. "
      "Each point "
      "stands for as many samples. Below the diagonal the model promises too much.");
  for (const auto& calibration : calibrations) {
    section.charts.push_back(svg(reliability_chart(calibration)));
    PageTable table{.caption = calibration.task + ": " + markup::with_thousands(std::to_string(calibration.samples)) +
                               " samples in " + std::to_string(calibration.bins.size()) + " bins",
                    .lines = {{"predicted", "share", "from", "to", "samples"}},
                    .words = 0,
                    .folded = true};
    for (const auto& bin : calibration.bins)
      table.lines.push_back({markup::fixed(bin.mean_prediction, 4), markup::fixed(bin.share, 4),
                             markup::fixed(bin.low, 4), markup::fixed(bin.high, 4),
                             markup::with_thousands(std::to_string(bin.samples))});
    section.tables.push_back(std::move(table));
  }
  return section;
}

}  // namespace polytask
