/// @file
/// PCGrad: each gradient without the part that opposes another.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/unit_gram.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/span.hpp"

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

namespace polytask {

template <Scalar S>
class PcGradState;

/// Projecting conflicting gradients (Yu, Kumar, Gupta, Levine, Hausman, Finn, NeurIPS 2020). For each task v = g; for
/// the other tasks in random order, if v . h < 0 for the other's gradient h as it came, v -= (v . h / |h|^2) h. The
/// direction is the sum of the v. It is found in coefficients over the gradients, so it needs their inner products
/// alone.
///
/// The order is drawn anew for each task and step from (seed, step), so a run can be resumed, and repeated. The
/// direction may still hurt a task when there are more than two.
///
/// Scale: the sum, as in the authors' program; without conflicts the coefficients are 1. One task: its gradient. A
/// gradient of 0 conflicts with none and has coefficient 1 at least. A task without a label takes no part. Cost: the
/// Gram matrix, and T^3 for the coefficients.
struct PcGrad {
  std::uint64_t seed = 0;  ///< of the order in which conflicts are removed

  static constexpr std::string_view name = "pcgrad";
  static constexpr AggregationNeeds needs() { return {.gram = true}; }

  PcGradState<double> begin(const AggregatedTasks& tasks) const;
};

/// What PCGrad works in; nothing is remembered between steps.
template <Scalar S>
class PcGradState {
 public:
  PcGradState(const PcGrad& settings, Index tasks)
      : settings_(settings), unit_(tasks), products_(tasks), amounts_(tasks), order_(static_cast<std::size_t>(tasks)) {}

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
      products = unit_.cosines().col(task);
      for (const Index other : order) {
        if (other == task || !(products[other] < 0)) continue;
        const double part = products[other];
        amounts[other] -= part;
        products -= part * unit_.cosines().col(other);
      }
      for (Index other = 0; other < size; ++other)
        if (amounts[other] > 0) coefficients[other] += amounts[other] * (unit_.length(task) / unit_.length(other));
    }
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "seed", self.settings_.seed);
  }

 private:
  PcGrad settings_;
  UnitGram<S> unit_;
  Vector<S> products_;
  Vector<S> amounts_;
  std::vector<Index> order_;
};

inline PcGradState<double> PcGrad::begin(const AggregatedTasks& tasks) const {
  return PcGradState<double>(*this, static_cast<Index>(tasks.names.size()));
}

}  // namespace polytask
