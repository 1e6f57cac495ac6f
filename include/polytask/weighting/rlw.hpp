/// @file
/// Random weights, drawn anew in each step.
#pragma once

#include "polytask/core/random.hpp"
#include "polytask/core/span.hpp"
#include "polytask/weighting/softmax.hpp"
#include "polytask/weighting/weighting.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace polytask {

/// The state of random weights: they follow from the seed and the number of the step alone, so that a resumed training
/// goes on as it would have.
class RandomWeightsState {
 public:
  RandomWeightsState(std::uint64_t seed, std::size_t tasks) : seed_(seed), weights_(tasks, 1.0) {}

  Span<const double> weights() const { return weights_; }

  void prepare(const StepSignals& signals) {
    Random random = Random(seed_).stream(static_cast<std::uint64_t>(signals.step));
    for (double& weight : weights_) weight = random.normal();
    softmax_of_mean_one(weights_);
  }
  void update(const StepSignals&) {}

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "seed", self.seed_);
  }

 private:
  std::uint64_t seed_;
  std::vector<double> weights_;
};

/// Random loss weighting (Lin, Ye, Zhang, Tsang, TMLR 2022): in each step w = T softmax(z) with z standard normal. A
/// rule that claims to balance tasks is to do better than this one.
///
/// Scale: the weights sum to the number of tasks T, so that each is 1 on average; the paper's sum to 1. Labels play no
/// part. Costs nothing.
struct RandomWeights {
  std::uint64_t seed = 1;

  static constexpr std::string_view name = "rlw";
  static constexpr WeightingNeeds needs() { return {}; }

  RandomWeightsState begin(const WeightedTasks& tasks) const { return RandomWeightsState(seed, tasks.names.size()); }
};

}  // namespace polytask
