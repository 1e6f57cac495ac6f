#include "report.hpp"

#include "polytask/insight/calibration.hpp"
#include "polytask/insight/task_relations.hpp"
#include "polytask/report/training_report.hpp"

#include <algorithm>
#include <iostream>

namespace polytask::examples {

namespace {

/// How alike the tasks' own weights are; nothing where their heads differ in shape.
std::vector<TaskRelation> relations_of(const Model<float>& model) {
  const auto& shapes = model.shapes();
  const bool alike = std::all_of(shapes.begin(), shapes.end(),
                                 [&](const TaskShape& shape) { return shape.outputs == shapes.front().outputs; });
  if (!alike || shapes.size() < 3) return {};
  const auto relations = task_relations(model);
  const auto correlations = relations.correlations();
  TaskRelation found{.title = "Correlation of the tasks' own weights",
                     .explanation = "How alike the heads are that the tasks have each for themselves.",
                     .rows = relations.tasks,
                     .columns = relations.tasks,
                     .strongest = 1};
  for (Index row = 0; row < correlations.rows(); ++row) {
    found.values.emplace_back();
    for (Index column = 0; column < correlations.cols(); ++column)
      found.values.back().push_back(correlations(row, column));
  }
  return {found};
}

PageTable table_of(const Decision& decision, const std::vector<Judged>& judged) {
  PageTable table{.caption = text("The first column of numbers is the decision's value: ", decision.unit, ", ",
                                  decision.higher_is_better ? "higher" : "lower", " is better"),
                  .lines = decision_lines(decision, judged)};
  table.lines.front().front() = "decided by";
  for (auto& line : table.lines)
    for (auto& cell : line)
      if (const auto at = cell.find("+-"); at != std::string::npos) cell.replace(at, 2, "\u00b1");
  return table;
}

}  // namespace

void write_report(const Experiment& experiment, const Trial& trial, const Demonstration& shown,
                  const std::vector<Comparison>& comparisons, const std::vector<std::string>& names,
                  const std::vector<Judged>& judged) {
  const Dataset<float> test = shown.model->encode(experiment.test);
  TrainingReport report{
      .title = experiment.name,
      .subtitle = experiment.decision ? experiment.decision->question : "",
      .facts = {{"sharing", trial.policy->name},
                {"weighting", std::string(trial.weighting.name)},
                {"aggregation", std::string(trial.aggregation.name)},
                {"training rows", markup::with_thousands(std::to_string(experiment.train.size()))},
                {"test rows", markup::with_thousands(std::to_string(experiment.test.size()))},
                {"parameters", markup::with_thousands(std::to_string(shown.model->parameter_count()))},
                {"seeds", std::to_string(experiment.arguments.seeds)}},
      .history = shown.history,
      .relations = relations_of(*shown.model),
      .calibrations = calibrations(*shown.model, test)};
  if (trial.policy->gates) report.gates = trial.policy->gates(*shown.model, test);
  for (std::size_t which = 0; which < comparisons.size(); ++which)
    report.comparisons.push_back({names[which].empty() ? trial.policy->name : names[which], comparisons[which]});
  if (experiment.decision) {
    const auto& decision = *experiment.decision;
    std::vector<NamedPredictor> predictors;
    for (const auto& one : judged) predictors.push_back({one.name, one.first});
    if (decision.curves) report.decisions = decision.curves(predictors);
    report.decision_words = text(decision.question, " ", decision.explanation);
    report.decision_tables.push_back(table_of(decision, judged));
  }
  polytask::write_report(experiment.arguments.report, report);
  std::cout << "The report is " << experiment.arguments.report.string() << ".\n";
}

}  // namespace polytask::examples
