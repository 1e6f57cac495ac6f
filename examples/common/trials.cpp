#include "trials.hpp"

#include "parse.hpp"
#include "tuning.hpp"

#include "polytask/aggregation/named_aggregation.hpp"
#include "polytask/weighting/named_weighting.hpp"

#include <algorithm>
#include <iostream>
#include <string_view>

namespace polytask::examples {

namespace {

/// The best on validation data.
const std::string tuned = "tuned";

/// Whether a weighting is what this example defines, or needs no definition.
bool defined(const Experiment& experiment, const std::string& weighting) {
  return (weighting != Fixed::name || !experiment.arguments.fixed_weights.empty()) &&
         (weighting != Scheduled::name || !experiment.schedules.empty());
}

AnyWeighting weighting_of(const Experiment& experiment, const Policy& policy, const std::string& name) {
  if (name == tuned)
    return Fixed{tuned_weights(experiment, *policy.make(experiment.features), experiment.arguments.fixed_weights)};
  if (name == Fixed::name) return Fixed{experiment.arguments.fixed_weights};
  if (name == Scheduled::name) return Scheduled{experiment.schedules};
  return weighting_named(name);
}

AnyAggregation aggregation_of(const Experiment& experiment, const Policy& policy, const AnyWeighting& weighting,
                              const std::string& name) {
  return name == tuned ? tuned_aggregation(experiment, *policy.make(experiment.features), weighting)
                       : aggregation_named(name);
}

/// The names in a list of an argument; all of them for "all".
std::vector<std::string> asked(const std::string& list, const std::vector<std::string>& all) {
  const auto names = split_names(list);
  return std::find(names.begin(), names.end(), "all") == names.end() ? names : all;
}

}  // namespace

std::vector<std::string> known_weightings() {
  auto names = weighting_names();
  names.push_back(tuned);
  return names;
}
std::vector<std::string> known_aggregations() {
  auto names = aggregation_names();
  names.push_back(tuned);
  return names;
}

std::vector<Trial> trials_of(const Experiment& experiment) {
  const auto& arguments = experiment.arguments;
  const auto all_policies = names_of(experiment.policies);
  const auto policies = asked(arguments.sharing, all_policies);
  std::vector<std::string> every_weighting;
  for (const auto& name : weighting_names())
    if (defined(experiment, name)) every_weighting.push_back(name);
  const auto weightings = asked(arguments.weighting, every_weighting);
  for (const auto& name : weightings)
    require(defined(experiment, name), "this example has no weights for --weighting ", name);
  const auto aggregations = asked(arguments.aggregation, aggregation_names());
  std::vector<Trial> trials;
  const auto add = [&](const Policy& policy, const AnyWeighting& weighting, const AnyAggregation& aggregation,
                       const std::string& rule = "") {
    // where nothing is shared there are no gradients to balance
    const bool balances = weighting.needs().gradient_norms || aggregation.needs().gram || aggregation.needs().gradients;
    if (balances && !policy.shares) {
      require(policies.size() > 1 || arguments.rules, "sharing '", policy.name,
              "' shares nothing whose gradients the weighting '", weighting.name, "' or the aggregation '",
              aggregation.name, "' could balance: give --weighting equal --aggregation sum");
      std::cout << "Left out is sharing " << policy.name << " with " << weighting.name << " and " << aggregation.name
                << ": there are no gradients to balance.\n";
      return;
    }
    std::string name;
    const auto part = [&](bool varies, std::string_view of) {
      if (varies) name += (name.empty() ? "" : ", ") + std::string(of);
    };
    part(policies.size() > 1, policy.name);
    part(!rule.empty(), rule);
    part(rule.empty() && weightings.size() > 1, weighting.name);
    part((rule.empty() || rule == tuned) && aggregations.size() > 1, aggregation.name);
    trials.push_back({&policy, name, experiment.optimizer, weighting, aggregation});
    if (!arguments.tune_optimizer) return;
    try {
      trials.back().optimizer = tuned_optimizer(experiment, *policy.make(experiment.features), weighting, aggregation);
    } catch (const TrainingError&) {  // a rule that cannot work with these losses: it will say so when it is run
    }
  };
  for (const auto& policy : experiment.policies) {
    if (std::find(policies.begin(), policies.end(), policy.name) == policies.end()) continue;
    if (arguments.rules) {
      for (const auto& name : every_weighting) {
        if (name == Fixed::name) continue;
        add(policy, weighting_of(experiment, policy, name), Sum{}, name);
      }
      for (const auto& name : aggregation_names())
        if (name != Sum::name) add(policy, Equal{}, aggregation_named(name), name);
      add(policy, weighting_of(experiment, policy, tuned), Sum{}, "tuned fixed weights");
      continue;
    }
    for (const auto& weighting : weightings) {
      const auto rule = weighting_of(experiment, policy, weighting);
      for (const auto& aggregation : aggregations) {
        if (aggregation == tuned && !policy.shares) continue;
        add(policy, rule, aggregation_of(experiment, policy, rule, aggregation), weighting == tuned ? tuned : "");
      }
    }
  }
  require(!trials.empty(), "nothing is left to run: a policy that shares nothing has no gradients to balance");
  return trials;
}

}  // namespace polytask::examples
