/// @file
/// Aligned-MTL: the gradients are changed as little as makes them orthogonal and of one length.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/core/symmetric_eigen.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

namespace polytask {

template <Scalar S>
class AlignedMtlState;

/// Aligned-MTL (Senushkin, Patakin, Kuznetsov, Konushin, CVPR 2023). With the Gram matrix G = V diag(l) V', the matrix
/// of gradients is replaced by the nearest one whose singular values are all s:
///
///   B = s V diag(l)^-1/2 V',  coefficients c = B (1/T) 1.
///
/// So no task dominates and none opposes another, whatever the condition of the gradients. s^2 is the least (the
/// paper's choice), the median (the lower of two) or the mean of the eigenvalues l; `least` makes the shortest
/// direction.
///
/// Eigenvalues not above T p times the largest count as rounding, and are left out; p is the relative rounding error of
/// the gradients' numbers, 2e-16 for double and 1e-7 for float. They come of gradients that depend on each other, and
/// of gradients that are short: beside another, one below 2e-8 of its length, of float below 5e-4. Were they kept,
/// `least` would make a step of the length of rounding. The cut is a step: just above it the direction is as short.
///
/// Scale: the mean over the tasks with a label, B (1/T) 1 as in TorchJD; LibMTL takes the sum, B 1, which is T times as
/// much. Orthogonal gradients of one length have coefficients 1 / T; coefficients may be below 0. One task: its
/// gradient. No gradient at all: coefficients 1 / T. A task without a label takes no part. Cost: the Gram matrix and
/// its eigenvalues.
struct AlignedMtl {
  enum class Scale { least, median, root_mean_square };

  Scale scale = Scale::least;  ///< the singular value that all are set to

  static constexpr std::string_view name = "aligned_mtl";
  static constexpr AggregationNeeds needs() { return {.gram = true}; }

  AlignedMtlState<double> begin(const AggregatedTasks& tasks) const;
};

/// What Aligned-MTL works in; nothing is remembered between steps.
template <Scalar S>
class AlignedMtlState {
 public:
  AlignedMtlState(const AlignedMtl& settings, Index tasks)
      : settings_(settings), gram_(tasks, tasks), vectors_(tasks, tasks), kept_(tasks) {}

  void weigh(const StepGradients& step, Flat<S> coefficients) {
    const ConstColumns<S>& gram = step.gram;
    const Index size = step.size();
    if (size == 0) return;
    const double mean = 1 / static_cast<double>(size);
    const double longest = gram.diagonal().maxCoeff();
    if (!(longest > 0)) {
      coefficients.setConstant(mean);
      return;
    }
    auto values = gram_.topLeftCorner(size, size);
    auto vectors = vectors_.topLeftCorner(size, size);
    values = gram / longest;
    diagonalize(values, vectors);
    const double rounding = step.rounding() * values.diagonal().maxCoeff();
    Index count = 0;
    for (Index which = 0; which < size; ++which)
      if (values(which, which) > rounding) kept_[count++] = values(which, which);
    std::sort(kept_.data(), kept_.data() + count);
    const double square = settings_.scale == AlignedMtl::Scale::least    ? kept_[0]
                          : settings_.scale == AlignedMtl::Scale::median ? kept_[(count - 1) / 2]
                                                                         : kept_.head(count).mean();
    coefficients.setZero();
    for (Index which = 0; which < size; ++which)
      if (values(which, which) > rounding)
        coefficients +=
            (mean * vectors.col(which).sum() * std::sqrt(square / values(which, which))) * vectors.col(which);
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit_setting(visit, "scale", static_cast<Index>(self.settings_.scale));
  }

 private:
  AlignedMtl settings_;
  Matrix<S> gram_;
  Matrix<S> vectors_;
  Vector<S> kept_;
};

inline AlignedMtlState<double> AlignedMtl::begin(const AggregatedTasks& tasks) const {
  require(scale == Scale::least || scale == Scale::median || scale == Scale::root_mean_square, "Aligned-MTL: scale is ",
          static_cast<int>(scale), ", which is none of least, median and root_mean_square");
  return AlignedMtlState<double>(*this, static_cast<Index>(tasks.names.size()));
}

}  // namespace polytask
