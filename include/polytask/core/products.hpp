/// @file
/// Products of matrices of the sizes that layers have.
///
/// Eigen's own product copies both matrices, panel by panel, before it multiplies, which pays for matrices of thousands
/// of rows. For the layers of a network, tens to hundreds wide, these products take about three quarters of its time
/// (measured with AVX-512; benchmarks/run products). They are made of Eigen's packets, so they are for every processor
/// that Eigen is for. Where a program has given Eigen another back end (EIGEN_USE_BLAS), that works the products.
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/core/factor.hpp"
#include "polytask/core/packets.hpp"
#include "polytask/core/vector_product.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>
#include <cstddef>

namespace polytask {

// g++ warns that a vector register as a template argument loses its attributes; nothing here depends on them.
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"
#endif

/// One product of two matrices: target = start + left * right, or target += left * right.
///
/// Where one factor is a vector see VectorProduct. Else the target is worked in tiles, of two packets of rows by six
/// columns, or of four by six where there are 32 registers, whose sums stay in these for as long as the product is
/// deep. The rows of the left matrix that a tile needs are brought together first (their panel) where that pays; of the
/// right matrix, a number at a time is spread over a packet.
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
  using Full = FullPacket<S>;
  using Half = HalfPacket<S>;
  using Quarter = QuarterPacket<S>;

  // Sums in registers: 24 of 32, or 12 where there are fewer.
  static constexpr bool many_registers = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32;
  static constexpr int most_packets = many_registers ? 4 : 2;
  template <int Packets>
  static constexpr int most_columns = Packets < most_packets ? 8 : 6;
  static constexpr Index depth_block = many_registers ? 128 : 256;  ///< so that a panel stays in the first cache
  static constexpr Index column_block = (Index{1} << 19) / (depth_block * Index{sizeof(S)});  ///< 512 kB of the right
  static constexpr Index columns_to_pack = 64;  ///< from so many on it pays to bring a panel together
  static constexpr Index panel_size = most_packets * packet_size<Full> * depth_block;

  // Columns of a matrix of many rows lie far apart, often a power of two of bytes, where they meet in few lines of a
  // cache. If so many rows of the left matrix share the cost, parts of a right matrix whose columns (or rows, where it
  // is transposed) lie so many bytes apart are copied. Chosen by measurement with AVX2 (Zen 3).
  static constexpr Index rows_to_copy = 256;
  static constexpr Index bytes_apart = 1792;
  static constexpr Index copied_step = depth_block + alignment / sizeof(S);                     ///< no power of two
  static constexpr Index copied_columns = (Index{1} << 18) / (depth_block * Index{sizeof(S)});  ///< 256 kB of numbers

  /// The part of the product that is worked at a time.
  struct Part {
    Index first;      ///< column of the left matrix and row of the right one
    Index column;     ///< of the right matrix and of the target
    Factor<S> right;  ///< the part of the right matrix that is multiplied
  };

  /// Rows of the left matrix: element (row, k) is data[row + k * step].
  struct Panel {
    const S* data;
    Index step;
  };

  /// How many of the packets of rows that are left are worked next: with 32 registers so many that none remains to be
  /// worked alone where there are several, else two.
  static constexpr Index packets_together(Index whole) {
    return many_registers && (whole == 5 || whole == 6) ? 3 : (std::min)(whole, Index{most_packets});
  }

  void all_rows(const Part& part, S* panel) const {
    Index row = 0;
    for (Index whole = left.rows / packet_size<Full>; whole > 0; whole = (left.rows - row) / packet_size<Full>) {
      const Index together = packets_together(whole);
      if (together == 1)
        row += rows_at<Full, 1>(part, row, panel);
      else if (together == 2)
        row += rows_at<Full, 2>(part, row, panel);
      else if constexpr (many_registers)
        row += together == 3 ? rows_at<Full, 3>(part, row, panel) : rows_at<Full, 4>(part, row, panel);
    }
    // what is left is worked in the smallest packet that holds it, filled up with zeros
    const Index rest = left.rows - row;
    if (rest > packet_size<Half>)
      rows_at<Full, 1>(part, row, panel);
    else if (rest > packet_size<Quarter>)
      rows_at<Half, 1>(part, row, panel);
    else if (rest > 0)
      rows_at<Quarter, 1>(part, row, panel);
  }

  /// @return how many rows were worked
  template <class Packet, int Packets>
  Index rows_at(const Part& part, Index row, S* panel) const {
    const Index rows = (std::min)(Packets * packet_size<Packet>, left.rows - row);
    const Panel taken = panel_at<Packet, Packets>(part, row, rows, panel);
    const Index end = part.column + part.right.columns;
    Index column = part.column;
    constexpr int wide = most_columns<Packets>;
    // eight or nine are two tiles of four columns rather than one of six and single columns
    const auto goes_wide = [](Index rest) { return rest >= wide && (wide != 6 || rest / 2 != 4); };
    for (; goes_wide(end - column); column += wide) tile<Packet, Packets, wide>(part, taken, row, rows, column);
    if constexpr (wide > 4)
      for (; column + 4 <= end; column += 4) tile<Packet, Packets, 4>(part, taken, row, rows, column);
    for (; column < end; ++column) tile<Packet, Packets, 1>(part, taken, row, rows, column);
    return rows;
  }

  template <class Packet, int Packets>
  Panel panel_at(const Part& part, Index row, Index rows, S* panel) const {
    namespace registers = Eigen::internal;
    constexpr Index step = Packets * packet_size<Packet>;
    const S* const from = left.data + row * left.row_step + part.first * left.column_step;
    if (rows < step) {  // filled up with zeros
      std::fill_n(panel, part.right.rows * step, S(0));
      for (Index place = 0; place < rows; ++place)
        for (Index k = 0; k < part.right.rows; ++k)
          panel[k * step + place] = from[place * left.row_step + k * left.column_step];
    } else if (left.row_step != 1) {
      for (int packet = 0; packet < Packets; ++packet)
        copy_transposed<Packet>(from + packet * packet_size<Packet> * left.row_step, left.row_step,
                                panel + packet * packet_size<Packet>, step, part.right.rows);
    } else if (part.right.columns >= columns_to_pack) {
      for (Index k = 0; k < part.right.rows; ++k)
        for (Index place = 0; place < step; place += packet_size<Packet>)
          registers::pstoreu<S>(panel + k * step + place,
                                registers::ploadu<Packet>(from + k * left.column_step + place));
    } else {
      return {from, left.column_step};
    }
    return {panel, step};
  }

  /// to[k * to_step + place] = from[place * from_step + k] for k below `depth` and every place in a packet: squares of
  /// as many rows and columns as a packet has numbers are transposed in registers.
  template <class Packet>
  static void copy_transposed(const S* from, Index from_step, S* to, Index to_step, Index depth) {
    namespace registers = Eigen::internal;
    constexpr int count = static_cast<int>(packet_size<Packet>);
    Index k = 0;
    if constexpr (count > 1)
      for (; k + count <= depth; k += count) {
        registers::PacketBlock<Packet, count> block;
#pragma GCC unroll 24
        for (int place = 0; place < count; ++place)
          block.packet[place] = registers::ploadu<Packet>(from + place * from_step + k);
        registers::ptranspose(block);
#pragma GCC unroll 24
        for (int place = 0; place < count; ++place)
          registers::pstoreu<S>(to + (k + place) * to_step, block.packet[place]);
      }
    for (; k < depth; ++k)
      for (int place = 0; place < count; ++place) to[k * to_step + place] = from[place * from_step + k];
  }

  /// Copies a part of the right matrix so that its columns lie next to each other in memory: in room for 256 kB and a
  /// little more, which a thread allocates when it first needs it.
  static Factor<S> copied(const Factor<S>& part) {
    thread_local Buffer<S> numbers(copied_columns * copied_step);
    S* const to = numbers.data();
    Index k = 0;
    if (part.row_step == 1) {
      for (Index column = 0; column < part.columns; ++column)
        std::copy_n(part.data + column * part.column_step, part.rows, to + column * copied_step);
    } else {
      for (; k + packet_size<Full> <= part.rows; k += packet_size<Full>)
        copy_transposed<Full>(part.data + k * part.row_step, part.row_step, to + k, copied_step, part.columns);
      for (; k < part.rows; ++k)
        for (Index column = 0; column < part.columns; ++column)
          to[column * copied_step + k] = part.data[k * part.row_step + column];
    }
    return {to, part.rows, part.columns, 1, copied_step};
  }

  /// g++ would read the packet from memory again wherever it is multiplied: a tile would read more than it multiplies.
  template <class Packet>
  [[gnu::always_inline]] static inline void keep_in_register([[maybe_unused]] Packet& packet) {
#if defined(__AVX512F__)
    asm("" : "+v"(packet));
#elif defined(__SSE2__)
    asm("" : "+x"(packet));
#elif defined(__aarch64__)
    asm("" : "+w"(packet));
#endif
  }

  /// Not inlined, so that registers are dealt out for this loop alone. Here and below, loops over sums are unrolled, so
  /// that these stay in registers: g++ at -O2 would not do it by itself.
  template <class Packet, int Packets, int Columns>
  [[gnu::noinline]] void tile(const Part& part, const Panel& panel, Index row, Index rows, Index column) const {
    namespace registers = Eigen::internal;
    static_assert(Packets * Columns <= 24, "more sums than the loops are unrolled for");
    Packet sums[Packets * Columns];
#pragma GCC unroll 24
    for (int place = 0; place < Packets * Columns; ++place) sums[place] = registers::pset1<Packet>(S(0));
    const S* down = panel.data;
    const Index next = part.right.column_step;
    const S* across = part.right.data + (column - part.column) * next;
    S* const home = target + row + column * left.rows;
    for (int which = 0; which < Columns; ++which) registers::prefetch(home + which * left.rows);
    for (Index k = 0; k < part.right.rows; ++k, down += panel.step, across += part.right.row_step) {
      Packet numbers[Packets];
#pragma GCC unroll 24
      for (int place = 0; place < Packets; ++place) {
        numbers[place] = registers::ploadu<Packet>(down + place * packet_size<Packet>);
        keep_in_register(numbers[place]);
      }
#pragma GCC unroll 24
      for (int which = 0; which < Columns; ++which) {
        const Packet factor = registers::pset1<Packet>(across[which * next]);
#pragma GCC unroll 24
        for (int place = 0; place < Packets; ++place) {
          auto& sum = sums[which * Packets + place];
          sum = registers::pmadd(numbers[place], factor, sum);
        }
      }
    }
    const bool adds = add || part.first > 0;
    const S* const started = adds ? nullptr : start;
    if (rows == Packets * packet_size<Packet>) {
#pragma GCC unroll 24
      for (int place = 0; place < Packets * Columns; ++place) {
        const Index offset = place % Packets * packet_size<Packet>;
        S* const to = home + place / Packets * left.rows + offset;
        if (adds) sums[place] = registers::padd(sums[place], registers::ploadu<Packet>(to));
        if (started != nullptr)
          sums[place] = registers::padd(sums[place], registers::ploadu<Packet>(started + row + offset));
        registers::pstoreu<S>(to, sums[place]);
      }
      return;
    }
    S numbers[static_cast<std::size_t>(Packets * Columns * packet_size<Packet>)];
#pragma GCC unroll 24
    for (int place = 0; place < Packets * Columns; ++place)
      registers::pstoreu<S>(numbers + place * packet_size<Packet>, sums[place]);
    for (Index which = 0; which < Columns; ++which)
      for (Index place = 0; place < rows; ++place) {
        S& to = home[which * left.rows + place];
        const S first = adds ? to : started != nullptr ? started[row + place] : S(0);
        to = first + numbers[which * Packets * packet_size<Packet> + place];
      }
  }

  /// Writes what the target holds before anything is added to it; nothing where it keeps what it holds.
  void write_start() const {
    if (add) return;
    if (left.rows == 1)
      std::fill_n(target, right.columns, start == nullptr ? S(0) : *start);
    else
      for (Index column = 0; column < right.columns; ++column)
        if (start == nullptr)
          std::fill_n(target + column * left.rows, left.rows, S(0));
        else
          std::copy_n(start, left.rows, target + column * left.rows);
  }

#ifdef EIGEN_USE_BLAS
  /// By Eigen, that is by the back end that it was given.
  void by_eigen() const {
    Columns<S> product(target, left.rows, right.columns);
    using Stride = Eigen::OuterStride<>;
    const auto view = [](const S* data, Index rows, Index cols, Index step) {  // BLAS wants a step of at least `rows`
      return Eigen::Map<const Matrix<S>, 0, Stride>(data, rows, cols, Stride((std::max)(step, rows)));
    };
    const auto matrix = [&](const Factor<S>& one) {  // as it lies in memory
      return one.row_step == 1 ? view(one.data, one.rows, one.columns, one.column_step)
                               : view(one.data, one.columns, one.rows, one.row_step);
    };
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
  }
#endif

  /// Adds the product where one factor is a vector whose numbers lie one after the other.
  void by_vector() const {
    if (right.columns == 1 && right.row_step == 1)
      VectorProduct<S>{left, right.data, target}.work();
    else
      VectorProduct<S>{transposed(right), left.data, target}.work();
  }
};

// Out of the class, so that a program of many files can compile it once: see polytask/compiled.hpp.
template <Scalar S>
void Product<S>::work() const {
  if (left.columns == 0) return write_start();
#ifdef EIGEN_USE_BLAS
  write_start();
  by_eigen();
#else
  if ((left.rows == 1 && left.column_step == 1) || (right.columns == 1 && right.row_step == 1)) {
    write_start();
    return by_vector();
  }
  alignas(64) S panel[panel_size];
  const bool copies =
      left.rows >= rows_to_copy && (std::max)(right.row_step, right.column_step) * Index{sizeof(S)} >= bytes_apart;
  const Index block = copies ? copied_columns : column_block;
  for (Index column = 0; column < right.columns; column += block)
    for (Index first = 0; first < left.columns; first += depth_block) {
      const Factor<S> part{right.data + first * right.row_step + column * right.column_step,
                           (std::min)(depth_block, left.columns - first), (std::min)(block, right.columns - column),
                           right.row_step, right.column_step};
      all_rows({first, column, copies ? copied(part) : part}, panel);
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

/// left * right, as a matrix of its own.
template <Scalar S>
Matrix<S> product_of(const Factor<S>& left, const Factor<S>& right) {
  Matrix<S> made(left.rows, right.columns);
  write_product(Columns<S>(made.data(), left.rows, right.columns), left, right);
  return made;
}

}  // namespace polytask
