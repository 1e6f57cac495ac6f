#include "polytask/core/normal_quantile.hpp"

#include "catch.hpp"

using polytask::normal_quantile;

TEST_CASE("The normal quantile has the values of the tables") {
  CHECK(normal_quantile(0.5) == 0);
  CHECK(normal_quantile(0.025) == Approx(-1.9599639845400545).epsilon(1e-14));
  CHECK(normal_quantile(0.9) == Approx(1.2815515655446004).epsilon(1e-14));
  CHECK(normal_quantile(1e-7) == Approx(-5.199337582192817).epsilon(1e-13));
  CHECK(normal_quantile(1e-300) == Approx(-37.0471).epsilon(1e-5));
}
