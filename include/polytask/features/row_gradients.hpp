/// @file
/// The gradient of an embedding table, for the rows that a batch touched and no others.
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/core/runs.hpp"
#include "polytask/core/span.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace polytask {

/// Gradients of the touched rows, each row once, in order of first touch. A small hash table finds a row's place, so
/// that neither time nor memory depends on how many rows the table has.
template <Scalar S>
class RowGradients {
 public:
  explicit RowGradients(Index width) : width_(width) {}

  /// Room for that many different rows without another allocation.
  void reserve(Index rows) {
    if (rows > capacity()) grow(rows);
    rows_.reserve(static_cast<std::size_t>(capacity()));
  }

  /// Forgets all rows; the memory stays.
  void clear() {
    rows_.clear();
    if (++generation_ == 0) {  // the marks of an old round must not be mistaken for this one's
      std::fill(entries_.begin(), entries_.end(), Entry{});
      generation_ = 1;
    }
  }

  /// The gradient of a row, zero when it is touched for the first time since clear().
  S* operator[](std::int32_t row) {
    for (std::size_t place = start(row);; place = (place + 1) & mask_) {
      Entry& entry = entries_[place];
      if (entry.generation != generation_) {
        if (static_cast<Index>(rows_.size()) == capacity()) {
          grow(2 * capacity());
          return (*this)[row];
        }
        entry = {row, generation_, static_cast<std::int32_t>(rows_.size())};
        rows_.push_back(row);
        S* const fresh = gradient(entry.slot);
        std::fill(fresh, fresh + width_, S(0));
        return fresh;
      }
      if (entry.row == row) return gradient(entry.slot);
    }
  }

  Index width() const { return width_; }

  /// The touched rows.
  Span<const std::int32_t> rows() const { return rows_; }

  /// The gradient of the which-th of the touched rows.
  S* gradient(Index which) { return gradients_.data() + which * width_; }
  const S* gradient(Index which) const { return gradients_.data() + which * width_; }

  /// Adds the gradients of other rows, each times a factor.
  void add(const RowGradients& others, S factor = S(1)) {
    for (std::size_t which = 0; which < others.rows_.size(); ++which)
      add_run(width_, factor, others.gradient(static_cast<Index>(which)), (*this)[others.rows_[which]]);
  }

  /// Multiplies all gradients.
  void scale(S factor) { scale_run(static_cast<Index>(rows_.size()) * width_, factor, gradients_.data()); }

  /// Sum of squares of all gradients.
  double squared_norm() const {
    return polytask::squared_norm(ConstFlat<S>(gradients_.data(), static_cast<Index>(rows_.size()) * width_));
  }

 private:
  struct Entry {
    std::int32_t row = 0;
    std::uint32_t generation = 0;
    std::int32_t slot = 0;
  };

  Index capacity() const { return static_cast<Index>(entries_.size()) / 2; }

  std::size_t start(std::int32_t row) const {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(row)) * 0x9E3779B97F4A7C15u >> 40) & mask_;
  }

  void grow(Index rows) {
    std::size_t size = 16;
    while (static_cast<Index>(size) < 2 * rows) size *= 2;
    entries_.assign(size, Entry{});
    mask_ = size - 1;
    generation_ = 1;
    rows_.reserve(size / 2);
    gradients_.resize(size / 2 * static_cast<std::size_t>(width_));
    for (std::size_t slot = 0; slot < rows_.size(); ++slot) {
      std::size_t place = start(rows_[slot]);
      while (entries_[place].generation == generation_) place = (place + 1) & mask_;
      entries_[place] = {rows_[slot], generation_, static_cast<std::int32_t>(slot)};
    }
  }

  Index width_;
  std::vector<Entry> entries_ = std::vector<Entry>(16);
  std::size_t mask_ = 15;
  std::uint32_t generation_ = 1;
  std::vector<std::int32_t> rows_;
  Buffer<S> gradients_ = Buffer<S>(8 * static_cast<std::size_t>(width_));
};

}  // namespace polytask
