/// @file
/// Fixed weights that are tuned on validation data.
#pragma once

#include "polytask/metrics/delta_m.hpp"
#include "polytask/training/comparison.hpp"

#include <cmath>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace polytask::examples {

/// The best of a number of weights, judged by the mean relative gain of the tasks' metrics on validation data over equal
/// weights. The first candidates are all 1 and the ones given; the others are drawn, each weight log-uniform in 0.1 .. 3.
/// The test data are not looked at.
inline std::map<std::string, double> tuned_weights(const Model<float>& model, const AnyOptimizer<float>& optimizer,
                                                   const Table& train, const Table* validation, FitOptions<float> fit,
                                                   const std::map<std::string, double>& given, int candidates = 20) {
  const auto rows = split(train, {.test_fraction = 0.15, .seed = 1});
  const Dataset<float> data = model.encode(validation != nullptr ? train : rows.train);
  const Dataset<float> judged = model.encode(validation != nullptr ? *validation : rows.test);
  fit.encoded_validation = &judged;
  const auto metrics = default_metrics(model);
  Random random(1);
  std::vector<double> equal;
  std::map<std::string, double> best;
  double best_gain = 0;
  for (int candidate = 0; candidate < candidates; ++candidate) {
    std::map<std::string, double> weights;
    if (candidate == 1) weights = given;
    for (const auto task : model.names())
      if (candidate > 1) weights[std::string(task)] = std::exp(random.uniform(std::log(0.1), std::log(3.0)));
    auto trained = model.clone();
    trained->initialize(1);
    const History history = Training<float>(*trained, {optimizer, Fixed{weights}, {}, {}}).fit(data, fit);
    const auto& reached = history.epochs[static_cast<std::size_t>(history.best_epoch - 1)].metrics;
    if (candidate == 0) equal = reached;
    double gain = 0;
    for (std::size_t task = 0; task < reached.size(); ++task)
      gain += relative_gain(metrics[task], reached[task], equal[task]) / static_cast<double>(reached.size());
    if (gain > best_gain) {
      best_gain = gain;
      best = weights;
    }
  }
  std::cerr << "tuned fixed weights (gain on validation data " << best_gain << " %):";
  for (const auto& [task, weight] : best) std::cerr << "  " << task << " " << weight;
  std::cerr << std::endl;
  return best;
}

}  // namespace polytask::examples
