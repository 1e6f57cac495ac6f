#include "catch.hpp"

#include "polytask/core/denormals.hpp"

#include <limits>

TEST_CASE("numbers too small to be normal are 0 while they are flushed, and only then") {
  volatile float smallest = std::numeric_limits<float>::min();
  volatile float half = 0.5f;
  volatile float product = smallest * half;
  REQUIRE(product > 0);
  {
    const polytask::FlushDenormals flush;
    volatile float flushed = smallest * half;
#if defined(__SSE2__) || defined(__aarch64__)
    CHECK(flushed == 0.0f);
#else
    CHECK(flushed >= 0.0f);
#endif
  }
  product = smallest * half;
  CHECK(product > 0);
}
