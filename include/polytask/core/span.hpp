/// @file
/// Elements that lie one after the other and belong to someone else.
#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace polytask {

/// A view of elements in a row. It can be made of whatever has data() and an unsigned size(), as std::vector,
/// std::array and std::span have, and a std::span can be made of it. (A part of an Eigen matrix has a signed size():
/// its elements need not lie in a row.) It stands for std::span in this library, whose constructors prove to the
/// compiler that a container is a contiguous range: that takes 20 ms and 3 MB for each type of element (g++ 12), more
/// than a tenth of what a program on this library costs to compile.
template <class T>
class Span {
 public:
  using value_type = std::remove_const_t<T>;

  constexpr Span() = default;
  /// The type of the pointer is deduced, so that {0, 2} is no pointer to nothing.
  template <class Element>
    requires std::is_convertible_v<Element (*)[], T (*)[]>
  constexpr Span(Element* data, std::size_t size) : data_(data), size_(size) {}
  template <std::size_t size>
  constexpr Span(T (&array)[size]) : data_(array), size_(size) {}  // NOLINT: implicit, as a span's
  /// T may add const to what the container has, but not be a base of it. What a temporary container owns is const: the
  /// const here does not reach through the reference that Container is for all others.
  template <class Container>
    requires std::is_convertible_v<std::remove_pointer_t<decltype(std::declval<const Container&>().data())> (*)[],
                                   T (*)[]> &&
                 std::is_same_v<decltype(std::declval<const Container&>().size()), std::size_t>
  constexpr Span(Container&& container) : data_(container.data()), size_(container.size()) {}  // NOLINT: implicit

  constexpr T* data() const { return data_; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr T* begin() const { return data_; }
  constexpr T* end() const { return data_ + size_; }
  constexpr T& operator[](std::size_t place) const { return data_[place]; }
  constexpr T& front() const { return data_[0]; }
  constexpr T& back() const { return data_[size_ - 1]; }

  constexpr Span first(std::size_t count) const { return {data_, count}; }
  constexpr Span last(std::size_t count) const { return {data_ + (size_ - count), count}; }
  constexpr Span subspan(std::size_t offset) const { return {data_ + offset, size_ - offset}; }
  constexpr Span subspan(std::size_t offset, std::size_t count) const { return {data_ + offset, count}; }

 private:
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

template <class Element>
Span(Element*, std::size_t) -> Span<Element>;
template <class Container>
Span(Container&&) -> Span<std::remove_pointer_t<decltype(std::declval<const Container&>().data())>>;

}  // namespace polytask
