#include "experiment.hpp"

#include "comparison_json.hpp"
#include "demonstration.hpp"
#include "gradient_boosting.hpp"
#include "report.hpp"
#include "trials.hpp"
#include "tuning.hpp"

#include "polytask/report/line_chart.hpp"
#include "polytask/training/comparison_table.hpp"

#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>
#include <utility>

#include <unistd.h>

namespace polytask::examples {

std::vector<std::string> names_of(const std::vector<Policy>& policies) {
  std::vector<std::string> names;
  for (const auto& policy : policies) names.push_back(policy.name);
  return names;
}

namespace {

ComparisonOptions comparison_options(const Experiment& experiment) {
  return {.seeds = experiment.arguments.seeds,
          .validation_group = experiment.group,
          .validation = experiment.validation,
          .threads = experiment.arguments.threads};
}

/// Takes the decision by each seed's predictions.
TellBoosted judge(const Experiment& experiment, Judged& judged) {
  if (!experiment.decision) return {};
  judged.seeds.resize(static_cast<std::size_t>(experiment.arguments.seeds));
  return [&](Index run, const Predictor& predict) {
    auto& measures = judged.seeds[static_cast<std::size_t>(run)];
    measures = experiment.decision->judge(predict);
    require(std::isfinite(measures.front().value), "the decision's ", measures.front().name, " is ",
            measures.front().value, " under ", judged.name);
    if (run == 0) judged.first = predict;
  };
}

/// The same by each seed's model.
TellTrained<float> judge_models(const Experiment& experiment, Judged& judged) {
  if (!experiment.decision) return {};
  return [tell = judge(experiment, judged)](Index run, const Model<float>& model) {
    const std::shared_ptr<const Model<float>> kept = model.clone();
    tell(run, [kept](std::string_view task, const Table& rows) { return kept->predict(task, rows); });
  };
}

/// All that was trained, one comparison a way of training; the boosted trees come last.
struct Results {
  std::vector<const Trial*> trials;
  std::vector<Comparison> comparisons;
  std::vector<std::string> names;
  std::vector<Judged> judged;  ///< single tasks, the ways of training, the boosted trees
};

Results train_all(const Experiment& experiment, const std::vector<Trial>& trials) {
  const auto& arguments = experiment.arguments;
  const auto options = comparison_options(experiment);
  Results results;
  std::vector<ComparisonSide> sides;
  std::vector<Judged> judged;
  std::string refused;
  std::cout << "\nAll tasks together, with " << counted(arguments.seeds, "seed") << ":" << std::endl;
  for (const auto& trial : trials) {
    Judged own{trial.name.empty() ? trial.policy->name : trial.name, {}, {}};
    try {
      sides.push_back(train_together<float>(*trial.policy->make(experiment.features),
                                            {trial.optimizer, trial.weighting, trial.aggregation, {}}, experiment.train,
                                            experiment.test, experiment.fit, options, judge_models(experiment, own)));
    } catch (const TrainingError& error) {  // a rule that cannot work with these losses says so
      if (trials.size() == 1) throw;
      refused += trial.name + ": " + error.what() + "\n";
      continue;
    }
    judged.push_back(std::move(own));
    results.trials.push_back(&trial);
    results.names.push_back(trial.name);
    if (trials.size() == 1) continue;
    std::cerr << trial.name << ", " << sides.back().parameters << " parameters, "
              << seconds_text(mean_of(sides.back().training_seconds)) << ":";
    for (std::size_t task = 0; task < sides.back().tasks.size(); ++task)
      std::cerr << "  " << sides.back().tasks[task] << " " << mean_text(sides.back().scores[task], 4);
    std::cerr << std::endl;
  }
  require<TrainingError>(!sides.empty(), refused);
  if (!refused.empty()) std::cout << "Left out:\n" << refused;

  std::cout << "Each task alone, with " << counted(arguments.seeds, "seed") << ":" << std::endl;
  const auto separate = experiment.policies.front().make(experiment.features);
  Judged alone{"each task alone", {}, {}};
  const auto optimizer = arguments.tune_optimizer ? tuned_optimizer_alone(experiment, *separate) : experiment.optimizer;
  const auto single = train_alone<float>(*separate, {optimizer, {}, {}, {}}, experiment.train, experiment.test,
                                         experiment.fit, options, judge_models(experiment, alone));
  results.judged.push_back(std::move(alone));
  std::move(judged.begin(), judged.end(), std::back_inserter(results.judged));
  if (arguments.with_xgboost) {
    Judged boosted{"XGBoost, each task alone", {}, {}};
    sides.push_back(train_boosted(*separate, experiment.train, experiment.test, experiment.fit, options,
                                  judge(experiment, boosted)));
    results.names.push_back(boosted.name);
    results.judged.push_back(std::move(boosted));
  }
  for (auto& side : sides) results.comparisons.push_back(compare(std::move(side), single));
  return results;
}

void print(const Experiment& experiment, const Results& results) {
  std::cout << '\n';
  if (results.comparisons.size() == 1) {
    std::cout << results.comparisons.front();
  } else {
    auto names = results.names;
    if (names.front().empty()) names.front() = results.trials.front()->policy->name;
    std::cout << comparison_table(results.comparisons, names);
  }
  if (experiment.decision) std::cout << '\n' << decision_table(*experiment.decision, results.judged);
  std::cout << std::flush;
}

/// One object for one way of training, else a list.
Json json_of(const Experiment& experiment, const Results& results) {
  Json json = Json::array();
  for (std::size_t which = 0; which < results.trials.size(); ++which) {
    json.push_back(to_json(results.comparisons[which]));
    json.back()["policy"] = results.trials[which]->policy->name;
    if (results.comparisons.size() > results.trials.size())
      json.back()["boosted"] = to_json(results.comparisons.back())["tasks"];
    if (!experiment.decision) continue;
    std::vector<Judged> others{results.judged.front()};
    if (results.judged.size() > 1 + results.trials.size()) others.push_back(results.judged.back());
    json.back()["decision"] = to_json(*experiment.decision, results.judged[which + 1], others);
  }
  return json.size() == 1 ? json.front() : json;
}

void write_picture(const Experiment& experiment, const Results& results) {
  std::vector<NamedPredictor> predictors;
  for (const auto& one : results.judged) predictors.push_back({one.name, one.first});
  const auto charts = experiment.decision->curves(predictors);
  replace_file(experiment.arguments.picture, [&](std::ostream& stream) { stream << svg(charts.front()) << '\n'; });
}

/// A long run is not to end with a file that cannot be written.
/// @throws FileError naming the file
void check_writable(const std::filesystem::path& file) {
  if (file.empty()) return;
  const bool other = std::filesystem::exists(file) && !std::filesystem::is_regular_file(file);  // a pipe, a terminal
  const auto written = other ? file : file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  require<FileError>(!std::filesystem::is_directory(file) && ::access(written.c_str(), W_OK) == 0, file.string(),
                     ": the file cannot be written");
}

/// @throws ArgumentError when learning together was not worth it
void check(const Experiment& experiment, const Results& results) {
  for (std::size_t which = 0; which < results.trials.size(); ++which) {
    const double gain = mean_of(results.comparisons[which].gains);
    if (experiment.decision)
      require(beats_baseline(*experiment.decision, results.judged[which + 1]), "the decision by ",
              results.judged[which + 1].name, " is worth no more than '", baseline(*experiment.decision).name, "'");
    else
      require(gain > 0, "the tasks learnt together gain ", gain, " % over each alone");
  }
}

}  // namespace

void run(const Experiment& experiment) {
  const auto& arguments = experiment.arguments;
  for (const auto& file : {arguments.json, arguments.picture, arguments.report, arguments.save}) check_writable(file);
  require(!arguments.rules || arguments.save.empty(), "--save is for one way of training, not for --rules");
  require(arguments.picture.empty() || experiment.decision, "--picture is for examples that take a decision");
  const auto trials = trials_of(experiment);
  const bool one = trials.size() == 1;
  require(one || arguments.save.empty(), "--save is for one way of training, not for ", trials.size());
  Demonstration shown;
  if (one || !arguments.report.empty()) shown = demonstrate(experiment, trials.front());
  const auto results = train_all(experiment, trials);
  print(experiment, results);
  if (!arguments.json.empty()) write_json(arguments.json, json_of(experiment, results));
  if (!arguments.picture.empty()) write_picture(experiment, results);
  if (!arguments.report.empty())
    write_report(experiment, trials.front(), shown, results.comparisons, results.names, results.judged);
  if (arguments.check) check(experiment, results);
}

}  // namespace polytask::examples
