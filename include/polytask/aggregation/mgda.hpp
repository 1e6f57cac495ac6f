/// @file
/// MGDA: the shortest vector in the convex hull of the gradients.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/aggregation/min_norm.hpp"

#include <cmath>
#include <string_view>

namespace polytask {

template <Scalar S>
class MgdaState;

/// The multiple-gradient descent algorithm (Desideri, Comptes Rendus Mathematique 2012; for networks Sener, Koltun,
/// NeurIPS 2018). The coefficients minimise |sum c g| with c >= 0 and sum c = 1, exactly (see MinNorm). The direction
/// hurts no task, to first order, and is 0 where none helps one task without hurting another.
///
/// The shortest vector leans towards the shortest gradients, so before it is sought each gradient may be divided by a
/// number n, here called normalization: its length (l2), the task's loss (loss) or both (loss_plus). The coefficients
/// are those of the divided gradients times the smallest divisor, a min(n) / n: so the direction is parallel to the
/// shortest vector and still hurts no task. (Sener and Koltun's program applies `a` to gradients that are not divided;
/// then l2 is plain averaging for two tasks.) The default is none, which is what the name says and needs no meaning of
/// the losses' units. Where losses have different units, l2 or loss_plus keeps the task with the shortest gradient from
/// ruling.
///
/// Scale: the coefficients sum to 1, with divisors to less; without divisors, or with l2, the direction is at most as
/// long as the shortest gradient. One task: its gradient. A task whose gradient is 0 brings the direction to 0. A loss
/// of 0 or below divides nothing. A task without a label in the batch takes no part. Cost: the Gram matrix.
struct Mgda {
  enum class Normalization { none, l2, loss, loss_plus };

  Normalization normalization = Normalization::none;  ///< by what a gradient is divided first

  static constexpr std::string_view name = "mgda";
  static constexpr AggregationNeeds needs() { return {.gram = true}; }

  /// @throws ArgumentError when the normalization is none of the four
  MgdaState<double> begin(const AggregatedTasks& tasks) const;
};

/// What MGDA works in; nothing is remembered between steps.
template <Scalar S>
class MgdaState {
 public:
  MgdaState(const Mgda& settings, Index tasks) : settings_(settings), min_norm_(tasks), divisors_(tasks) {}

  void weigh(const StepGradients& step, Flat<S> coefficients) {
    const ConstColumns<S>& gram = step.gram;
    const Index size = step.size();
    if (size == 0) return;
    const bool by_length =
        settings_.normalization == Mgda::Normalization::l2 || settings_.normalization == Mgda::Normalization::loss_plus;
    const bool by_loss = settings_.normalization == Mgda::Normalization::loss ||
                         settings_.normalization == Mgda::Normalization::loss_plus;
    for (Index task = 0; task < size; ++task) {
      const double length = by_length ? std::sqrt(gram(task, task)) : 1;
      const double loss = by_loss ? step.losses[static_cast<std::size_t>(task)] : 1;
      divisors_[task] = (length > 0 ? length : 1) * (loss > 0 ? loss : 1);
    }
    coefficients = divisors_.head(size);
    min_norm_.find_divided(gram, coefficients);
    coefficients.array() *= divisors_.head(size).minCoeff() / divisors_.head(size).array();
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "normalization", static_cast<Index>(self.settings_.normalization));
  }

 private:
  Mgda settings_;
  MinNorm<S> min_norm_;
  Vector<S> divisors_;
};

inline MgdaState<double> Mgda::begin(const AggregatedTasks& tasks) const {
  require(normalization >= Normalization::none && normalization <= Normalization::loss_plus, "MGDA: normalization is ",
          static_cast<int>(normalization), ", which is none of none, l2, loss and loss_plus");
  return MgdaState<double>(*this, static_cast<Index>(tasks.names.size()));
}

}  // namespace polytask
