/// @file
/// Fixed weights that are tuned on validation data.
#pragma once

#include "experiment.hpp"

#include "polytask/core/random.hpp"
#include "polytask/data/split.hpp"
#include "polytask/metrics/delta_m.hpp"
#include "polytask/training/comparison.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace polytask::examples {

/// The best of a number of weights, judged by the relative gain of the tasks' metrics, or of that of the task which the
/// decision is by, on validation data over equal weights, a mean over several starts, each with validation rows of its
/// own. The first candidates are all 1 and the ones given; the others are drawn, each weight log-uniform in 0.03 .. 3.
/// The test data are not looked at.
inline std::map<std::string, double> tuned_weights(const Experiment& experiment, const Model<float>& model,
                                                   const std::map<std::string, double>& given, int candidates = 20,
                                                   std::uint64_t starts = 3) {
  const auto metrics = default_metrics(model);
  std::vector<std::map<std::string, double>> weights(static_cast<std::size_t>(candidates));
  weights[1] = given;
  Random random(1);
  for (std::size_t candidate = 2; candidate < weights.size(); ++candidate)
    for (const auto task : model.names())
      weights[candidate][std::string(task)] = std::exp(random.uniform(std::log(0.03), std::log(3.0)));

  std::vector<double> gains(weights.size());
  for (std::uint64_t start = 1; start <= starts; ++start) {
    const auto rows = split(experiment.train, {.test_fraction = 0.15, .seed = start, .group = experiment.group});
    const bool given_rows = experiment.validation != nullptr;
    const Dataset<float> data = model.encode(given_rows ? experiment.train : rows.train);
    const Dataset<float> judged = model.encode(given_rows ? *experiment.validation : rows.test);
    auto fit = experiment.fit;
    fit.encoded_validation = &judged;
    fit.seed = start;
    std::vector<double> equal;
    for (std::size_t candidate = 0; candidate < weights.size(); ++candidate) {
      auto trained = model.clone();
      trained->initialize(start);
      const History history =
          Training<float>(*trained, {experiment.optimizer, Fixed{weights[candidate]}, {}, {}}).fit(data, fit);
      const auto& reached = history.epochs[static_cast<std::size_t>(history.best_epoch - 1)].metrics;
      if (candidate == 0) equal = reached;
      double sum = 0;
      double count = 0;
      for (std::size_t task = 0; task < reached.size(); ++task) {
        if (!experiment.decided_by.empty() && experiment.decided_by != model.names()[task]) continue;
        sum += relative_gain(metrics[task], reached[task], equal[task]);
        ++count;
      }
      gains[candidate] += sum / count / static_cast<double>(starts);
    }
  }
  const auto best = static_cast<std::size_t>(std::max_element(gains.begin(), gains.end()) - gains.begin());
  std::cerr << "tuned fixed weights, candidate " << best << " (gain on validation data " << gains[best] << " %):";
  for (const auto& [task, weight] : weights[best]) std::cerr << "  " << task << " " << weight;
  std::cerr << std::endl;
  return weights[best];
}

}  // namespace polytask::examples
