#include "polytask/regularization/elastic_net.hpp"

#include "polytask/regularization/any_regularization.hpp"
#include "polytask/regularization/l1.hpp"
#include "polytask/regularization/l2.hpp"
#include "regularization/checks.hpp"

using namespace polytask;

static_assert(Regularization<ElasticNet, float> && Regularization<ElasticNet, double>);
static_assert(!PenaltyWithGradient<ElasticNet, float> && PenaltyWithShrinkage<ElasticNet, float>);

TEST_CASE("The elastic net is a mixture of L1 and L2") {
  const Buffer<double> values{3, -4, 0};  // absolute sum 7, squares 25
  CHECK(value_of(ElasticNet{.strength = 0.1, .ratio = 0.2}, values) == Approx(0.1 * (1.4 + 0.4 * 25)).epsilon(1e-14));
  CHECK(value_of(ElasticNet{.ratio = 1}, values) == Approx(value_of(L1{}, values)).epsilon(1e-14));
  CHECK(value_of(ElasticNet{.ratio = 0}, values) == Approx(value_of(L2{}, values)).epsilon(1e-14));
}

TEMPLATE_TEST_CASE("The elastic net gives exact zeros and shrinks the rest", "", float, double) {
  Buffer<TestType> values{TestType(2.25), TestType(-2.25), TestType(0.125), TestType(0)};
  ElasticNet{.strength = 2, .ratio = 0.5}.shrink(view(values), 0.25);  // threshold 0.25, divisor 1.25
  CHECK(values[0] == Approx(1.6));
  CHECK(values[1] == Approx(-1.6));
  CHECK(values[2] == 0);
  CHECK(values[3] == 0);
}

TEST_CASE("The step of the elastic net minimises its penalty and the distance") {
  check_proximal(ElasticNet{.strength = 0.4, .ratio = 0.3});
  check_proximal(ElasticNet{.strength = 0.4, .ratio = 0});
  check_proximal(ElasticNet{.strength = 0.4, .ratio = 1});
}

TEST_CASE("The elastic net refuses what is no mixture") {
  AnyRegularization<double> rule(ElasticNet{.ratio = 1});
  Layout layout;
  layout.add("a/weights", 0, 2, 2);
  CHECK_NOTHROW(rule.begin({layout, {}, {}}));
  for (const double ratio : {-1.0, 1.5, std::nan("")})
    CHECK_THROWS_AS(AnyRegularization<double>(ElasticNet{.ratio = ratio}).begin({layout, {}, {}}), ArgumentError);
  CHECK_THROWS_WITH(AnyRegularization<double>(ElasticNet{.ratio = 11}).begin({layout, {}, {}}),
                    "elastic_net: the ratio must be from 0 to 1, it is 11");
}

TEST_CASE("The elastic net does not hide what is not a number, and shows its settings") {
  for (const std::size_t size : {1u, 40u}) {
    Buffer<double> values(size, std::nan(""));
    ElasticNet{}.shrink(view(values), 0.1);
    for (const double value : values) CHECK(std::isnan(value));
  }
  CHECK(settings(ElasticNet{.strength = 0.5}) == "strength=0.500000 ratio=0.500000 segments=*weights ");
}
