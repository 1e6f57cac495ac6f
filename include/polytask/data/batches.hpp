/// @file
/// Batches of rows by index: the data set itself is never moved.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace polytask {

/// The order in which an epoch visits the rows, cut into batches. Every row comes once an epoch. Nothing is allocated
/// after construction.
class Batches {
 public:
  /// All rows of a data set, in its order until `shuffle` is called.
  /// @throws ArgumentError when `rows` is negative or `batch` below 1
  Batches(Index rows, Index batch) : batch_(checked(batch)) {
    require(rows >= 0, "the number of rows must not be negative, got ", rows);
    order_.resize(static_cast<std::size_t>(rows));
    std::iota(order_.begin(), order_.end(), Index{0});
  }

  /// The given rows, in the given order until `shuffle` is called.
  /// @throws ArgumentError when `batch` is below 1
  Batches(std::vector<Index> rows, Index batch) : given_(std::move(rows)), order_(given_), batch_(checked(batch)) {}

  /// A new order for the next epoch. It follows from the state of `random` alone, not from the orders before, so that
  /// training which goes on from a checkpoint sees the same batches.
  void shuffle(Random& random) {
    if (given_.empty())
      std::iota(order_.begin(), order_.end(), Index{0});
    else
      std::copy(given_.begin(), given_.end(), order_.begin());
    random.shuffle(order_);
  }

  /// Rows of an epoch.
  Index rows() const { return static_cast<Index>(order_.size()); }

  /// Batches of an epoch.
  Index count() const { return rows() / batch_ + (rows() % batch_ != 0 ? 1 : 0); }

  /// The rows of one batch; the last batch may be short. Valid until the next `shuffle`.
  /// @throws ArgumentError when there is no such batch
  Span<const Index> operator[](Index which) const {
    require(which >= 0 && which < count(), "there is no batch ", which, " of ", count());
    const Index first = which * batch_;
    return Span(order_).subspan(static_cast<std::size_t>(first),
                                static_cast<std::size_t>((std::min)(batch_, rows() - first)));
  }

 private:
  static Index checked(Index batch) {
    require(batch >= 1, "a batch must have at least 1 row, got ", batch);
    return batch;
  }

  std::vector<Index> given_;  // empty when the rows are 0, 1, 2 ...
  std::vector<Index> order_;
  Index batch_;
};

}  // namespace polytask
