#include "polytask/core/lanes.hpp"

#include "catch.hpp"

#include <cmath>
#include <limits>
#include <vector>

using namespace polytask;

TEMPLATE_TEST_CASE("Places cover a run once each, in order, and nothing outside it", "", float, double) {
  for (Index size = 0; size <= 70; ++size) {
    std::vector<TestType> numbers(static_cast<std::size_t>(size) + 1, TestType(-1));
    TestType next = 0;
    for_each_place<TestType>(size, [&](auto at) {
      constexpr Index count = decltype(at.read(numbers.data()))::count;
      for (Index i = 0; i < count; ++i) numbers[static_cast<std::size_t>(at.begin + i)] = next++;
      at.write(numbers.data(), TestType(2) * at.read(numbers.data()));
    });
    for (Index i = 0; i < size; ++i)
      REQUIRE(numbers[static_cast<std::size_t>(i)] == TestType(2) * static_cast<TestType>(i));
    REQUIRE(numbers.back() == TestType(-1));
  }
}

TEMPLATE_TEST_CASE("A short row is worked in as few places as it can be", "", float, double) {
  const auto places = [](Index size) {
    int count = 0;
    for_each_place<TestType>(size, [&](auto) { ++count; });
    return count;
  };
  const Index full = Eigen::internal::packet_traits<TestType>::size;
  const Index least = 16 / sizeof(TestType);  // numbers of the smallest register
  CHECK(places(0) == 0);
  CHECK(places(least - 1) == least - 1);
  CHECK(places(least) == 1);
  CHECK(places(full) == 1);
  CHECK(places(3 * full + 1) == 4);
}

TEMPLATE_TEST_CASE("Lanes compute what single numbers do, in a register and beside it", "", float, double) {
  // the last of these are worked one at a time
  std::vector<TestType> numbers;
  for (int i = 0; i < 37; ++i) numbers.push_back(static_cast<TestType>(0.37 * (i - 18)));
  const auto check = [&](auto lanes, auto single) {
    std::vector<TestType> found(numbers.size());
    for_each_place<TestType>(static_cast<Index>(numbers.size()),
                             [&](auto at) { at.write(found.data(), lanes(at.read(numbers.data()))); });
    for (std::size_t i = 0; i < numbers.size(); ++i)
      CHECK(found[i] == Approx(single(numbers[i])).epsilon(8 * std::numeric_limits<TestType>::epsilon()).margin(1e-30));
  };
  const auto two = TestType(2);
  check([&](auto z) { return (two + z) * (z - two) / (two + z * z); },
        [](TestType z) { return (2 + z) * (z - 2) / (2 + z * z); });
  check([](auto z) { return -z; }, [](TestType z) { return -z; });
  check([](auto z) { return z.square(); }, [](TestType z) { return z * z; });
  check([](auto z) { return z.cube(); }, [](TestType z) { return z * z * z; });
  check([](auto z) { return z.abs().sqrt(); }, [](TestType z) { return std::sqrt(std::abs(z)); });
  check([](auto z) { return (z + TestType(0.1)).inverse(); }, [](TestType z) { return 1 / (z + TestType(0.1)); });
  check([](auto z) { return z.exp(); }, [](TestType z) { return std::exp(z); });
  check([](auto z) { return (z.abs() + TestType(0.5)).log(); },
        [](TestType z) { return std::log(std::abs(z) + TestType(0.5)); });
  check([](auto z) { return z.tanh(); }, [](TestType z) { return std::tanh(z); });
  check([](auto z) { return sigmoid(z); }, [](TestType z) { return 1 / (1 + std::exp(-z)); });
  check([](auto z) { return z.cwiseMin(1); }, [](TestType z) { return std::fmin(z, TestType(1)); });
  check([](auto z) { return z.cwiseMax(-1); }, [](TestType z) { return std::fmax(z, TestType(-1)); });
  check([](auto z) { return z.below(1, 5, z); }, [](TestType z) { return z < 1 ? 5 : z; });
}

TEMPLATE_TEST_CASE("A number that is NaN is below nothing", "", float, double) {
  const std::vector<TestType> numbers(19, std::numeric_limits<TestType>::quiet_NaN());
  std::vector<TestType> found(numbers.size());
  for_each_place<TestType>(19, [&](auto at) { at.write(found.data(), at.read(numbers.data()).below(1, 5, 7)); });
  for (const TestType number : found) CHECK(number == 7);
}

TEMPLATE_TEST_CASE("A sum over places is the sum, for every length", "", float, double) {
  std::vector<TestType> numbers;
  TestType sum = 0;
  for (int size = 0; size <= 150; ++size) {
    CHECK(sum_over_places<TestType>(size, [&](auto at) { return at.read(numbers.data()); }) == sum);
    numbers.push_back(static_cast<TestType>(size % 11 - 4));
    sum += numbers.back();
  }
}
