/// @file
/// The Gram matrix of gradients of length 1, for rules in which lengths and directions play different parts.
#pragma once

#include "polytask/core/views.hpp"

#include <algorithm>
#include <cmath>

namespace polytask {

/// Cosines between gradients, and their lengths. Numbers of any size become numbers about 1, so that what is computed
/// of them needs no other scaling. A gradient that is shorter than 1e-32 of the longest counts as none: its length is 0
/// and so are its cosines, that with itself too.
template <Scalar S>
class UnitGram {
 public:
  /// @param tasks most gradients that there will be
  explicit UnitGram(Index tasks) : cosines_(tasks, tasks), lengths_(tasks) {}

  void set(const ConstColumns<S>& gram) {
    size_ = gram.rows();
    const S longest = size_ > 0 ? std::sqrt(gram.diagonal().maxCoeff()) : 0;
    for (Index task = 0; task < size_; ++task) {
      const S length = std::sqrt(gram(task, task));
      lengths_[task] = length > 1e-32 * longest ? length : 0;
    }
    for (Index column = 0; column < size_; ++column)
      for (Index row = 0; row <= column; ++row) {
        const bool some = lengths_[row] > 0 && lengths_[column] > 0;
        // rounding may bring a cosine beyond 1
        const S cosine = row == column ? 1 : some ? gram(row, column) / lengths_[row] / lengths_[column] : 0;
        cosines_(row, column) = cosines_(column, row) = some ? (std::min)((std::max)(cosine, -1.0), 1.0) : 0.0;
      }
  }

  Index size() const { return size_; }
  S length(Index task) const { return lengths_[task]; }
  S cosine(Index row, Index column) const { return cosines_(row, column); }
  auto cosines() const { return cosines_.topLeftCorner(size_, size_); }

 private:
  Matrix<S> cosines_;
  Vector<S> lengths_;
  Index size_ = 0;
};

}  // namespace polytask
