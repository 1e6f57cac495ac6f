/// @file
/// What every regularization on a matrix is checked for.
#pragma once

#include "catch.hpp"
#include "polytask/core/gradient_check.hpp"
#include "polytask/core/random.hpp"
#include "polytask/regularization/regularization.hpp"

#include <array>
#include <string_view>

namespace matrices {

using polytask::Index;
using polytask::Matrix;

inline constexpr std::array<std::string_view, 3> three_tasks{"click", "purchase", "returns"};

inline Matrix<double> random_matrix(Index rows, Index columns, std::uint64_t seed = 5) {
  polytask::Random random(seed);
  Matrix<double> matrix(rows, columns);
  for (Index place = 0; place < matrix.size(); ++place) matrix.data()[place] = random.normal();
  return matrix;
}

/// The gradient against finite differences of the value.
template <class State>
void check_matrix_gradient(const State& state, Matrix<double> at) {
  Matrix<double> gradient = Matrix<double>::Constant(at.rows(), at.cols(), 7);  // is to be overwritten
  state.gradient(at, gradient);
  const auto check = polytask::check_gradient(polytask::Flat<double>(at.data(), at.size()),
                                              polytask::ConstFlat<double>(gradient.data(), gradient.size()),
                                              [&] { return state.value(at); });
  INFO("place " << check.place << ": gradient " << check.gradient << ", difference " << check.difference);
  CHECK(check.error < 1e-9);
  CHECK(gradient.norm() > 0.1);
}

/// The x with the least f(x) = 1/2 |x - v|^2 + rate * penalty(x) has f(x + d) >= f(x) + 1/2 |d|^2 for every d, since
/// the penalty is convex; and no other x has.
template <class State>
void check_matrix_shrinkage(const State& state, const Matrix<double>& start) {
  for (const double rate : {0.01, 0.3, 1.0, 4.0}) {
    Matrix<double> shrunk = Matrix<double>::Constant(start.rows(), start.cols(), 7);
    state.shrink(start, rate, shrunk);
    const auto objective = [&](const Matrix<double>& x) {
      return 0.5 * (x - start).squaredNorm() + rate * state.value(x);
    };
    const double least = objective(shrunk);
    CHECK(state.value(shrunk) < state.value(start));
    for (std::uint64_t direction = 0; direction < 60; ++direction)
      for (const double size : {1.0, 1e-2, 1e-4}) {
        const Matrix<double> step = size * random_matrix(start.rows(), start.cols(), 100 + direction);
        INFO("rate " << rate << ", direction " << direction << " of size " << size);
        CHECK(objective(shrunk + step) >= least + 0.5 * step.squaredNorm() - 1e-12 * (1 + least));
      }
    const Matrix<double> to_start = start - shrunk;
    CHECK(objective(shrunk + 1e-3 * to_start) >= least);
    CHECK(objective(shrunk - 1e-3 * to_start) >= least);
  }
  Matrix<double> shrunk(start.rows(), start.cols());
  state.shrink(start, 0, shrunk);
  CHECK((shrunk - start).cwiseAbs().maxCoeff() < 1e-13);
}

}  // namespace matrices
