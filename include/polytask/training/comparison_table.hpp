/// @file
/// Comparisons as tables of text.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/core/text_table.hpp"
#include "polytask/training/comparison.hpp"

#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

namespace polytask {

/// "0.7312 +- 0.0040", mean and standard deviation; of one number the number.
inline std::string mean_text(Span<const double> values, int digits) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(digits) << mean_of(values);
  if (values.size() > 1) text << " +- " << deviation_of(values);
  return text.str();
}

/// "+7.0 +- 2.6 %".
inline std::string gain_text(Span<const double> values) {
  return (mean_of(values) < 0 ? "" : "+") + mean_text(values, 1) + " %";
}

inline std::string seconds_text(double seconds) {
  std::ostringstream text;
  text << std::setprecision(3) << seconds << " s";
  return text.str();
}

inline std::string microseconds_text(double seconds) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(0) << 1e6 * seconds << " us";
  return text.str();
}

/// A line a task, then the mean gain and the cost of both sides.
inline std::ostream& operator<<(std::ostream& stream, const Comparison& comparison) {
  TextTable table(2);
  table.add({"task", "metric", "multi-task", "single-task", "gain"});
  table.rule();
  for (const auto& row : comparison.rows)
    table.add({row.task, std::string(row.metric.name) + (row.metric.higher_is_better ? "" : " (lower is better)"),
               mean_text(row.multi, 4), mean_text(row.single, 4), gain_text(row.gains)});
  table.rule();
  const auto both = [&](const std::string& what, const std::string& multi, const std::string& single) {
    table.add({what, "", multi, single, ""});
  };
  table.add({"mean gain (delta m)", "", "", "", gain_text(comparison.gains)});
  both("parameters", std::to_string(comparison.multi.parameters), std::to_string(comparison.single.parameters));
  both("training time", seconds_text(mean_of(comparison.multi.training_seconds)),
       seconds_text(mean_of(comparison.single.training_seconds)));
  both("prediction time", seconds_text(mean_of(comparison.multi.prediction_seconds)),
       seconds_text(mean_of(comparison.single.prediction_seconds)));
  return stream << table;
}

/// Several ways of learning the same tasks: a line each, the first that of the single tasks.
/// @param comparisons all with the same single-task side
/// @param names       what each line is called
inline TextTable comparison_table(Span<const Comparison> comparisons, Span<const std::string> names) {
  require(!comparisons.empty() && comparisons.size() == names.size(), "there are ", comparisons.size(),
          " comparisons and ", names.size(), " names");
  TextTable table(1);
  std::vector<std::string> head{""};
  for (const auto& row : comparisons.front().rows) head.push_back(row.task + " " + std::string(row.metric.name));
  head.insert(head.end(), {"mean gain", "parameters", "training", "a step"});
  table.add(head);
  table.rule();
  const auto line = [&](const std::string& name, const ComparisonSide& side, const std::string& gain) {
    std::vector<std::string> cells{name};
    for (const auto& scores : side.scores) cells.push_back(mean_text(scores, 4));
    cells.insert(cells.end(), {gain, std::to_string(side.parameters), seconds_text(mean_of(side.training_seconds)),
                               microseconds_text(mean_of(side.step_seconds))});
    table.add(std::move(cells));
  };
  line("each task alone", comparisons.front().single, "");
  for (std::size_t which = 0; which < comparisons.size(); ++which)
    line(names[which], comparisons[which].multi, gain_text(comparisons[which].gains));
  return table;
}

}  // namespace polytask
