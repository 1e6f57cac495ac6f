/// @file
/// What a regularization is: a penalty on some of the parameters, added to the loss.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"

#include <cmath>
#include <concepts>
#include <string_view>

namespace polytask {

/// A regularization's strength.
/// @throws ArgumentError unless it is a number of at least 0
inline double checked_strength(std::string_view rule, double strength) {
  require(strength >= 0 && std::isfinite(strength), rule, ": the strength must be a number of at least 0, not ",
          strength);
  return strength;
}

/// Has a part that is handled through the gradient: `add_gradient` adds the part's derivative.
template <class R, class S>
concept PenaltyWithGradient = requires(const R& regularization, ConstFlat<S> values, Flat<S> gradient) {
  regularization.add_gradient(values, gradient);
};

/// Has a part that is handled by a proximal step after the optimizer's: `shrink` replaces the values v by the x with
/// the least 1/2 |x - v|^2 + rate * part(x). For penalties with a corner at zero, where a gradient never gives exact
/// zeros.
template <class R, class S>
concept PenaltyWithShrinkage =
    requires(const R& regularization, Flat<S> values, double rate) { regularization.shrink(values, rate); };

/// A penalty on numbers one by one. A plain aggregate of settings, among them `segments`: a pattern (see matches()) of
/// the names of the segments it is for, such as "shared/0/weights", "click/0/bias", "embeddings/city".
///
/// Required: views of one whole segment or of any run of it, equally long where there are two.
/// Ensured: `value` is the penalty of the run and adds up over runs; `add_gradient` adds; a value of 0 stays 0 (the
/// padding between segments relies on it).
/// Offers add_gradient or shrink; one that offers both divides the penalty between them, for both are applied.
template <class R, class S>
concept ElementwiseRegularization = requires(const R& regularization, ConstFlat<S> values) {
  { R::name } -> std::convertible_to<std::string_view>;
  { regularization.segments } -> std::convertible_to<std::string_view>;
  { regularization.value(values) } -> std::same_as<double>;
} && (PenaltyWithGradient<R, S> || PenaltyWithShrinkage<R, S>);

/// How chosen segments of a model are set side by side as one matrix.
enum class Arrangement {
  tasks,  ///< a column a task: all its chosen segments, one below the other; every task must have the same ones
  inputs  ///< a column an input unit: the chosen weights (outputs x inputs) of all owners, one below the other
};

/// As PenaltyWithGradient, on a matrix: `gradient` is written.
template <class State>
concept MatrixPenaltyWithGradient = requires(const State& state, const Matrix<double>& matrix,
                                             Matrix<double>& gradient) { state.gradient(matrix, gradient); };

/// As PenaltyWithShrinkage, on a matrix: `shrunk` is written.
template <class State>
concept MatrixPenaltyWithShrinkage = requires(const State& state, const Matrix<double>& matrix, double rate,
                                              Matrix<double>& shrunk) { state.shrink(matrix, rate, shrunk); };

/// Learns a matrix of relations between the tasks: due() counts a training step and says whether learn() is to be
/// called after it; relations() is tasks x tasks. What it remembers is what its configuration() visits.
template <class State>
concept LearnsRelations = requires(State& state, const Matrix<double>& matrix) {
  { state.due() } -> std::same_as<bool>;
  state.learn(matrix);
  { state.relations() } -> std::convertible_to<const Matrix<double>&>;
};

/// What a penalty on a matrix does in a training run.
template <class State>
concept MatrixPenaltyState = requires(const State& state, const Matrix<double>& matrix) {
  { state.value(matrix) } -> std::same_as<double>;
} && (MatrixPenaltyWithGradient<State> || MatrixPenaltyWithShrinkage<State>);

/// A penalty that ties numbers together: tasks to tasks, or all that reads one input. A plain aggregate of settings,
/// among them `segments` and `strength` (at 0 it moves nothing); begin(names of the tasks) makes what works in a run,
/// on the matrix that `arrangement` says.
///
/// A task without a label in a batch counts in the matrix, and is not moved.
template <class R>
concept MatrixRegularization = requires(const R& regularization, Span<const std::string_view> tasks) {
  { R::name } -> std::convertible_to<std::string_view>;
  { R::arrangement } -> std::convertible_to<Arrangement>;
  { regularization.segments } -> std::convertible_to<std::string_view>;
  { regularization.strength } -> std::convertible_to<double>;
  { regularization.begin(tasks) } -> MatrixPenaltyState;
};

template <class R, class S>
concept Regularization = ElementwiseRegularization<R, S> || MatrixRegularization<R>;

}  // namespace polytask
