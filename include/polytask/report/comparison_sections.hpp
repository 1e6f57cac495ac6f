/// @file
/// What learning together gains over learning alone, and what both cost.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/report/bar_chart.hpp"
#include "polytask/report/heat_map.hpp"
#include "polytask/report/page.hpp"
#include "polytask/training/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace polytask {

/// A comparison with what its way of learning together is called.
struct NamedComparison {
  std::string name = {};
  Comparison comparison = {};
};

/// "0.7312 ± 0.0040", mean and standard deviation; of one number the number.
inline std::string mean_words(Span<const double> values, int digits) {
  std::string words = markup::fixed(mean_of(values), digits);
  if (values.size() > 1) words += " \u00b1 " + markup::fixed(deviation_of(values), digits);
  return words;
}

/// "+7.0 ± 2.6 %".
inline std::string gain_words(Span<const double> values) {
  if (std::isnan(mean_of(values))) return "\u2013";
  return (mean_of(values) > 0 ? "+" : "") + mean_words(values, 1) + " %";
}

/// Mean and deviation of gains as a row of bars.
/// @param total whether it is that of all tasks
inline BarRow gain_row(std::string name, Span<const double> gains, bool total = false) {
  return {std::move(name), {mean_of(gains)}, {deviation_of(gains)}, total};
}

/// The gain of each task and the mean; of several ways of learning together, each against the single tasks.
inline PageSection gain_section(const std::vector<NamedComparison>& all) {
  PageSection section{.title = "Gain over single-task"};
  const auto& first = all.front().comparison;
  const std::size_t seeds = first.gains.size();
  section.paragraphs.push_back(
      "How much better each task is learnt together with the others than alone, on test data, relative to what it "
      "reaches alone; of "
      "an AUC only the part above 0.5 counts. Positive is better, whatever the metric." +
      (seeds > 1 ? text(" Means and standard deviations over ", seeds, " seeds.")
                 : text(" One seed: differences may be chance.")));
  if (all.size() == 1) {
    BarChart bars{.title = "Gain of each task", .x_label = "relative gain in per cent", .unit = " %", .signs = true};
    PageTable table{.caption = "On the test data; \u2191 higher is better, \u2193 lower is better",
                    .lines = {{"task", "metric", "together", "alone", "gain"}},
                    .words = 2,
                    .total = true};
    for (const auto& row : first.rows) {
      bars.rows.push_back(gain_row(row.task, row.gains));
      table.lines.push_back({row.task,
                             std::string(row.metric.name) + (row.metric.higher_is_better ? " \u2191" : " \u2193"),
                             mean_words(row.multi, 4), mean_words(row.single, 4), gain_words(row.gains)});
    }
    bars.rows.push_back(gain_row("mean gain", first.gains, true));
    table.lines.push_back({"mean gain", "", "", "", gain_words(first.gains)});
    section.charts.push_back(svg(bars));
    section.tables.push_back(std::move(table));
    return section;
  }
  BarChart means{.title = "Mean gain",
                 .subtitle = "Over the tasks",
                 .x_label = "relative gain in per cent",
                 .unit = " %",
                 .signs = true};
  HeatMap each{.title = "Gain of each task", .subtitle = "Relative gain in per cent", .digits = 1};
  PageTable table{.caption = "Metrics on the test data", .lines = {{"together by"}}};
  for (const auto& row : first.rows) {
    each.columns.push_back(row.task);
    table.lines.front().push_back(row.task + ", " + std::string(row.metric.name));
  }
  table.lines.front().push_back("mean gain");
  const auto line = [&](const std::string& name, const ComparisonSide& side, std::string gain) {
    std::vector<std::string> cells{name};
    for (const auto& scores : side.scores) cells.push_back(mean_words(scores, 4));
    cells.push_back(std::move(gain));
    table.lines.push_back(std::move(cells));
  };
  line("each task alone", first.single, "");
  for (const auto& one : all) {
    means.rows.push_back(gain_row(one.name, one.comparison.gains));
    each.rows.push_back(one.name);
    auto& values = each.values.emplace_back();
    for (const auto& row : one.comparison.rows) values.push_back(mean_of(row.gains));
    line(one.name, one.comparison.multi, gain_words(one.comparison.gains));
  }
  section.charts = {svg(means), svg(each)};
  section.tables.push_back(std::move(table));
  return section;
}

/// One kind of cost, a bar a side.
/// @param time whether the values are seconds
inline std::string cost_chart(std::string title, const std::vector<std::string>& names,
                              const std::vector<std::vector<double>>& values, bool time) {
  double largest = 0;
  for (const auto& of : values) largest = (std::max)(largest, mean_of(of));
  const double unit = !time || largest >= 1 ? 1 : largest >= 1e-3 ? 1e3 : 1e6;
  const double shown = unit * largest;
  BarChart bars{.title = std::move(title)};
  bars.digits = !time || shown >= 1000 ? 0 : shown >= 100 ? 1 : 2;
  bars.unit = !time ? "" : unit == 1 ? " s" : unit == 1e3 ? " ms" : " \u00b5s";
  for (std::size_t side = 0; side < names.size(); ++side)
    bars.rows.push_back({names[side], {unit * mean_of(values[side])}, {unit * deviation_of(values[side])}});
  return svg(bars);
}

/// What the single tasks and every way of learning together cost.
inline PageSection cost_section(const std::vector<NamedComparison>& all) {
  PageSection section{.title = "Cost"};
  section.paragraphs.push_back(
      "Alone, the networks of all tasks are counted together; only a step is that of one task. Times are those of this "
      "machine "
      "and this run.");
  std::vector<std::string> names{"each task alone"};
  std::vector<const ComparisonSide*> sides{&all.front().comparison.single};
  for (const auto& one : all) {
    names.push_back(all.size() == 1 ? "together" : one.name);
    sides.push_back(&one.comparison.multi);
  }
  PageTable table{.caption = "Cost, and its part of that of the single tasks", .lines = {{"tasks learnt"}}};
  for (const auto& name : names) table.lines.push_back({name});
  const auto add = [&](const std::string& title, bool time, const auto& values_of) {
    std::vector<std::vector<double>> values;
    for (const auto* side : sides) values.push_back(values_of(*side));
    if (std::any_of(values.begin(), values.end(), [](const auto& of) { return of.empty(); })) return;
    section.charts.push_back(cost_chart(title, names, values, time));
    table.lines.front().push_back(title);
    for (std::size_t side = 0; side < sides.size(); ++side) {
      const double mean = mean_of(values[side]);
      table.lines[side + 1].push_back((time ? markup::duration(mean) : markup::with_thousands(markup::fixed(mean, 0))) +
                                      (side == 0 || title == "Time of a step"
                                           ? ""
                                           : " (" + markup::fixed(100 * mean / mean_of(values[0]), 0) + " %)"));
    }
  };
  add("Parameters", false,
      [](const ComparisonSide& side) { return std::vector{static_cast<double>(side.parameters)}; });
  add("Training time", true, [](const ComparisonSide& side) { return side.training_seconds; });
  add("Time of a step", true, [](const ComparisonSide& side) { return side.step_seconds; });
  add("Prediction time, test data", true, [](const ComparisonSide& side) { return side.prediction_seconds; });
  section.tables.push_back(std::move(table));
  return section;
}

}  // namespace polytask
