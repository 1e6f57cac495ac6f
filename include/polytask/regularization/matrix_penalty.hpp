/// @file
/// A penalty that ties numbers together at work: gathered to a matrix, worked, and put back.
#pragma once

#include "polytask/regularization/arranged.hpp"
#include "polytask/regularization/numbers.hpp"

#include <utility>

namespace polytask {

/// A matrix regularization in a training run. The matrix is of double whatever the model computes in, and sized once: a
/// step allocates nothing.
template <Scalar S, MatrixRegularization R>
class MatrixPenalty {
 public:
  /// @throws ArgumentError as ArrangedSegments does, and for a setting that makes no sense
  MatrixPenalty(const R& rule, const RegularizedModel<S>& model)
      : strength_(checked_strength(R::name, rule.strength)),
        segments_(model.layout, model.tasks, R::arrangement, rule.segments, R::name),
        state_(rule.begin(model.tasks)),
        matrix_(segments_.rows(), segments_.columns()),
        result_(segments_.rows(), segments_.columns()) {}

  double value(const ConstFlat<S>& parameters) {
    if (strength_ == 0) return 0;
    segments_.gather(parameters, matrix_);
    return state_.value(matrix_);
  }

  void add_gradient([[maybe_unused]] RegularizedNumbers<S> numbers) {
    if constexpr (MatrixPenaltyWithGradient<State>) {
      if (strength_ == 0) return;
      segments_.gather(read_only<S>(numbers.parameters), matrix_);
      state_.gradient(matrix_, result_);
      segments_.template add<S>(
          result_, [&](Index owner) { return numbers.moves(owner); }, numbers.gradient);
    }
  }

  void shrink([[maybe_unused]] RegularizedNumbers<S> numbers, [[maybe_unused]] double rate) {
    if constexpr (MatrixPenaltyWithShrinkage<State>) {
      if (strength_ == 0) return;
      segments_.gather(read_only<S>(numbers.parameters), matrix_);
      state_.shrink(matrix_, rate, result_);
      segments_.template put<S>(
          result_, [&](Index owner) { return numbers.moves(owner); }, numbers.parameters);
    }
  }

  /// After a step: learns what is to be learnt.
  void learn([[maybe_unused]] const ConstFlat<S>& parameters) {
    if constexpr (LearnsRelations<State>) {
      if (!state_.due()) return;
      segments_.gather(parameters, matrix_);
      state_.learn(matrix_);
    }
  }

  /// Null where none are learnt.
  const Matrix<double>* relations() const {
    if constexpr (LearnsRelations<State>)
      return &state_.relations();
    else
      return nullptr;
  }

  template <class Self, class Visitor>
  static void configuration([[maybe_unused]] Self& self, [[maybe_unused]] Visitor&& visit) {
    if constexpr (LearnsRelations<State>) State::configuration(self.state_, visit);
  }

 private:
  using State = decltype(std::declval<const R&>().begin({}));

  double strength_;
  ArrangedSegments segments_;
  State state_;
  Matrix<double> matrix_;  ///< scratch
  Matrix<double> result_;  ///< scratch
};

}  // namespace polytask
