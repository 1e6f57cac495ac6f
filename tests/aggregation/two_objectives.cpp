// The toy with two losses over a plane, in a shorter version of benchmarks/two_objectives.cpp.
#include "../../benchmarks/common/two_objectives.hpp"
#include "catch.hpp"

#include "polytask/aggregation/fair_grad.hpp"
#include "polytask/aggregation/imtl_g.hpp"
#include "polytask/aggregation/mgda.hpp"
#include "polytask/aggregation/nash_mtl.hpp"

namespace {

using benchmark::Balance;
using benchmark::Point;

/// Where steps of Adam end; 12 000 are enough for most rules from starts below the valleys.
Point end(const Balance& balance, double scale, const Point& start, polytask::Index steps = 12'000) {
  return benchmark::descend(benchmark::two_objectives_scaled(scale), balance, benchmark::toy_descent(steps), start)
      .back();
}

}  // namespace

TEST_CASE("The two losses of the plane have the published values and their own gradients") {
  const auto at = [](double x, double y) { return benchmark::two_objectives({x, y}, 1); };
  const auto expect = [](const benchmark::TwoLosses& found, double first, double second) {
    CHECK(found.losses[0] == Approx(first).epsilon(0).margin(1e-6));
    CHECK(found.losses[1] == Approx(second).epsilon(0).margin(1e-6));
  };
  expect(at(-8.5, 7.5), 6.552363, 7.900798);
  expect(at(0.3, 0.4), 1.418103, 1.399111);
  expect(at(9, 9), 7.943949, 6.691495);
  expect(at(-7.5, -0.5), 0.388808, -4.754484);
  expect(at(9, -1), -8.831059, 2.814293);
  expect(at(-8.5, -5), 4.059918, -19.421502);

  for (const Point point : {Point{-8.5, 7.5}, Point{0.3, 0.4}, Point{9, -1}, Point{-8.5, -5}}) {
    constexpr double step = 1e-6;
    const auto found = benchmark::two_objectives(point, 0.1);
    for (std::size_t place = 0; place < 2; ++place) {
      Point up = point;
      Point down = point;
      up[place] += step;
      down[place] -= step;
      for (std::size_t task = 0; task < 2; ++task) {
        const double slope =
            (benchmark::two_objectives(up, 0.1).losses[task] - benchmark::two_objectives(down, 0.1).losses[task]) /
            (2 * step);
        CHECK(found.gradients[task][place] == Approx(slope).epsilon(1e-7).margin(1e-8));
      }
    }
  }
}

TEST_CASE("MGDA, Nash-MTL and IMTL-G come from the middle to where neither loss can fall alone") {
  for (const Balance& balance : {Balance{"mgda", {}, polytask::Mgda{}}, Balance{"nash", {}, polytask::NashMtl{}},
                                 Balance{"imtl_g", {}, polytask::ImtlG{}}}) {
    CAPTURE(balance.name);
    const Point ended = end(balance, 0.1, {0, 0}, 24'000);
    CAPTURE(ended[0], ended[1]);
    CHECK(benchmark::on_front(ended));
  }
  SECTION("of which Nash-MTL and IMTL-G find the middle, where the losses would be alike in one unit") {
    CHECK(std::abs(end({"nash", {}, polytask::NashMtl{}}, 0.1, {0, 0})[0]) < 0.02);
    CHECK(std::abs(end({"imtl_g", {}, polytask::ImtlG{}}, 0.1, {0, 0})[0]) < 0.02);
  }
}

TEST_CASE("Nash-MTL ends where it ended when one loss is scaled by 1000, and the equal sum does not") {
  const Balance nash{"nash", {}, polytask::NashMtl{}};
  const Balance fair{"fairgrad", {}, polytask::FairGrad{.alpha = 1}};
  const Balance sum{"sum"};
  for (const Point start : {Point{0, 0}, Point{-7.5, -0.5}}) {
    CAPTURE(start[0]);
    const Point ended = end(nash, 0.1, start);
    CHECK(benchmark::on_front(ended));
    CHECK(benchmark::distance(ended, end(nash, 100, start)) < 0.02);
    // the same direction, whose length does not depend on the units either
    CHECK(benchmark::distance(end(fair, 0.1, start), end(fair, 100, start)) < 1e-3);
    CHECK(benchmark::distance(end(sum, 0.1, start), end(sum, 100, start)) > 5);
  }
}
