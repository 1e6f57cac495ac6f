/// @file
/// Products of matrices of the sizes that layers have.
///
/// Eigen's own product copies both matrices, panel by panel, before it multiplies, which pays for matrices of thousands
/// of rows. For the layers of a network, tens to hundreds wide, these products take about three quarters of its time
/// (measured with AVX-512; benchmarks/run products). They are made of Eigen's packets, so they are for every processor
/// that Eigen is for. Where a program has given Eigen another back end (EIGEN_USE_BLAS), that works the products.
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace polytask {

/// A whole matrix that a product reads, as it lies in memory or transposed: element (row, column) is
/// data[row * row_step + column * column_step], one of the steps being 1.
template <Scalar S>
struct Factor {
  const S* data;
  Index rows;
  Index columns;
  Index row_step;
  Index column_step;
};

/// The matrix as it lies in memory.
template <class View>
Factor<typename View::Scalar> factor(const View& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols(), 1, matrix.rows()};
}

/// The matrix transposed.
template <class View>
Factor<typename View::Scalar> transposed(const View& matrix) {
  return {matrix.data(), matrix.cols(), matrix.rows(), matrix.rows(), 1};
}

// g++ warns that a vector register as a template argument loses its attributes; nothing here depends on them.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
#endif

/// One product of two matrices: target = start + left * right, or target += left * right.
///
/// The target is worked in tiles of up to three packets of rows by eight columns, whose sums stay in registers for as
/// long as the product is deep. The rows of the left matrix that a tile needs are brought together first (their panel)
/// where that pays; of the right matrix, a number at a time is spread over a packet.
template <Scalar S>
class Product {
 public:
  Factor<S> left;
  Factor<S> right;
  S* target;       ///< left.rows x right.columns, column-major and whole
  const S* start;  ///< left.rows numbers, with which every column of the target starts; null: zeros
  bool add;        ///< whether to start from what the target holds instead

  void work() const;

 private:
  using Full = typename Eigen::internal::packet_traits<S>::type;
  using Half = typename Eigen::internal::unpacket_traits<Full>::half;
  using Quarter = typename Eigen::internal::unpacket_traits<Half>::half;
  template <class Packet>
  static constexpr Index size = Eigen::internal::unpacket_traits<Packet>::size;

  static constexpr int most_packets = 3;
  template <int Packets>
  static constexpr int most_columns = Packets == 1 || EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32 ? 8 : 4;
  static constexpr Index depth_block = 128;     ///< so that a panel stays in the first cache
  static constexpr Index column_block = 1024;   ///< so that these columns of the right matrix stay in the second
  static constexpr Index columns_to_pack = 64;  ///< from so many on it pays to bring a panel together
  static constexpr Index panel_size = most_packets * size<Full> * depth_block;

  /// The part of the product that is worked at a time.
  struct Part {
    Index first;    ///< column of the left matrix and row of the right one
    Index depth;    ///< how many of them
    Index column;   ///< of the right matrix and of the target
    Index columns;  ///< how many of them
  };

  /// Rows of the left matrix: element (row, k) is data[row + k * step].
  struct Panel {
    const S* data;
    Index step;
  };

  void all_rows(const Part& part, S* panel) const {
    Index row = 0;
    for (Index whole = left.rows / size<Full>; whole > 0; whole = (left.rows - row) / size<Full>) {
      if (whole == 1)
        row += rows_at<Full, 1>(part, row, panel);
      else if (whole == 2 || whole == 4)  // 4 is better worked as 2 and 2 than as 3 and 1
        row += rows_at<Full, 2>(part, row, panel);
      else
        row += rows_at<Full, most_packets>(part, row, panel);
    }
    if constexpr (size<Half> < size<Full>)
      if (left.rows - row >= size<Half>) row += rows_at<Half, 1>(part, row, panel);
    for (; row < left.rows; row += size<Quarter>) rows_at<Quarter, 1>(part, row, panel);
  }

  /// @return how many rows were worked
  template <class Packet, int Packets>
  Index rows_at(const Part& part, Index row, S* panel) const {
    const Index rows = (std::min)(Packets * size<Packet>, left.rows - row);
    const Panel taken = panel_at<Packet, Packets>(part, row, rows, panel);
    const Index end = part.column + part.columns;
    Index column = part.column;
    constexpr int wide = most_columns<Packets>;
    for (; column + wide <= end; column += wide) tile<Packet, Packets, wide>(part, taken, row, rows, column);
    if constexpr (wide > 4)
      for (; column + 4 <= end; column += 4) tile<Packet, Packets, 4>(part, taken, row, rows, column);
    for (; column < end; ++column) tile<Packet, Packets, 1>(part, taken, row, rows, column);
    return rows;
  }

  template <class Packet, int Packets>
  Panel panel_at(const Part& part, Index row, Index rows, S* panel) const {
    namespace registers = Eigen::internal;
    constexpr Index step = Packets * size<Packet>;
    const S* const from = left.data + row * left.row_step + part.first * left.column_step;
    if (rows < step) {  // filled up with zeros
      std::fill_n(panel, part.depth * step, S(0));
      for (Index place = 0; place < rows; ++place)
        for (Index k = 0; k < part.depth; ++k)
          panel[k * step + place] = from[place * left.row_step + k * left.column_step];
    } else if (left.row_step != 1) {
      for (int packet = 0; packet < Packets; ++packet)
        pack_transposed<Packet>(from + packet * size<Packet> * left.row_step, panel + packet * size<Packet>, step,
                                part.depth);
    } else if (part.columns >= columns_to_pack) {
      for (Index k = 0; k < part.depth; ++k)
        for (Index place = 0; place < step; place += size<Packet>)
          registers::pstoreu<S>(panel + k * step + place,
                                registers::ploadu<Packet>(from + k * left.column_step + place));
    } else {
      return {from, left.column_step};
    }
    return {panel, step};
  }

  /// Squares of as many rows and columns as a packet has numbers are transposed in registers.
  template <class Packet>
  void pack_transposed(const S* from, S* to, Index step, Index depth) const {
    namespace registers = Eigen::internal;
    constexpr int count = static_cast<int>(size<Packet>);
    Index k = 0;
    if constexpr (count > 1)
      for (; k + count <= depth; k += count) {
        registers::PacketBlock<Packet, count> block;
        for (int place = 0; place < count; ++place)
          block.packet[place] = registers::ploadu<Packet>(from + place * left.row_step + k);
        registers::ptranspose(block);
        for (int place = 0; place < count; ++place) registers::pstoreu<S>(to + (k + place) * step, block.packet[place]);
      }
    for (; k < depth; ++k)
      for (int place = 0; place < count; ++place) to[k * step + place] = from[place * left.row_step + k];
  }

  /// function<0>(), function<1>(), ...: loops that are sure to be unrolled, so that sums stay in registers.
  template <int Count, class Function>
  [[gnu::always_inline]] static inline void each(Function&& function) {
    [&]<int... Place>(std::integer_sequence<int, Place...>) __attribute__((always_inline)) {
      (function.template operator()<Place>(), ...);
    }
    (std::make_integer_sequence<int, Count>{});
  }

  /// Not inlined, so that registers are dealt out for this loop alone.
  template <class Packet, int Packets, int Columns>
  [[gnu::noinline]] void tile(const Part& part, const Panel& panel, Index row, Index rows, Index column) const {
    namespace registers = Eigen::internal;
    Packet sums[Packets * Columns];
    each<Packets * Columns>([&]<int Place>()
                                __attribute__((always_inline)) { sums[Place] = registers::pset1<Packet>(S(0)); });
    const S* down = panel.data;
    const S* across = right.data + part.first * right.row_step + column * right.column_step;
    const Index next = right.column_step;
    for (Index k = 0; k < part.depth; ++k, down += panel.step, across += right.row_step) {
      Packet numbers[Packets];
      each<Packets>([&]<int Place>() __attribute__((always_inline)) {
        numbers[Place] = registers::ploadu<Packet>(down + Place * size<Packet>);
      });
      each<Columns>([&]<int Column>() __attribute__((always_inline)) {
        const Packet factor = registers::pset1<Packet>(across[Column * next]);
        each<Packets>([&]<int Place>() __attribute__((always_inline)) {
          auto& sum = sums[Column * Packets + Place];
          sum = registers::pmadd(numbers[Place], factor, sum);
        });
      });
    }
    const bool adds = add || part.first > 0;
    const S* const started = adds ? nullptr : start;
    S* const home = target + row + column * left.rows;
    if (rows == Packets * size<Packet>) {
      each<Packets * Columns>([&]<int Place>() __attribute__((always_inline)) {
        constexpr Index offset = Place % Packets * size<Packet>;
        S* const to = home + Place / Packets * left.rows + offset;
        if (adds) sums[Place] = registers::padd(sums[Place], registers::ploadu<Packet>(to));
        if (started != nullptr)
          sums[Place] = registers::padd(sums[Place], registers::ploadu<Packet>(started + row + offset));
        registers::pstoreu<S>(to, sums[Place]);
      });
      return;
    }
    S numbers[static_cast<std::size_t>(Packets * Columns * size<Packet>)];
    each<Packets * Columns>([&]<int Place>() __attribute__((always_inline)) {
      registers::pstoreu<S>(numbers + Place * size<Packet>, sums[Place]);
    });
    for (Index which = 0; which < Columns; ++which)
      for (Index place = 0; place < rows; ++place) {
        S& to = home[which * left.rows + place];
        const S first = adds ? to : started != nullptr ? started[row + place] : S(0);
        to = first + numbers[which * Packets * size<Packet> + place];
      }
  }

  /// Where one of the matrices is a vector, and where Eigen has a back end.
  void by_eigen() const {
    Columns<S> product(target, left.rows, right.columns);
    if (!add && start == nullptr) product.setZero();
    if (!add && start != nullptr) product.colwise() = ConstFlat<S>(start, left.rows);
    const auto matrix = [](const Factor<S>& one) {  // as it lies in memory
      return one.row_step == 1 ? ConstColumns<S>(one.data, one.rows, one.columns)
                               : ConstColumns<S>(one.data, one.columns, one.rows);
    };
    if (right.columns == 1) {
      const ConstFlat<S> vector(right.data, right.rows);
      if (left.row_step == 1)
        product.col(0).noalias() += matrix(left) * vector;
      else
        product.col(0).noalias() += matrix(left).transpose() * vector;
    } else if (left.rows == 1) {
      const ConstFlat<S> vector(left.data, left.columns);
      Flat<S> numbers(target, right.columns);
      if (right.row_step == 1)
        numbers.noalias() += matrix(right).transpose() * vector;
      else
        numbers.noalias() += matrix(right) * vector;
    } else {
#ifdef EIGEN_USE_BLAS
      const auto times = [&](const auto& one) {
        if (right.row_step == 1)
          product.noalias() += one * matrix(right);
        else
          product.noalias() += one * matrix(right).transpose();
      };
      if (left.row_step == 1)
        times(matrix(left));
      else
        times(matrix(left).transpose());
#endif
    }
  }
};

// Out of the class, so that a program of many files can compile it once: see polytask/compiled.hpp.
template <Scalar S>
void Product<S>::work() const {
#ifdef EIGEN_USE_BLAS
  by_eigen();
#else
  if (left.rows == 1 || right.columns == 1) return by_eigen();
  alignas(64) S panel[panel_size];
  for (Index column = 0; column < right.columns; column += column_block) {
    Index first = 0;
    do {  // once at least, since a product of no depth still has a start
      const Part part{first, (std::min)(depth_block, left.columns - first), column,
                      (std::min)(column_block, right.columns - column)};
      all_rows(part, panel);
      first += depth_block;
    } while (first < left.columns);
  }
#endif
}

#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif

/// target = left * right, or with `start` that many numbers more in every column: a layer's bias.
template <Scalar S>
void write_product(Columns<S> target, const Factor<S>& left, const Factor<S>& right, const S* start = nullptr) {
  Product<S>{left, right, target.data(), start, false}.work();
}

/// target += left * right
template <Scalar S>
void add_product(Columns<S> target, const Factor<S>& left, const Factor<S>& right) {
  Product<S>{left, right, target.data(), nullptr, true}.work();
}

}  // namespace polytask
