#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"

#include "catch.hpp"

#include <array>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

using polytask::Span;

namespace {

struct Base {
  int number = 0;
};
struct Derived : Base {
  int other = 0;
};

int sum(Span<const int> numbers) {
  int all = 0;
  for (const int number : numbers) all += number;
  return all;
}

}  // namespace

TEST_CASE("A span is made of whatever has data and a size") {
  std::vector<int> vector{1, 2, 3};
  const std::vector<int> constant{4, 5};
  std::array<int, 2> array{6, 7};
  int plain[] = {8, 9};
  CHECK(sum(vector) == 6);
  CHECK(sum(constant) == 9);
  CHECK(sum(array) == 13);
  CHECK(sum(plain) == 17);
  CHECK(sum(std::span(vector)) == 6);
  CHECK(sum(std::span<const int>(vector).last(2)) == 5);
  CHECK(sum(std::vector<int>{10, 11}) == 21);  // it lives as long as the call
  CHECK(sum({vector.data() + 1, 1}) == 2);
  CHECK(sum({}) == 0);
  CHECK(Span<const char>(std::string("ab")).size() == 2);

  const Span<int> variable(vector);
  variable[1] = 20;
  CHECK(vector == std::vector{1, 20, 3});
  CHECK(Span(vector).data() == vector.data());
}

TEST_CASE("A std::span is made of a span") {
  std::vector<int> vector{1, 2, 3};
  const std::span<const int> of_constant = Span<const int>(vector);
  CHECK(of_constant.data() == vector.data());
  CHECK(of_constant.size() == 3);
  Span<int> numbers(vector);
  const std::span<int> of_variable = numbers;
  CHECK(of_variable.data() == vector.data());
}

// The elements are of the container's type, to which only const can be added.
static_assert(std::is_same_v<decltype(Span(std::declval<std::vector<int>&>())), Span<int>>);
static_assert(std::is_same_v<decltype(Span(std::declval<const std::vector<int>&>())), Span<const int>>);
static_assert(std::is_same_v<decltype(Span(std::declval<const int*>(), std::size_t{2})), Span<const int>>);
static_assert(std::is_same_v<decltype(Span(std::declval<std::vector<int>>())), Span<const int>>);
static_assert(std::is_same_v<decltype(Span(std::declval<std::span<int>>())), Span<int>>);
static_assert(std::is_same_v<Span<const int>::value_type, int>);
static_assert(std::is_convertible_v<Span<int>, Span<const int>>);
static_assert(!std::is_convertible_v<Span<const int>, Span<int>>);
static_assert(!std::is_convertible_v<const std::vector<int>&, Span<int>>);
static_assert(!std::is_convertible_v<std::vector<int>&, Span<const long>>);
static_assert(!std::is_convertible_v<std::vector<Derived>&, Span<Base>>);  // their steps differ
static_assert(!std::is_convertible_v<std::vector<bool>&, Span<const bool>>);
static_assert(!std::is_convertible_v<int, Span<const int>>);
static_assert(!std::is_constructible_v<Span<const long>, int, int>);  // {0, 2} is no null pointer and a size
static_assert(!std::is_constructible_v<Span<Base>, Derived*, std::size_t>);
static_assert(std::is_constructible_v<Span<const int>, int*, std::size_t>);
static_assert(!std::is_constructible_v<Span<int>, const int*, std::size_t>);
static_assert(!std::is_convertible_v<polytask::Matrix<double>::RowXpr, Span<const double>>);  // not one after the other
static_assert(!std::is_convertible_v<Eigen::Block<polytask::Matrix<double>>, Span<const double>>);
static_assert(!std::is_convertible_v<std::vector<int>, Span<int>>);  // it would outlive them
static_assert(!std::is_convertible_v<std::array<int, 2>, Span<int>>);
static_assert(std::is_convertible_v<std::vector<int>, Span<const int>>);
static_assert(std::is_convertible_v<std::span<int>, Span<int>>);

TEST_CASE("Parts of a span") {
  const std::vector<int> numbers{1, 2, 3, 4, 5};
  const Span all(numbers);
  const auto content = [](Span<const int> part) { return std::vector<int>(part.begin(), part.end()); };
  CHECK(content(all.first(2)) == std::vector{1, 2});
  CHECK(content(all.last(2)) == std::vector{4, 5});
  CHECK(content(all.subspan(3)) == std::vector{4, 5});
  CHECK(content(all.subspan(1, 3)) == std::vector{2, 3, 4});
  CHECK(content(all.first(0)).empty());
  CHECK(all.front() == 1);
  CHECK(all.back() == 5);
  CHECK(!all.empty());
  CHECK(Span<int>{}.empty());
  CHECK(Span<int>{}.data() == nullptr);
}
