/// @file
/// Memory on 64-byte boundaries, and the one rule by which it is cut into pieces.
#pragma once

#include "polytask/core/views.hpp"

#include <cstddef>
#include <new>
#include <type_traits>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace polytask {

/// Bytes to which every buffer and every piece of a buffer is aligned: a cache line, and the widest vector register.
inline constexpr std::size_t alignment = 64;

/// Allocator that places its memory on a 64-byte boundary; from half a megabyte on, as for an embedding table whose
/// rows are read in any order, on huge pages of 2 MB where the system lends them on request (Linux), which saves most
/// misses of the address cache.
template <class S>
struct AlignedAllocator {
  using value_type = S;

  AlignedAllocator() = default;
  template <class Other>
  AlignedAllocator(const AlignedAllocator<Other>&) noexcept {}

  S* allocate(std::size_t count) {
    const std::size_t bytes = size_of(count);
    void* const memory = ::operator new(bytes, std::align_val_t{alignment_of(bytes)});
#ifdef __linux__
    if (bytes >= large) static_cast<void>(madvise(memory, bytes, MADV_HUGEPAGE));  // a wish: it may be refused
#endif
    return static_cast<S*>(memory);
  }
  void deallocate(S* memory, std::size_t count) noexcept {
    ::operator delete(memory, std::align_val_t{alignment_of(size_of(count))});
  }

  friend bool operator==(const AlignedAllocator&, const AlignedAllocator&) { return true; }

 private:
  static constexpr std::size_t huge_page = std::size_t{1} << 21;
  static constexpr std::size_t large = huge_page / 4;

  /// Bytes for so many numbers: whole huge pages where there is much.
  static constexpr std::size_t size_of(std::size_t count) {
    const std::size_t bytes = count * sizeof(S);
#ifdef __linux__
    if (bytes >= large) return (bytes + huge_page - 1) / huge_page * huge_page;
#endif
    return bytes;
  }

  static constexpr std::size_t alignment_of(std::size_t bytes) { return bytes >= large ? huge_page : alignment; }
};

/// A run of numbers that starts on a 64-byte boundary, owned.
template <class S>
using Buffer = std::vector<S, AlignedAllocator<S>>;

template <Scalar S>
Flat<S> view(Buffer<S>& buffer) {
  return Flat<S>(buffer.data(), static_cast<Index>(buffer.size()));
}

template <Scalar S>
ConstFlat<S> view(const Buffer<S>& buffer) {
  return ConstFlat<S>(buffer.data(), static_cast<Index>(buffer.size()));
}

/// Numbers that a piece of `count` numbers occupies: rounded up so that the next piece starts on a 64-byte boundary
/// whatever the scalar type (16 floats, 8 doubles; 16 for both, so that a layout does not depend on the type).
constexpr Index piece_size(Index count) { return (count + 15) / 16 * 16; }

/// Hands out consecutive pieces of a flat buffer. Everything that lays numbers out in memory, parameters, activations
/// and gradients alike, walks its buffer with this class, so that sizes and offsets cannot disagree.
template <class S>
class Pieces {
 public:
  explicit Pieces(S* begin) : begin_(begin) {}

  /// Cuts up what the view shows. A view that is const still shows numbers that may be written: it is the view that is
  /// constant, not what it looks at.
  Pieces(const Flat<std::remove_const_t<S>>& view)  // NOLINT: implicit, as what lies in a memory is made of one
      : begin_(const_cast<S*>(view.data())) {}

  Pieces(const ConstFlat<std::remove_const_t<S>>& view)  // NOLINT: as before
    requires std::is_const_v<S>
      : begin_(view.data()) {}

  /// The next rows x columns matrix.
  auto matrix(Index rows, Index columns) {
    using Plain = Matrix<std::remove_const_t<S>>;
    using View = Eigen::Map<std::conditional_t<std::is_const_v<S>, const Plain, Plain>>;
    return View(take(rows * columns), rows, columns);
  }

  /// The next run of `count` numbers.
  auto flat(Index count) {
    using Plain = Vector<std::remove_const_t<S>>;
    using View = Eigen::Map<std::conditional_t<std::is_const_v<S>, const Plain, Plain>>;
    return View(take(count), count);
  }

  /// Numbers that were handed out. Pieces of nothing, Pieces<S>(nullptr), tell how many a buffer needs.
  Index size() const { return size_; }

 private:
  S* take(Index count) {
    S* const piece = begin_ == nullptr ? nullptr : begin_ + size_;
    size_ += piece_size(count);
    return piece;
  }

  S* begin_;
  Index size_ = 0;
};

}  // namespace polytask
