/// @file
/// Gradients that a rule remembers of every task of a model.
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/core/views.hpp"

#include <cstddef>

namespace polytask {

/// One gradient a task, in one buffer.
template <Scalar S>
class TaskGradients {
 public:
  TaskGradients(Index parameters, Index tasks)
      : parameters_(parameters), buffer_(static_cast<std::size_t>(parameters * tasks), S(0)) {}

  Flat<S> operator[](Index task) { return Flat<S>(buffer_.data() + task * parameters_, parameters_); }

  /// Inner product, summed in double.
  double product(Index one, Index other) {
    return (*this)[one].template cast<double>().dot((*this)[other].template cast<double>());
  }

  Buffer<S>& buffer() { return buffer_; }
  const Buffer<S>& buffer() const { return buffer_; }

 private:
  Index parameters_;
  Buffer<S> buffer_;
};

}  // namespace polytask
