/// @file
/// The report of a training run: one page that needs no network.
#pragma once

#include "polytask/report/comparison_sections.hpp"
#include "polytask/report/history_sections.hpp"
#include "polytask/report/insight_sections.hpp"
#include "polytask/report/page.hpp"

#include <filesystem>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace polytask {

/// What is known of a training run. What is left empty has no part in the report.
struct TrainingReport {
  std::string title = "Training report";
  std::string subtitle = {};
  std::vector<PageFact> facts = {};  ///< settings worth telling: {"sharing", "HardSharing"}, {"rows", "24,000"}, ...
  History history = {};              ///< trainer.history(); with FitOptions::record_gradients it has cosines, too
  std::vector<NamedComparison> comparisons = {};  ///< compare_with_single_task(...); several with the same single tasks
  std::vector<GateUse> gates = {};                ///< gate_use(model, data)
  std::vector<TaskRelation> relations = {};
  std::vector<Calibration> calibrations = {};   ///< calibrations(model, data)
  std::vector<LineChart> decisions = {};        ///< what is won by deciding with the model
  std::vector<PageTable> decision_tables = {};  ///< what decisions are worth, in numbers
  std::string decision_words = {};              ///< what curves and tables show
  std::vector<PageSection> more = {};           ///< at the end
};

/// The report as a page, to be changed or written.
/// @throws ArgumentError when there is nothing to report, when comparisons are of different tasks, or when a chart of
///         the caller's own cannot be drawn
inline Page training_page(const TrainingReport& report) {
  Page page{.title = report.title, .subtitle = report.subtitle};
  const auto& history = report.history;
  const auto add = [&](PageSection section) {
    if (!section.charts.empty() || !section.tables.empty()) page.sections.push_back(std::move(section));
  };
  if (!history.tasks.empty()) page.facts.push_back({"tasks", std::to_string(history.tasks.size())});
  page.facts.insert(page.facts.end(), report.facts.begin(), report.facts.end());
  if (!history.epochs.empty()) {
    page.facts.push_back(
        {"epochs", std::to_string(history.epochs.size()) + (history.stopped_early ? ", stopped early" : "")});
    if (history.best_epoch > 0) page.facts.push_back({"best epoch", std::to_string(history.best_epoch)});
    page.facts.push_back({"steps", markup::with_thousands(std::to_string(history.steps))});
    page.facts.push_back({"training time", markup::duration(history.seconds)});
  }
  if (report.comparisons.size() == 1)
    page.facts.push_back({"mean gain", gain_words(report.comparisons.front().comparison.gains)});

  for (const auto& one : report.comparisons)
    require(!one.comparison.gains.empty() &&
                one.comparison.multi.tasks == report.comparisons.front().comparison.multi.tasks,
            "report '", report.title, "': comparison '", one.name, "' has no seed, or other tasks than the first");
  if (!report.comparisons.empty()) add(gain_section(report.comparisons));
  if (!history.epochs.empty()) {
    add(learning_section(history));
    add(metric_section(history));
    add(weight_section(history));
    add(gradient_section(history));
  }
  if (!report.gates.empty()) add(gate_section(report.gates));
  if (!report.relations.empty()) add(relation_section(report.relations));
  if (!report.calibrations.empty()) add(calibration_section(report.calibrations));
  PageSection decisions{.title = "Decisions"};
  if (!report.decision_words.empty()) decisions.paragraphs.push_back(report.decision_words);
  for (const auto& chart : report.decisions) decisions.charts.push_back(svg(chart));
  decisions.tables = report.decision_tables;
  add(std::move(decisions));
  if (!report.comparisons.empty()) add(cost_section(report.comparisons));
  for (const auto& section : report.more) add(section);
  require(!page.sections.empty(), "report '", report.title, "': there is nothing to report");
  return page;
}

/// The report as HTML. The same report gives the same bytes.
inline std::string training_report(const TrainingReport& report) { return html(training_page(report)); }

/// Writes the report to a file.
/// @throws FileError naming the file when it cannot be written; a file that was there before stays as it was
inline void write_report(const std::filesystem::path& path, const TrainingReport& report) {
  write_page(path, training_page(report));
}

}  // namespace polytask
