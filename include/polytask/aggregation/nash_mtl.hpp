/// @file
/// Nash-MTL: the direction on which the tasks agree when they bargain.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/fair_shares.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string_view>
#include <vector>

namespace polytask {

template <Scalar S>
class NashMtlState;

/// Nash-MTL (Navon, Shamsian, Achituve, Maron, Kawaguchi, Chechik, Fetaya, ICML 2022): the bargaining solution, which
/// maximises the sum of log(g . d). With the Gram matrix G its coefficients solve G a = 1 / a, a > 0. As in the
/// authors' program G is divided by its Frobenius norm first, and then the direction is shortened to `max_norm` at
/// most. The authors solve by a sequence of convex programs; here it is Newton's method (see FairShares), exact to
/// about 1e-12. Gradients that depend on each other, of which the paper has no solution, get one too: where they are
/// stationary the direction goes to 0, and otherwise it may hurt a task by 1e-6 sqrt(T) of its length (of float: 4e-4
/// sqrt(T)).
///
/// With update_every = k the equation is solved in every k-th step, and in between the coefficients are kept. They are
/// kept by task: a step in which a task appears that has none yet solves anew. A task without a label keeps its own.
/// The Gram matrix is needed in each step nevertheless, to shorten.
///
/// Scale: k times the gradients make the same coefficients, before shortening; orthogonal gradients of one length have
/// coefficients T^(1/4). One task: its gradient, shortened. A task whose gradient is 0 has coefficient 0. Cost: the
/// Gram matrix, and some 10 solutions of a system of T equations.
struct NashMtl {
  double max_norm = 1;     ///< the direction is shortened to this length; 0: never
  Index update_every = 1;  ///< steps from one solution to the next

  static constexpr std::string_view name = "nash_mtl";
  static constexpr AggregationNeeds needs() { return {.gram = true}; }

  /// @throws ArgumentError when max_norm is negative or not finite, or update_every is below 1
  NashMtlState<double> begin(const AggregatedTasks& tasks) const;
};

/// What Nash-MTL remembers in a training run: the coefficients, and how old they are.
template <Scalar S>
class NashMtlState {
 public:
  NashMtlState(const NashMtl& settings, Index tasks)
      : settings_(settings),
        kept_(static_cast<std::size_t>(tasks), std::numeric_limits<double>::quiet_NaN()),
        shares_(tasks) {}

  void weigh(const StepGradients& step, Flat<S> coefficients) {
    const ConstColumns<S>& gram = step.gram;
    const Index size = step.size();
    if (size == 0) return;
    bool known = age_ < settings_.update_every;
    for (const Index task : step.tasks) known = known && !std::isnan(kept_[static_cast<std::size_t>(task)]);
    if (!known) {
      shares_.solve(gram, step.precision, 1, coefficients);
      // G / |G| in place of G; in units of the longest gradient, so that nothing overflows
      double square = 0;
      const double unit = shares_.longest() * shares_.longest();
      for (Index column = 0; column < size; ++column)
        for (Index row = 0; row < size; ++row)
          if (unit > 0) square += (gram(row, column) / unit) * (gram(row, column) / unit);
      coefficients *= std::sqrt(std::sqrt(square));
      for (Index task = 0; task < size; ++task) kept_[static_cast<std::size_t>(step.tasks[task])] = coefficients[task];
      age_ = 0;
    }
    ++age_;
    for (Index task = 0; task < size; ++task) coefficients[task] = kept_[static_cast<std::size_t>(step.tasks[task])];
    if (settings_.max_norm == 0) return;
    double square = 0;  // |d|^2 = a'Ga
    for (Index task = 0; task < size; ++task) square += coefficients[task] * coefficients.dot(gram.col(task));
    const double length = std::sqrt((std::max)(square, 0.0));
    if (length > settings_.max_norm) coefficients *= settings_.max_norm / length;
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "max_norm", self.settings_.max_norm);
    visit_setting(visit, "update_every", self.settings_.update_every);
    visit_sized(visit, "coefficients", self.kept_);
    visit("age", self.age_);
  }

 private:
  NashMtl settings_;
  std::vector<double> kept_;  ///< by the tasks' numbers in the model; NaN until there is one
  Index age_ = 0;             ///< steps since the last solution
  FairShares<S> shares_;
};

inline NashMtlState<double> NashMtl::begin(const AggregatedTasks& tasks) const {
  require(std::isfinite(max_norm) && max_norm >= 0, "Nash-MTL: max_norm is ", max_norm, "; it must be at least 0");
  require(update_every >= 1, "Nash-MTL: update_every is ", update_every, "; it must be at least 1");
  return NashMtlState<double>(*this, static_cast<Index>(tasks.names.size()));
}

}  // namespace polytask
