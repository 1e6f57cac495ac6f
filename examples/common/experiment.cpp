#include "experiment.hpp"

#include "comparison_json.hpp"
#include "tuned_weights.hpp"

#include "polytask/aggregation/named_aggregation.hpp"
#include "polytask/files/model.hpp"
#include "polytask/training/comparison_table.hpp"
#include "polytask/training/progress.hpp"
#include "polytask/weighting/named_weighting.hpp"

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <utility>

#include <unistd.h>

namespace polytask::examples {

std::vector<std::string> names_of(const std::vector<Policy>& policies) {
  std::vector<std::string> names;
  for (const auto& policy : policies) names.push_back(policy.name);
  return names;
}

namespace {

/// One way of training that is tried.
struct Trial {
  const Policy* policy;
  std::string name;  ///< of what is varied
  AnyWeighting weighting;
  AnyAggregation aggregation;
};

AnyWeighting weighting_of(const Experiment& experiment, const std::string& name) {
  if (name == Fixed::name) return Fixed{experiment.arguments.fixed_weights};
  if (name == Scheduled::name) return Scheduled{experiment.schedules};
  return weighting_named(name);
}

/// The names in a list of an argument; all of them for "all".
std::vector<std::string> asked(const std::string& list, const std::vector<std::string>& all) {
  const auto names = split_names(list);
  return std::find(names.begin(), names.end(), "all") == names.end() ? names : all;
}

ComparisonOptions comparison_options(const Experiment& experiment) {
  return {.seeds = experiment.arguments.seeds, .validation = experiment.validation, .threads = experiment.arguments.threads};
}

/// Every combination that is asked for.
std::vector<Trial> trials_of(const Experiment& experiment) {
  const auto& arguments = experiment.arguments;
  const auto all_policies = names_of(experiment.policies);
  const auto policies = asked(arguments.sharing, all_policies);
  const auto weightings = asked(arguments.weighting, weighting_names());
  const auto aggregations = asked(arguments.aggregation, aggregation_names());
  std::vector<Trial> trials;
  const auto add = [&](const Policy& policy, const AnyWeighting& weighting, const AnyAggregation& aggregation,
                       const std::string& rule = "") {
    // where nothing is shared there are no gradients to balance
    const bool balances = weighting.needs().gradient_norms || aggregation.needs().gram || aggregation.needs().gradients;
    if (balances && policy.name == "separate" && (policies.size() > 1 || arguments.rules)) return;
    std::string name;
    const auto part = [&](bool varies, std::string_view of) {
      if (varies) name += (name.empty() ? "" : ", ") + std::string(of);
    };
    part(policies.size() > 1, policy.name);
    part(!rule.empty(), rule);
    part(rule.empty() && weightings.size() > 1, weighting.name);
    part(rule.empty() && aggregations.size() > 1, aggregation.name);
    trials.push_back({&policy, name, weighting, aggregation});
  };
  for (const auto& policy : experiment.policies) {
    if (std::find(policies.begin(), policies.end(), policy.name) == policies.end()) continue;
    if (arguments.rules) {
      for (const auto& name : weighting_names()) {
        if (name == Fixed::name) continue;
        add(policy, weighting_of(experiment, name), Sum{}, name);
      }
      for (const auto& name : aggregation_names())
        if (name != Sum::name) add(policy, Equal{}, aggregation_named(name), name);
      const auto tuned = tuned_weights(*policy.make(experiment.features), experiment.optimizer, experiment.train,
                                       experiment.validation, experiment.fit, arguments.fixed_weights);
      add(policy, Fixed{tuned}, Sum{}, "tuned fixed weights");
      continue;
    }
    for (const auto& weighting : weightings)
      for (const auto& aggregation : aggregations) {
        const auto rule = weighting_of(experiment, weighting);
        const auto combined = aggregation_named(aggregation);
        add(policy, rule, combined);
      }
  }
  return trials;
}

/// Trains once, with progress, saves the model, loads it again, and shows it with three rows that it has not seen.
void demonstrate(const Experiment& experiment, const Trial& trial) {
  const auto& arguments = experiment.arguments;
  const auto model = trial.policy->make(experiment.features);
  std::cout << "Training on " << experiment.train.size() << " rows, " << model->parameter_count()
            << " parameters, sharing " << trial.policy->name << ", weighting " << trial.weighting.name << ", aggregation "
            << trial.aggregation.name << "." << std::endl;
  auto fit = experiment.fit;
  const auto rows = split(experiment.train, {.test_fraction = 0.15, .seed = 1});
  fit.validation = experiment.validation != nullptr ? experiment.validation : &rows.test;
  const Dataset<float> data = model->encode(experiment.validation != nullptr ? experiment.train : rows.train);
  Training<float> training(*model, {experiment.optimizer, trial.weighting, trial.aggregation, {}});
  Progress progress(std::cerr, experiment.name);
  const auto& history = training.fit(data, fit, {ObserverView(progress, training)});
  std::cout << history.epochs.size() << " epochs in " << text(history.seconds) << " s, the best was epoch "
            << history.best_epoch << ".\n";
  const bool kept = !arguments.save.empty();
  const auto file = kept ? arguments.save
                         : std::filesystem::temp_directory_path() /
                               text("polytask_", experiment.name, "_", ::getpid(), ".safetensors");
  save(file, *model, experiment.test);
  const auto loaded = trial.policy->make(experiment.features);
  load_into(file, *loaded);
  std::cout << "The model was saved (" << (kept ? file.string() + ", " : "") << std::filesystem::file_size(file) / 1024
            << " KiB) and loaded again.\n";
  if (!kept) std::filesystem::remove(file);
  if (experiment.tell) {
    const Index few[] = {0, experiment.test.size() / 2, experiment.test.size() - 1};
    std::cout << "It says of three rows it has not seen:\n";
    experiment.tell(*loaded, experiment.test.rows(few));
  }
  std::cout << "\nThe same once more with " << arguments.seeds << " seeds." << std::endl;
}

}  // namespace

void run(const Experiment& experiment) {
  const auto& arguments = experiment.arguments;
  require(!arguments.rules || arguments.save.empty(), "--save is for one way of training, not for --rules");
  const auto trials = trials_of(experiment);
  require(!trials.empty(), "nothing is left to run: a policy that shares nothing has no gradients to balance");
  const bool one = trials.size() == 1;
  require(one || arguments.save.empty(), "--save is for one way of training, not for ", trials.size());
  if (one) demonstrate(experiment, trials.front());
  std::vector<ComparisonSide> sides;
  std::vector<Trial> done;
  std::string refused;
  for (const auto& trial : trials) {
    try {
      sides.push_back(train_together<float>(*trial.policy->make(experiment.features),
                                            {experiment.optimizer, trial.weighting, trial.aggregation, {}}, experiment.train,
                                            experiment.test, experiment.fit, comparison_options(experiment)));
    } catch (const TrainingError& error) {  // a rule that cannot work with these losses says so
      if (one) throw;
      refused += trial.name + ": " + error.what() + "\n";
      continue;
    }
    done.push_back(trial);
    if (one) continue;
    std::cerr << trial.name << ", " << sides.back().parameters << " parameters, "
              << seconds_text(mean_of(sides.back().training_seconds)) << ":";
    for (std::size_t task = 0; task < sides.back().tasks.size(); ++task)
      std::cerr << "  " << sides.back().tasks[task] << " " << mean_text(sides.back().scores[task], 4);
    std::cerr << std::endl;
  }
  require<TrainingError>(!done.empty(), refused);
  std::cout << "Each task alone, with " << arguments.seeds << " seeds:" << std::endl;
  const auto single = train_alone<float>(*experiment.policies.front().make(experiment.features),
                                         {experiment.optimizer, {}, {}, {}}, experiment.train, experiment.test,
                                         experiment.fit, comparison_options(experiment));
  std::vector<Comparison> comparisons;
  std::vector<std::string> names;
  for (std::size_t which = 0; which < done.size(); ++which) {
    comparisons.push_back(compare(std::move(sides[which]), single));
    names.push_back(done[which].name);
  }
  if (!one)
    std::cout << comparison_table(comparisons, names) << (refused.empty() ? "" : "Left out:\n" + refused) << std::flush;
  else
    std::cout << comparisons.front() << std::flush;
  if (arguments.json.empty()) return;
  Json json = Json::array();
  for (std::size_t which = 0; which < done.size(); ++which) {
    json.push_back(to_json(comparisons[which]));
    json.back()["policy"] = done[which].policy->name;
  }
  write_json(arguments.json, one ? json.front() : json);
}

}  // namespace polytask::examples
