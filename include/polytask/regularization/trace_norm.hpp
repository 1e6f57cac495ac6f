/// @file
/// Trace norm: makes the tasks' parameters combinations of few.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/regularization/regularization.hpp"
#include "polytask/regularization/spectrum.hpp"

#include <string>
#include <string_view>

namespace polytask {

class TraceNormState;

/// strength * sum of the singular values of W, whose column t are the chosen segments of task t (Argyriou, Evgeniou,
/// Pontil 2008; Ji, Ye, ICML 2009). By a proximal step after the optimizer's, which takes rate * strength from every
/// singular value and leaves none below 0 (Cai, Candes, Shen 2010): W gets a low rank, to rounding, after a batch that
/// has labels of all tasks. The step takes the learning rate as it is, as L1 does. Up to 64 tasks.
struct TraceNorm {
  double strength = 1e-3;
  std::string segments = "*/weights";  ///< of those the tasks' own, which every task must have in one shape

  static constexpr std::string_view name = "trace_norm";
  static constexpr Arrangement arrangement = Arrangement::tasks;

  /// @throws ArgumentError when there are too many tasks
  TraceNormState begin(Span<const std::string_view> tasks) const;

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("strength", self.strength);
    visit("segments", self.segments);
  }
};

/// TraceNorm in a training run.
class TraceNormState {
 public:
  explicit TraceNormState(double strength) : strength_(strength) {}

  /// @param weights numbers x tasks
  template <Scalar S>
  double value(const Matrix<S>& weights) const {
    return strength_ * polytask::trace_norm<S>(whole(weights));
  }

  template <Scalar S>
  void shrink(const Matrix<S>& weights, double rate, Matrix<S>& shrunk) const {
    // U max(S - t, 0) V' = W V (max(S - t, 0) / S) V'
    const auto spectrum = spectrum_of(whole(weights));
    const double threshold = rate * strength_;
    shrunk.noalias() = weights.lazyProduct(from_spectrum(spectrum.vectors, [&](Index which) {
      const double value = spectrum.singular_values[which];
      return value > threshold ? 1 - threshold / value : 0;
    }));
  }

 private:
  double strength_;
};

inline TraceNormState TraceNorm::begin(Span<const std::string_view> tasks) const {
  require(static_cast<Index>(tasks.size()) <= most_trace_norm_columns, "trace_norm relates up to ",
          most_trace_norm_columns, " tasks, not ", tasks.size());
  return TraceNormState(strength);
}

}  // namespace polytask
