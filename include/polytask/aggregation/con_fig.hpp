/// @file
/// ConFIG: the direction that has the same angle to every gradient.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/unit_gram.hpp"
#include "polytask/core/symmetric_eigen.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace polytask {

/// What ConFIG works in; nothing is remembered between steps.
template <Scalar S>
class ConFigState {
 public:
  explicit ConFigState(Index tasks) : unit_(tasks), values_(tasks, tasks), vectors_(tasks, tasks), along_(tasks) {}

  void weigh(const StepGradients& step, Flat<S> coefficients) {
    const Index size = step.size();
    coefficients.setZero();
    if (size == 0) return;
    unit_.set(step.gram);
    auto values = values_.topLeftCorner(size, size);
    auto vectors = vectors_.topLeftCorner(size, size);
    auto along = along_.head(size);
    values = unit_.cosines();
    diagonalize(values, vectors);
    const double rounding = (std::max)(1e-12, step.rounding()) * values.diagonal().maxCoeff();
    // coefficients = C+ e with e = 1 for every task with a gradient; along = C C+ e: the cosines to b, times |b|
    double square = 0;  // |b|^2 = e'C+ e
    along.setZero();
    for (Index which = 0; which < size; ++which) {
      const double value = values(which, which);
      if (!(value > rounding)) continue;
      double part = 0;
      for (Index task = 0; task < size; ++task)
        if (unit_.length(task) > 0) part += vectors(task, which);
      if (std::abs(part) < 1e-14 * static_cast<double>(size)) continue;  // rounding
      coefficients += part / value * vectors.col(which);
      along += part * vectors.col(which);
      square += part * part / value;
    }
    if (!(square > 0)) return;
    double length = 0;  // sum g . b / |b|
    for (Index task = 0; task < size; ++task) length += unit_.length(task) * along[task];
    // d = length * b / |b|, where length has a factor 1 / |b| too
    for (Index task = 0; task < size; ++task)
      coefficients[task] = unit_.length(task) > 0 ? coefficients[task] / unit_.length(task) * (length / square) : 0.0;
  }

  template <class Self, class Visitor>
  static void configuration(Self&, Visitor&&) {}

 private:
  UnitGram<S> unit_;
  Matrix<S> values_;
  Matrix<S> vectors_;
  Vector<S> along_;
};

/// ConFIG (Liu, Chu, Thuerey, ICLR 2025, "ConFIG: Towards Conflict-free Training of Physics Informed Neural Networks").
/// With the gradients of length 1 as rows of U, b = U+ 1 has the same cosine to all of them, above 0; the direction is
///
///   d = (sum_i g_i . b / |b|) b / |b|.
///
/// U+ = U'(UU')+ needs only the cosines. Their eigenvalues below 1e-12 of the largest, for gradients of float below T
/// times 1.2e-7, come of gradients that depend on each other; they are rounding, and left out. Then cosines are as
/// equal as they can be. Coefficients may be below 0. Opposite gradients, and no gradient at all, give d = 0 with
/// coefficients 0.
///
/// Scale: the sum of the tasks with a label; parallel gradients give their sum, as does one task. A gradient of zero
/// and a task without a label take no part. Cost: the Gram matrix and its eigenvalues.
struct ConFig {
  static constexpr std::string_view name = "config";
  static constexpr AggregationNeeds needs() { return {.gram = true}; }

  ConFigState<double> begin(const AggregatedTasks& tasks) const {
    return ConFigState<double>(static_cast<Index>(tasks.names.size()));
  }
};

}  // namespace polytask
