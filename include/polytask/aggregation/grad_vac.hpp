/// @file
/// GradVac: gradients are turned until they agree as much as they usually do.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/unit_gram.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/span.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

namespace polytask {

template <Scalar S>
class GradVacState;

/// Gradient vaccine (Wang, Tsvetkov, Firat, Cao, ICLR 2021). For each task v = g; for the other tasks in random order,
/// with the other's gradient h as it came, p = cos(v, h) and the target q of this pair:
///
///   if p < q:  v += |v| (q sqrt(1 - p^2) - p sqrt(1 - q^2)) / (|h| sqrt(1 - q^2)) h, after which cos(v, h) = q;
///   q <- (1 - beta) q + beta p, always.
///
/// The direction is the sum of the v. Targets begin at 0, so the first step is PCGrad's. A target counts as 0.999 at
/// most: towards 1 the added part grows beyond bounds. So it does with the number of tasks, each of which may make v
/// some twenty times as long: where tasks that agreed part, v is brought back to 100 |g|, its cosines as they are. The
/// gradients are those of all shared parameters together. A
/// pair (task, other) has a target of its own, by the tasks' numbers in the model; it stays as it is while one of them
/// has no label or no gradient. The order is drawn from (seed, step).
///
/// Scale: the sum, as PCGrad. One task: its gradient. A gradient of 0 has coefficient 1. Cost: the Gram
/// matrix, and T^3 for the coefficients.
struct GradVac {
  double beta = 0.5;       ///< share of the present cosine in a target: from 0 to 1
  std::uint64_t seed = 0;  ///< of the order in which gradients are turned

  static constexpr std::string_view name = "gradvac";
  static constexpr AggregationNeeds needs() { return {.gram = true}; }

  /// @throws ArgumentError when beta is not from 0 to 1
  GradVacState<double> begin(const AggregatedTasks& tasks) const;
};

/// What GradVac remembers in a training run: the targets.
template <Scalar S>
class GradVacState {
 public:
  GradVacState(const GradVac& settings, Index tasks)
      : settings_(settings),
        tasks_(tasks),
        targets_(static_cast<std::size_t>(tasks * tasks), 0.0),
        unit_(tasks),
        products_(tasks),
        amounts_(tasks),
        order_(static_cast<std::size_t>(tasks)) {}

  void weigh(const StepGradients& step, Flat<S> coefficients) {
    const Index size = step.size();
    if (size == 0) return;
    unit_.set(step.gram);
    Random random = Random(settings_.seed).stream(static_cast<std::uint64_t>(step.step));
    const Span<Index> order(order_.data(), static_cast<std::size_t>(size));
    std::iota(order.begin(), order.end(), Index(0));
    coefficients.setOnes();
    for (Index task = 0; task < size; ++task) {
      random.shuffle(order);
      if (unit_.length(task) == 0) continue;
      // v = sum of amounts times gradients of length 1, in lengths of g; products = v . h / |h|
      auto amounts = amounts_.head(size);
      auto products = products_.head(size);
      amounts.setZero();
      amounts[task] = 1;
      products = unit_.cosines().col(task);
      for (const Index other : order) {
        if (other == task || unit_.length(other) == 0) continue;
        const double square = amounts.dot(products);
        const double sum = amounts.cwiseAbs().sum();
        if (!(square > 1e-14 * sum * sum)) continue;  // v is 0 but for rounding
        const double length = std::sqrt(square);
        const double cosine = (std::min)((std::max)(products[other] / length, -1.0), 1.0);
        double& target = targets_[static_cast<std::size_t>(step.tasks[task] * tasks_ + step.tasks[other])];
        const double aim = (std::min)((std::max)(target, -largest), largest);
        if (cosine < aim) {
          const double part = length * (aim * std::sqrt(1 - cosine * cosine) / std::sqrt(1 - aim * aim) - cosine);
          amounts[other] += part;
          products += part * unit_.cosines().col(other);
          const double now = std::sqrt((std::max)(amounts.dot(products), 0.0));
          if (now > longest) {
            amounts *= longest / now;
            products *= longest / now;
          }
        }
        target += settings_.beta * (cosine - target);
      }
      amounts[task] -= 1;
      for (Index other = 0; other < size; ++other)
        if (amounts[other] != 0) coefficients[other] += amounts[other] * (unit_.length(task) / unit_.length(other));
    }
  }

  /// The target of a pair of tasks, by their numbers in the model.
  double target(Index task, Index other) const { return targets_[static_cast<std::size_t>(task * tasks_ + other)]; }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "beta", self.settings_.beta);
    visit_setting(visit, "seed", self.settings_.seed);
    visit_sized(visit, "targets", self.targets_);
  }

 private:
  static constexpr double largest = 0.999;
  static constexpr double longest = 100;  ///< of a turned gradient, in lengths of it

  GradVac settings_;
  Index tasks_;
  std::vector<double> targets_;  ///< tasks x tasks, those of a task one after the other
  UnitGram<S> unit_;
  Vector<S> products_;
  Vector<S> amounts_;
  std::vector<Index> order_;
};

inline GradVacState<double> GradVac::begin(const AggregatedTasks& tasks) const {
  require(beta >= 0 && beta <= 1, "GradVac: beta is ", beta, "; it must be from 0 to 1");
  return GradVacState<double>(*this, static_cast<Index>(tasks.names.size()));
}

}  // namespace polytask
