/// @file
/// Settings of a training run that are chosen on validation data. The test data are not looked at.
#pragma once

#include "experiment.hpp"

#include "polytask/aggregation/named_aggregation.hpp"
#include "polytask/core/by_name.hpp"
#include "polytask/core/random.hpp"
#include "polytask/data/split.hpp"
#include "polytask/metrics/delta_m.hpp"
#include "polytask/training/comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask::examples {

/// Trains one of several candidates on some rows and scores it on others.
using TrainCandidate = std::function<ComparisonSide(std::size_t candidate, const Table& train, const Table& judged,
                                                    const ComparisonOptions& options)>;

/// The candidate with the largest relative gain over the first, of all tasks' metrics or of those of the tasks which
/// the decision is by, and that gain in per cent: a mean over several starts, each with validation rows of its own. A
/// task counts in the starts in which the first candidate's metric is defined and better than none. A candidate that
/// cannot be trained is not chosen.
/// @throws TrainingError, DataError when the first candidate cannot be trained, or none of its metrics counts
inline std::pair<std::size_t, double> best_on_validation(const Experiment& experiment, std::size_t candidates,
                                                         const TrainCandidate& train, std::uint64_t starts = 3) {
  const auto& deciding = experiment.decided_by;
  const auto decides = [&](const std::string& task) {
    return deciding.empty() || std::find(deciding.begin(), deciding.end(), task) != deciding.end();
  };
  std::vector<double> gains(candidates);
  double count = 0;
  Workers workers((std::min)(experiment.arguments.threads, static_cast<Index>(candidates)));
  for (std::uint64_t start = 1; start <= starts; ++start) {
    const auto rows = split(experiment.train, {.test_fraction = 0.15, .seed = start, .group = experiment.group});
    const bool given = experiment.validation != nullptr;
    const Table& learning = given ? experiment.train : rows.train;
    const Table& judged = given ? *experiment.validation : rows.test;
    std::vector<ComparisonSide> sides(candidates);
    const auto train_one = [&](std::size_t one) {
      sides[one] = train(one, learning, judged, {.first_seed = start, .validation = &judged});
    };
    train_one(0);
    workers.run([&](Index worker) {
      for (auto one = 1 + static_cast<std::size_t>(worker); one < candidates;
           one += static_cast<std::size_t>(workers.count())) {
        try {
          if (std::isfinite(gains[one])) train_one(one);
        } catch (const TrainingError&) {  // a rule that cannot work with these losses, a rate that is too large
        } catch (const DataError&) {      // predictions that are no numbers
        }
      }
    });
    for (std::size_t task = 0; task < sides[0].tasks.size(); ++task) {
      const Metric& metric = sides[0].metrics[task];
      const double first = sides[0].scores[task][0];
      if (!decides(sides[0].tasks[task]) || !std::isfinite(relative_gain(metric, first, first))) continue;
      ++count;
      for (std::size_t one = 0; one < candidates; ++one) {
        const double gain = sides[one].tasks.empty() ? std::numeric_limits<double>::quiet_NaN()
                                                     : relative_gain(metric, sides[one].scores[task][0], first);
        gains[one] += std::isfinite(gain) ? gain : -std::numeric_limits<double>::infinity();
      }
    }
  }
  require<DataError>(count > 0, "no task has a metric on the validation rows by which settings could be chosen");
  const auto best = std::max_element(gains.begin(), gains.end());
  return {static_cast<std::size_t>(best - gains.begin()), *best / count};
}

/// The same for tasks that are learnt together by the given policies.
inline std::pair<std::size_t, double> best_on_validation(const Experiment& experiment, const Model<float>& model,
                                                         const std::vector<TrainingPolicies<float>>& candidates) {
  auto fit = experiment.fit;
  fit.threads = 1;
  return best_on_validation(
      experiment, candidates.size(),
      [&](std::size_t candidate, const Table& train, const Table& judged, const ComparisonOptions& options) {
        return train_together<float>(model, candidates[candidate], train, judged, fit, options);
      });
}

/// Fixed weights: the best of all 1, the ones given, and others that are drawn, each weight log-uniform in 0.03 .. 3.
inline ByName<double> tuned_weights(const Experiment& experiment, const Model<float>& model,
                                    const ByName<double>& given, int candidates = 20) {
  std::vector<ByName<double>> weights(static_cast<std::size_t>(candidates));
  weights[1] = given;
  Random random(1);
  for (std::size_t candidate = 2; candidate < weights.size(); ++candidate)
    for (const auto task : model.names())
      weights[candidate][task] = std::exp(random.uniform(std::log(0.03), std::log(3.0)));

  std::vector<TrainingPolicies<float>> policies;
  for (const auto& one : weights) policies.push_back({experiment.optimizer, Fixed{one}, {}, {}});
  const auto [best, gain] = best_on_validation(experiment, model, policies);
  std::cerr << "tuned fixed weights, candidate " << best << " (gain on validation data " << gain << " %):";
  for (const auto& [task, weight] : weights[best]) std::cerr << "  " << task << " " << weight;
  std::cerr << std::endl;
  return weights[best];
}

/// The rule that combines gradients: the best of all.
inline AnyAggregation tuned_aggregation(const Experiment& experiment, const Model<float>& model,
                                        const AnyWeighting& weighting) {
  std::vector<TrainingPolicies<float>> policies{{experiment.optimizer, weighting, {}, {}}};
  for (const auto& name : aggregation_names())
    if (name != Sum::name) policies.push_back({experiment.optimizer, weighting, aggregation_named(name), {}});
  const auto [best, gain] = best_on_validation(experiment, model, policies);
  std::cerr << "tuned aggregation: " << policies[best].aggregation.name << " (gain on validation data over the sum "
            << gain << " %)" << std::endl;
  return policies[best].aggregation;
}

/// The experiment's optimizers, each at its own learning rate, a half, a quarter, twice and four times that.
inline std::vector<AnyOptimizer<float>> optimizers_of(const Experiment& experiment) {
  std::vector<AnyOptimizer<float>> all{experiment.optimizer};
  all.insert(all.end(), experiment.other_optimizers.begin(), experiment.other_optimizers.end());
  std::vector<AnyOptimizer<float>> found;
  for (const double part : {1.0, 0.5, 2.0, 0.25, 4.0})
    for (auto one : all) {
      one.rate *= part;
      found.push_back(std::move(one));
    }
  return found;
}

/// Says which of some optimizers is the best.
inline AnyOptimizer<float> chosen_optimizer(const Experiment& experiment, std::string_view trained,
                                            const std::vector<AnyOptimizer<float>>& optimizers,
                                            const std::pair<std::size_t, double>& best) {
  const std::size_t kinds = 1 + experiment.other_optimizers.size();
  std::cerr << "tuned optimizer, " << trained << ": rate " << optimizers[best.first].rate;
  if (kinds > 1) std::cerr << " of the example's optimizer " << best.first % kinds + 1;
  std::cerr << " (gain on validation data over rate " << optimizers[0].rate << (kinds > 1 ? " of the first" : "")
            << ": " << best.second << " %)" << std::endl;
  return optimizers[best.first];
}

/// The best of these, for tasks that are learnt together.
inline AnyOptimizer<float> tuned_optimizer(const Experiment& experiment, const Model<float>& model,
                                           const AnyWeighting& weighting, const AnyAggregation& aggregation) {
  const auto optimizers = optimizers_of(experiment);
  std::vector<TrainingPolicies<float>> policies;
  for (const auto& optimizer : optimizers) policies.push_back({optimizer, weighting, aggregation, {}});
  return chosen_optimizer(experiment, model.sharing_name(), optimizers,
                          best_on_validation(experiment, model, policies));
}

/// The best of these for tasks that are learnt alone: one for all of them, by the metrics that decide.
inline AnyOptimizer<float> tuned_optimizer_alone(const Experiment& experiment, const Model<float>& separate) {
  const auto optimizers = optimizers_of(experiment);
  auto fit = experiment.fit;
  fit.threads = 1;
  const auto best = best_on_validation(
      experiment, optimizers.size(),
      [&](std::size_t candidate, const Table& train, const Table& judged, const ComparisonOptions& options) {
        return train_alone<float>(separate, {optimizers[candidate], {}, {}, {}}, train, judged, fit, options);
      });
  return chosen_optimizer(experiment, "each task alone", optimizers, best);
}

}  // namespace polytask::examples
