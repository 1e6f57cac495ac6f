/// @file
/// Runs of numbers: copied, added to one another, and summed: fast in the type of the numbers, added up in double.
///
/// Each is one loop over registers (see Lanes), compiled once for all that call it; an expression of Eigen would be
/// compiled anew at each place.
#pragma once

#include "polytask/core/lanes.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace polytask {

/// to = from, four numbers at a time: for short runs, as the rows of a table are.
template <Scalar S>
void copy_run(Index size, const S* from, S* to) {
  Index place = 0;
  for (; place + 4 <= size; place += 4) std::memcpy(to + place, from + place, 4 * sizeof(S));
  for (; place < size; ++place) to[place] = from[place];
}

/// to += from
template <Scalar S>
void add_run(Index size, const S* from, S* to) {
  for_each_place<S>(
      size, [=](auto at) __attribute__((always_inline)) { at.write(to, at.read(to) + at.read(from)); });
}

/// to += factor * from
template <Scalar S>
void add_run(Index size, S factor, const S* from, S* to) {
  for_each_place<S>(
      size, [=](auto at) __attribute__((always_inline)) { at.write(to, at.read(to) + factor * at.read(from)); });
}

/// numbers *= factor
template <Scalar S>
void scale_run(Index size, S factor, S* numbers) {
  for_each_place<S>(
      size, [=](auto at) __attribute__((always_inline)) { at.write(numbers, factor * at.read(numbers)); });
}

/// Inner product, in the type of the numbers.
template <Scalar S>
S inner_product(Index size, const S* one, const S* other) {
  return sum_over_places<S>(
      size, [=](auto at) __attribute__((always_inline)) { return at.read(one) * at.read(other); });
}

/// Sum of the squares. Pieces of 1024 numbers are summed in their own type and the pieces in double, so that millions
/// of floats lose no more than a thousand do. A piece whose squares exceed the range of its type is summed in double.
/// @return not finite only if a number is not finite, or the sum is beyond double
template <Scalar S>
double squared_norm(ConstFlat<S> values) {
  constexpr Index piece = 1024;
  double sum = 0;
  for (Index begin = 0; begin < values.size(); begin += piece) {
    const Index size = (std::min)(piece, values.size() - begin);
    const S* const part = values.data() + begin;
    double squares = static_cast<double>(inner_product(size, part, part));
    if (!std::isfinite(squares)) {
      squares = 0;
      for (Index i = 0; i < size; ++i) squares += static_cast<double>(part[i]) * static_cast<double>(part[i]);
    }
    sum += squares;
  }
  return sum;
}

/// Sum of the absolute values, by the same pieces.
template <Scalar S>
double absolute_sum(ConstFlat<S> values) {
  constexpr Index piece = 1024;
  double sum = 0;
  for (Index begin = 0; begin < values.size(); begin += piece)
    sum += static_cast<double>(sum_over_places<S>(
        (std::min)(piece, values.size() - begin), [part = values.data() + begin](auto at)
                                                      __attribute__((always_inline)) { return at.read(part).abs(); }));
  return sum;
}

}  // namespace polytask
