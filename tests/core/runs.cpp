#include "polytask/core/runs.hpp"

#include "catch.hpp"
#include "polytask/core/buffer.hpp"

#include <limits>
#include <utility>
#include <vector>

using namespace polytask;

TEMPLATE_TEST_CASE("Norms are the sums over runs of every length", "", float, double) {
  for (const Index size : {0, 1, 7, 1023, 1024, 1025, 5000}) {
    Buffer<TestType> values(static_cast<std::size_t>(size));
    double squares = 0;
    double absolute = 0;
    for (Index i = 0; i < size; ++i) {
      values[static_cast<std::size_t>(i)] = static_cast<TestType>((i % 7) - 3);
      squares += static_cast<double>(((i % 7) - 3) * ((i % 7) - 3));
      absolute += std::abs(static_cast<double>((i % 7) - 3));
    }
    CHECK(squared_norm<TestType>(ConstFlat<TestType>(values.data(), size)) == squares);
    CHECK(absolute_sum<TestType>(ConstFlat<TestType>(values.data(), size)) == absolute);
  }
}

TEMPLATE_TEST_CASE("Runs are added, scaled, multiplied and copied at every length, and nothing beside them", "", float,
                   double) {
  for (Index size = 0; size <= 70; ++size) {
    std::vector<TestType> from(static_cast<std::size_t>(size) + 1);
    std::vector<TestType> to(from.size());
    double product = 0;
    for (Index i = 0; i <= size; ++i) {
      from[static_cast<std::size_t>(i)] = static_cast<TestType>(i % 5 - 2);
      to[static_cast<std::size_t>(i)] = static_cast<TestType>(i % 3);
      if (i < size) product += static_cast<double>((i % 5 - 2) * (i % 3));
    }
    CHECK(inner_product(size, from.data(), to.data()) == TestType(product));
    add_run(size, from.data(), to.data());
    add_run(size, TestType(3), from.data(), to.data());
    scale_run(size, TestType(2), to.data());
    for (Index i = 0; i < size; ++i)
      REQUIRE(to[static_cast<std::size_t>(i)] == static_cast<TestType>(2 * (i % 3 + 4 * (i % 5 - 2))));
    REQUIRE(to.back() == static_cast<TestType>(size % 3));
    copy_run(size, from.data(), to.data());
    for (Index i = 0; i < size; ++i) REQUIRE(to[static_cast<std::size_t>(i)] == from[static_cast<std::size_t>(i)]);
    REQUIRE(to.back() == static_cast<TestType>(size % 3));
  }
}

TEST_CASE("Ten million floats are summed as well as a thousand") {
  const Buffer<float> values(10'000'000, 0.1f);
  const double exact = 1e7 * static_cast<double>(0.1f) * static_cast<double>(0.1f);
  CHECK(squared_norm<float>(view(std::as_const(values))) == Approx(exact).epsilon(1e-6));
  CHECK(absolute_sum<float>(view(std::as_const(values))) == Approx(1e7 * static_cast<double>(0.1f)).epsilon(1e-6));
}

TEST_CASE("Squares beyond float are summed in double, and what is not finite stays so") {
  Buffer<float> values(3000, 1e30f);
  CHECK(squared_norm<float>(view(std::as_const(values))) == Approx(3e63).epsilon(1e-6));
  values[2999] = std::numeric_limits<float>::infinity();
  CHECK(squared_norm<float>(view(std::as_const(values))) == std::numeric_limits<double>::infinity());
  values[5] = std::numeric_limits<float>::quiet_NaN();
  CHECK(std::isnan(squared_norm<float>(view(std::as_const(values)))));
  CHECK(std::isnan(absolute_sum<float>(view(std::as_const(values)))));
}
