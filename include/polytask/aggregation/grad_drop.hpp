/// @file
/// GradDrop: at each parameter either what is positive or what is negative is dropped, by chance.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/core/by_name.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/random.hpp"
#include "polytask/weighting/task_values.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask {

template <Scalar S>
class GradDropState;

/// Gradient sign dropout (Chen, Ngiam, Huang, Luong, Kretzschmar, Chai, Anguelov, NeurIPS 2020). At each parameter,
/// with U uniform in [0, 1),
///
///   P = (1 + sum g / sum |g|) / 2;  d = sum over tasks of leak g + (1 - leak) kept,
///   kept = max(g, 0) if P > U, else min(g, 0).
///
/// Where all tasks agree nothing is dropped; where all are 0, d is 0. The paper drops at the outputs of the shared
/// layers, sample by sample; here it is done at the parameters, as in TorchJD.
///
/// Scale: the sum of the tasks with a label, which is also the mean of d over U. One task: its gradient. Embedding
/// tables cannot take part in the draw: their coefficients are 1 each, that is the sum. Cost: a gradient a task is
/// held; a random number a parameter.
struct GradDrop {
  std::uint64_t seed = 0;    ///< of the draws
  ByName<double> leak = {};  ///< by task name: share of the gradient that is never dropped; default 0

  static constexpr std::string_view name = "graddrop";
  static constexpr AggregationNeeds needs() { return {.gradients = true}; }

  /// @throws ArgumentError when a leak is not in [0, 1] or its name is no task's
  template <Scalar S>
  GradDropState<S> begin(const AggregatedTasks& tasks) const;
};

/// What GradDrop remembers in a training run.
template <Scalar S>
class GradDropState {
 public:
  GradDropState(std::uint64_t seed, std::vector<double> leak) : seed_(seed), leak_(std::move(leak)), random_(seed) {}

  void combine(const StepGradients& step, const ConstColumns<S>& gradients, Flat<double> coefficients,
               Flat<S> direction) {
    coefficients.setOnes();
    std::array<S, block> sum;
    std::array<S, block> absolute;
    std::array<S, block> positive;  // 1 where what is positive is kept, else 0
    for (Index first = 0; first < direction.size(); first += block) {
      const Index count = (std::min)(block, direction.size() - first);
      Eigen::Map<Eigen::Array<S, Eigen::Dynamic, 1>> sums(sum.data(), count);
      Eigen::Map<Eigen::Array<S, Eigen::Dynamic, 1>> absolutes(absolute.data(), count);
      Eigen::Map<Eigen::Array<S, Eigen::Dynamic, 1>> kept(positive.data(), count);
      sums.setZero();
      absolutes.setZero();
      for (Index place = 0; place < step.size(); ++place) {
        sums += gradients.col(place).segment(first, count).array();
        absolutes += gradients.col(place).segment(first, count).array().abs();
      }
      for (Index row = 0; row < count; ++row) {
        const double chance = random_.uniform();
        // 0 / 0 where all are 0: either will do
        const double share =
            absolutes[row] > 0 ? static_cast<double>(sums[row]) / static_cast<double>(absolutes[row]) : 0;
        kept[row] = (1 + share) / 2 > chance ? S(1) : S(0);
      }
      auto here = direction.segment(first, count).array();
      here.setZero();
      for (Index place = 0; place < step.size(); ++place) {
        const auto gradient = gradients.col(place).segment(first, count).array();
        const S leak = static_cast<S>(leak_[static_cast<std::size_t>(step.tasks[static_cast<std::size_t>(place)])]);
        here += leak * gradient + (1 - leak) * (kept * (gradient.max)(S(0)) + (1 - kept) * (gradient.min)(S(0)));
      }
    }
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "seed", self.seed_);
    visit_setting(visit, "leak", self.leak_);
    auto [key, count] = self.random_.state();
    visit("key", key);
    visit("count", count);
    if constexpr (!std::is_const_v<Self>) self.random_ = Random::from_state({key, count});
  }

 private:
  static constexpr Index block = 256;

  std::uint64_t seed_;
  std::vector<double> leak_;
  Random random_;
};

template <Scalar S>
GradDropState<S> GradDrop::begin(const AggregatedTasks& tasks) const {
  for (const auto& [task, share] : leak)
    require(share >= 0 && share <= 1, "GradDrop: the leak of '", task, "' is ", share, "; it must be from 0 to 1");
  return GradDropState<S>(seed, by_task(WeightedTasks{tasks.names, {}}, leak, 0.0, "GradDrop: a leak"));
}

}  // namespace polytask
