/// @file
/// What a training run's history shows: learning curves, weights and gradients, epoch by epoch.
#pragma once

#include "polytask/metrics/all.hpp"
#include "polytask/report/bar_chart.hpp"
#include "polytask/report/heat_map.hpp"
#include "polytask/report/line_chart.hpp"
#include "polytask/report/page.hpp"
#include "polytask/training/history.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace polytask {

/// The number in a place; not a number where there is none.
inline double number_at(const std::vector<double>& values, std::size_t place) {
  return place < values.size() ? values[place] : std::numeric_limits<double>::quiet_NaN();
}

/// A line with a point an epoch.
/// @param value of an EpochReport
template <class Value>
Line epoch_line(const History& history, std::string name, Value&& value) {
  Line line{.name = std::move(name)};
  for (const auto& epoch : history.epochs) line.points.push_back({static_cast<double>(epoch.epoch), value(epoch)});
  return line;
}

inline bool has_points(const Line& line) {
  return std::any_of(line.points.begin(), line.points.end(), [](const auto& point) { return std::isfinite(point.y); });
}

/// A chart of one number a task over the epochs; of lines without a number nothing is drawn.
/// @param values of an EpochReport, one a task
inline LineChart task_chart(const History& history, std::vector<double> EpochReport::*values) {
  LineChart chart{.x_label = "epoch", .x_whole = true};
  for (std::size_t task = 0; task < history.tasks.size(); ++task) {
    auto line = epoch_line(history, history.tasks[task],
                           [&](const EpochReport& epoch) { return number_at(epoch.*values, task); });
    if (!has_points(line)) continue;
    line.colour = static_cast<int>(task);
    chart.lines.push_back(std::move(line));
  }
  return chart;
}

/// Whether lines reach over so many times their least number that small ones can be seen on a logarithmic axis only.
inline bool spreads(const LineChart& chart) {
  double low = std::numeric_limits<double>::infinity(), high = 0;
  for (const auto& line : chart.lines)
    for (const auto& point : line.points)
      if (std::isfinite(point.y)) {
        low = (std::min)(low, point.y);
        high = (std::max)(high, point.y);
      }
  return low > 0 && high > 30 * low;
}

inline bool constant(const Line& line) {
  return std::all_of(line.points.begin(), line.points.end(), [&](const auto& point) {
    return std::abs(point.y - line.points.front().y) <= 1e-9 * std::abs(point.y);
  });
}

/// The metric's name with its direction: "auc, higher is better".
inline std::string metric_words(const std::string& name, const char* higher = ", higher is better",
                                const char* lower = ", lower is better") {
  for (const Metric& metric : all_metrics())
    if (metric.name == name) return name + (metric.higher_is_better ? higher : lower);
  return name;
}

/// The number with the digits that a table needs.
inline std::string cell_words(double value) {
  const double size = std::abs(value);
  return !(size < 1e6) || (size > 0 && size < 1e-3) ? markup::number(value, 4)
                                                    : markup::with_thousands(markup::fixed(value, size < 100   ? 4
                                                                                                  : size < 1e4 ? 2
                                                                                                               : 0));
}

/// The epoch whose parameters were kept; null when none was chosen.
inline const EpochReport* best_epoch(const History& history) {
  for (const auto& epoch : history.epochs)
    if (history.best_epoch > 0 && epoch.epoch == history.best_epoch) return &epoch;
  return nullptr;
}

inline std::vector<Guide> best_epoch_guide(const History& history) {
  if (best_epoch(history) == nullptr) return {};
  return {{"best epoch: " + std::to_string(history.best_epoch), static_cast<double>(history.best_epoch)}};
}

inline std::string metric_of(const History& history, std::size_t task) {
  return task < history.metrics.size() && !history.metrics[task].empty() ? history.metrics[task] : "metric";
}

/// The losses of each task, and the learning rate where it changes.
inline PageSection learning_section(const History& history) {
  PageSection section{.title = "Learning curves"};
  const bool validated = std::any_of(history.epochs.begin(), history.epochs.end(),
                                     [](const auto& epoch) { return !epoch.validation_losses.empty(); });
  section.paragraphs.push_back(
      validated
          ? "The training loss is the mean over an epoch, while the parameters moved; the validation loss is taken at "
            "its end. Where the validation loss rises while the training loss falls, the model learns by heart."
          : "The training loss is the mean over an epoch, while the parameters moved. There were no validation data.");
  PageTable all{.caption = "The losses of every epoch", .lines = {{"epoch"}}, .folded = true};
  for (const auto& epoch : history.epochs) all.lines.push_back({std::to_string(epoch.epoch)});
  for (std::size_t task = 0; task < history.tasks.size(); ++task) {
    LineChart losses{.title = history.tasks[task],
                     .x_label = "epoch",
                     .y_label = "loss",
                     .down = best_epoch_guide(history),
                     .x_whole = true};
    for (const auto& [name, values] : {std::pair{"training", &EpochReport::training_losses},
                                       std::pair{"validation", &EpochReport::validation_losses}}) {
      auto line = epoch_line(history, name, [&](const auto& epoch) { return number_at(epoch.*values, task); });
      if (!has_points(line)) continue;
      all.lines.front().push_back(history.tasks[task] + ", " + name);
      for (std::size_t place = 0; place < history.epochs.size(); ++place)
        all.lines[place + 1].push_back(cell_words(line.points[place].y));
      losses.lines.push_back(std::move(line));
    }
    if (losses.lines.empty()) continue;
    losses.y_logarithmic = spreads(losses);
    section.charts.push_back(svg(losses));
  }
  LineChart rate{.title = "Learning rate", .x_label = "epoch", .y_label = "of the epoch's last step", .x_whole = true};
  rate.lines.push_back(epoch_line(history, "", [](const auto& epoch) { return epoch.rate; }));
  if (has_points(rate.lines.back()) && !constant(rate.lines.back())) {
    rate.y_logarithmic = spreads(rate);
    section.charts.push_back(svg(rate));
  }
  section.tables.push_back(std::move(all));
  return section;
}

/// The metric of each task on the validation data. Without charts when there were none.
inline PageSection metric_section(const History& history) {
  PageSection section{.title = "Metrics on validation data"};
  const EpochReport& kept = best_epoch(history) != nullptr ? *best_epoch(history) : history.epochs.back();
  PageTable table{
      .caption = text("After epoch ", kept.epoch, best_epoch(history) != nullptr ? ", the best" : ", the last",
                      "; \u2191 higher is better, \u2193 lower is better"),
      .lines = {{"task", "metric", "value", "validation loss", "training loss"}},
      .words = 2};
  PageTable all{.caption = "The metrics of every epoch", .lines = {{"epoch"}}, .folded = true};
  for (const auto& epoch : history.epochs) all.lines.push_back({std::to_string(epoch.epoch)});
  for (std::size_t task = 0; task < history.tasks.size(); ++task) {
    const std::string metric = metric_of(history, task);
    table.lines.push_back(
        {history.tasks[task], metric_words(metric, " \u2191", " \u2193"), cell_words(number_at(kept.metrics, task)),
         cell_words(number_at(kept.validation_losses, task)), cell_words(number_at(kept.training_losses, task))});
    LineChart chart{.title = history.tasks[task],
                    .x_label = "epoch",
                    .y_label = metric_words(metric),
                    .down = best_epoch_guide(history),
                    .x_whole = true};
    chart.lines.push_back(
        epoch_line(history, metric, [&](const auto& epoch) { return number_at(epoch.metrics, task); }));
    if (!has_points(chart.lines.back())) continue;
    all.lines.front().push_back(history.tasks[task] + ", " + metric);
    for (std::size_t place = 0; place < history.epochs.size(); ++place)
      all.lines[place + 1].push_back(cell_words(chart.lines.back().points[place].y));
    section.charts.push_back(svg(chart));
  }
  if (!section.charts.empty()) section.tables = {std::move(table), std::move(all)};
  return section;
}

/// The weights of the losses over time; as bars when they stay what they are. Without charts when there are none.
inline PageSection weight_section(const History& history) {
  PageSection section{.title = "Weights"};
  LineChart weights = task_chart(history, &EpochReport::weights);
  if (weights.lines.empty()) return section;
  if (std::all_of(weights.lines.begin(), weights.lines.end(), constant)) {
    section.paragraphs.push_back("The weights of the losses stayed the same.");
    BarChart bars{.title = "Weight of each task's loss", .digits = 3};
    for (const auto& line : weights.lines) bars.rows.push_back({line.name, {line.points.front().y}});
    section.charts.push_back(svg(bars));
  } else {
    section.paragraphs.push_back(
        "The mean over each epoch of what each task's loss was multiplied by. A weight says nothing by itself: what "
        "counts is "
        "the weight times the gradient.");
    weights.title = "Weight of each task's loss";
    weights.y_label = "mean over the epoch";
    weights.y_logarithmic = spreads(weights);
    section.charts.push_back(svg(weights));
    PageTable table{.caption = "Weights", .lines = {{"task", "first epoch", "last epoch"}}};
    for (const auto& line : weights.lines)
      table.lines.push_back({line.name, cell_words(line.points.front().y), cell_words(line.points.back().y)});
    section.tables.push_back(std::move(table));
  }
  return section;
}

/// The mean over the epochs of the cosines between every two tasks' gradients; empty when there are none.
inline std::vector<std::vector<double>> mean_cosines(const History& history) {
  const std::size_t count = history.tasks.size();
  std::vector<std::vector<double>> found;
  for (std::size_t row = 0; row < count; ++row) {
    auto& line = found.emplace_back();
    for (std::size_t column = 0; column < count; ++column) {
      double sum = 0, epochs = 0;
      for (const auto& epoch : history.epochs)
        if (const double value = number_at(epoch.cosines, row * count + column); std::isfinite(value)) {
          sum += value;
          epochs += 1;
        }
      line.push_back(sum / epochs);  // 0 / 0: none
    }
  }
  const auto known = [](const auto& line) {
    return std::any_of(line.begin(), line.end(), [](double value) { return std::isfinite(value); });
  };
  return std::any_of(found.begin(), found.end(), known) ? found : std::vector<std::vector<double>>{};
}

/// Cosines, norms and coefficients of the tasks' gradients. Without charts when the run did not record them.
inline PageSection gradient_section(const History& history) {
  PageSection section{.title = "Gradients"};
  const auto cosines = mean_cosines(history);
  if (!cosines.empty()) {
    section.paragraphs.push_back(
        "The gradients of the tasks in what they share. A cosine of 1: they pull the same way; below 0: what helps one "
        "task harms "
        "the other.");
    section.charts.push_back(svg(HeatMap{.title = "Cosine of the tasks' gradients",
                                         .subtitle = "Mean over all epochs",
                                         .rows = history.tasks,
                                         .columns = history.tasks,
                                         .values = cosines,
                                         .strongest = 1}));
    const std::size_t count = history.tasks.size();
    LineChart pairs{.title = "Cosines over time",
                    .x_label = "epoch",
                    .y_label = "mean over the epoch",
                    .across = {{"", 0}},
                    .x_whole = true};
    for (std::size_t row = 0; row < count && count <= 4; ++row)
      for (std::size_t column = row + 1; column < count; ++column) {
        auto line = epoch_line(history, history.tasks[row] + ", " + history.tasks[column],
                               [&](const auto& epoch) { return number_at(epoch.cosines, row * count + column); });
        if (has_points(line)) pairs.lines.push_back(std::move(line));
      }
    if (!pairs.lines.empty()) section.charts.push_back(svg(pairs));
    LineChart conflicts{.title = "Conflicts",
                        .subtitle = "Share of the pairs of gradients with a cosine below 0",
                        .x_label = "epoch",
                        .y_label = "per cent",
                        .across = {{"", 0}},
                        .x_whole = true};
    conflicts.lines.push_back(epoch_line(history, "conflicts", [](const auto& epoch) {
      return epoch.cosines.empty() ? std::numeric_limits<double>::quiet_NaN() : 100 * epoch.conflicts;
    }));
    section.charts.push_back(svg(conflicts));
  }
  LineChart norms = task_chart(history, &EpochReport::gradient_norms);
  if (!norms.lines.empty()) {
    norms.title = "Norm of each task's gradient";
    norms.subtitle = "Of the weighted loss, in what the tasks share: how much each task has to say";
    norms.y_label = "mean over the epoch";
    norms.y_logarithmic = spreads(norms);
    section.charts.push_back(svg(norms));
  }
  LineChart coefficients = task_chart(history, &EpochReport::coefficients);
  if (!std::all_of(coefficients.lines.begin(), coefficients.lines.end(), constant)) {
    coefficients.title = "Coefficient of each task's gradient";
    coefficients.subtitle = "By which the aggregation multiplied it";
    coefficients.y_label = "mean over the epoch";
    section.charts.push_back(svg(coefficients));
  }
  return section;
}

}  // namespace polytask
