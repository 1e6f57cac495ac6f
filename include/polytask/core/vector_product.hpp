/// @file
/// Products of a matrix and a vector.
#pragma once

#include "polytask/core/factor.hpp"
#include "polytask/core/packets.hpp"
#include "polytask/core/views.hpp"

namespace polytask {

// g++ warns that a vector register as a template argument loses its attributes; nothing here depends on them.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
#endif

/// target += matrix * vector. The matrix is read once, so that the sums of many rows are worked side by side. Loops
/// over sums are unrolled, so that these stay in registers: g++ at -O2 would not do it by itself.
template <Scalar S>
class VectorProduct {
 public:
  Factor<S> matrix;
  const S* vector;  ///< matrix.columns numbers
  S* target;        ///< matrix.rows numbers

  void work() const {
    Index row = 0;
    if (matrix.row_step == 1) {
      for (; row + 8 * packet_size<Full> <= matrix.rows; row += 8 * packet_size<Full>) add_columns<Full, 8>(row);
      for (; row + 4 * packet_size<Full> <= matrix.rows; row += 4 * packet_size<Full>) add_columns<Full, 4>(row);
      for (; row + packet_size<Full> <= matrix.rows; row += packet_size<Full>) add_columns<Full, 1>(row);
      if constexpr (packet_size<Half> < packet_size<Full>)
        for (; row + packet_size<Half> <= matrix.rows; row += packet_size<Half>) add_columns<Half, 1>(row);
      for (; row + packet_size<Quarter> <= matrix.rows; row += packet_size<Quarter>) add_columns<Quarter, 1>(row);
    }
    // all rows of a transposed matrix; else those that are left where the smallest packet has more than four numbers
    for (; row + 4 <= matrix.rows; row += 4) add_dots<4>(row);
    const Index rest = matrix.rows - row;
    if (rest == 3)
      add_dots<3>(row);
    else if (rest == 2)
      add_dots<2>(row);
    else if (rest == 1)
      add_dots<1>(row);
  }

 private:
  using Full = FullPacket<S>;
  using Half = HalfPacket<S>;
  using Quarter = QuarterPacket<S>;

  /// Adds to some rows of the target the columns of a matrix, each times its number of the vector. Eight sums are kept
  /// at a time, as many as hide how long an addition takes: with fewer packets of rows, several of each packet, one for
  /// every so many columns.
  template <class Packet, int Packets>
  void add_columns(Index row) const {
    namespace registers = Eigen::internal;
    constexpr int chains = 8 / Packets;
    Packet sums[8];
#pragma GCC unroll 24
    for (int place = 0; place < 8; ++place) sums[place] = registers::pset1<Packet>(S(0));
    const S* column = matrix.data + row;
    const auto add_column = [&](int chain, const S* from, S number) __attribute__((always_inline)) {
      const Packet factor = registers::pset1<Packet>(number);
#pragma GCC unroll 24
      for (int place = 0; place < Packets; ++place) {
        auto& sum = sums[chain * Packets + place];
        sum = registers::pmadd(registers::ploadu<Packet>(from + place * packet_size<Packet>), factor, sum);
      }
    };
    Index k = 0;
    for (; k + chains <= matrix.columns; k += chains, column += chains * matrix.column_step)
#pragma GCC unroll 24
      for (int chain = 0; chain < chains; ++chain)
        add_column(chain, column + chain * matrix.column_step, vector[k + chain]);
    for (; k < matrix.columns; ++k, column += matrix.column_step) add_column(0, column, vector[k]);
#pragma GCC unroll 24
    for (int place = 0; place < Packets; ++place) {
      Packet sum = sums[place];
      for (int chain = 1; chain < chains; ++chain) sum = registers::padd(sum, sums[chain * Packets + place]);
      S* const to = target + row + place * packet_size<Packet>;
      registers::pstoreu<S>(to, registers::padd(registers::ploadu<Packet>(to), sum));
    }
  }

  /// Adds to some rows of the target the products of these rows of a matrix with the vector.
  template <int Rows>
  void add_dots(Index row) const {
    namespace registers = Eigen::internal;
    const S* const from = matrix.data + row * matrix.row_step;
    S dots[Rows] = {};
    Index k = 0;
    if (matrix.column_step == 1) {
      Full sums[Rows];
#pragma GCC unroll 24
      for (int which = 0; which < Rows; ++which) sums[which] = registers::pset1<Full>(S(0));
      for (; k + packet_size<Full> <= matrix.columns; k += packet_size<Full>) {
        const Full numbers = registers::ploadu<Full>(vector + k);
#pragma GCC unroll 24
        for (int which = 0; which < Rows; ++which)
          sums[which] =
              registers::pmadd(registers::ploadu<Full>(from + which * matrix.row_step + k), numbers, sums[which]);
      }
#pragma GCC unroll 24
      for (int which = 0; which < Rows; ++which) dots[which] = registers::predux(sums[which]);
    }
    for (; k < matrix.columns; ++k)
      for (int which = 0; which < Rows; ++which)
        dots[which] += from[which * matrix.row_step + k * matrix.column_step] * vector[k];
    for (int which = 0; which < Rows; ++which) target[row + which] += dots[which];
  }
};

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

}  // namespace polytask
