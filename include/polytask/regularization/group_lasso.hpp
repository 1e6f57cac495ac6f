/// @file
/// Group lasso: takes inputs out of all that reads them, at once.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/regularization/regularization.hpp"

#include <string>
#include <string_view>

namespace polytask {

class GroupLassoState;

/// strength * sum over the inputs of |g|, the Euclidean norm of all weights that read the input: its column in each of
/// the chosen matrices, of all tasks and of what they share (the l2,1 norm: Yuan, Lin 2006; Argyriou, Evgeniou, Pontil
/// 2008; Liu, Ji, Ye 2009). By a proximal step after the optimizer's, g <- max(0, 1 - rate * strength / |g|) g: an
/// input that leaves is exactly 0 everywhere, for all tasks at once.
///
/// The norm is not multiplied by the root of the group's size, as all groups are equally large. The step takes the
/// learning rate as it is, also after an optimizer that has a rate for each number, as L1 does. The weights of a task
/// that has no label in the batch count in the norm; an input leaves such a task with the task's next batch.
struct GroupLasso {
  double strength = 1e-3;
  /// Weights that read the same inputs. Those which read the model's inputs: the default for HardSharing and
  /// SoftSharing; "shared/experts/*/0/weights, */gate/weights" for MixtureOfExperts, "*/tower/0/0/weights" for
  /// CrossStitch and Sluice.
  std::string segments = "shared/0/weights, */tower/0/weights";

  static constexpr std::string_view name = "group_lasso";
  static constexpr Arrangement arrangement = Arrangement::inputs;

  GroupLassoState begin(Span<const std::string_view> tasks) const;

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("strength", self.strength);
    visit("segments", self.segments);
  }
};

/// GroupLasso in a training run.
class GroupLassoState {
 public:
  explicit GroupLassoState(double strength) : strength_(strength) {}

  /// @param weights outputs of all readers x inputs
  template <Scalar S>
  double value(const Matrix<S>& weights) const {
    return strength_ * weights.colwise().norm().sum();
  }

  template <Scalar S>
  void shrink(const Matrix<S>& weights, double rate, Matrix<S>& shrunk) const {
    const double threshold = rate * strength_;
    for (Index input = 0; input < weights.cols(); ++input) {
      const double norm = weights.col(input).norm();
      if (norm <= threshold)
        shrunk.col(input).setZero();
      else
        shrunk.col(input) = (1 - threshold / norm) * weights.col(input);
    }
  }

 private:
  double strength_;
};

inline GroupLassoState GroupLasso::begin(Span<const std::string_view>) const { return GroupLassoState(strength); }

}  // namespace polytask
