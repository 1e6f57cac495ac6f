// The toy with two losses over a plane, in a shorter version of benchmarks/two_objectives.cpp.
#include "../../benchmarks/common/two_objectives.hpp"
#include "catch.hpp"

#include "polytask/aggregation/aligned_mtl.hpp"
#include "polytask/aggregation/ca_grad.hpp"
#include "polytask/aggregation/con_fig.hpp"
#include "polytask/aggregation/dual_proj.hpp"
#include "polytask/aggregation/fair_grad.hpp"
#include "polytask/aggregation/imtl_g.hpp"
#include "polytask/aggregation/mgda.hpp"
#include "polytask/aggregation/nash_mtl.hpp"
#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/aggregation/up_grad.hpp"
#include "polytask/optimizers/sgd.hpp"
#include "polytask/weighting/famo.hpp"

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

TEST_CASE("rules end at the reference points of the toy where these do not hang on rounding") {
  const Balance ca_grad{"cagrad", {}, polytask::CaGrad{.c = 0.5, .rescaling = polytask::CaGrad::Rescaling::by_one}};
  const Balance aligned{"aligned_mtl", {}, polytask::AlignedMtl{}};
  const Balance famo{"famo", polytask::Famo{.gamma = 0, .lower_bounds = {{"first", -2.1}, {"second", -21}}}, {}};
  const auto expect = [](const Balance& balance, const Point& start, const Point& reference) {
    CAPTURE(balance.name, start[0], start[1]);
    CHECK(benchmark::distance(end(balance, 0.1, start, 35'000), reference) < 0.02);
  };
  expect({"sum"}, {0, 0}, {-5.73, -8.41});
  expect(ca_grad, {0, 0}, {-5.73, -8.41});
  expect(ca_grad, {-7.5, -0.5}, {-5.73, -8.41});
  expect(aligned, {-7.5, -0.5}, {-5.73, -8.41});
  expect(aligned, {9, -1}, {-3.18, -8.37});
  expect(famo, {0, 0}, {0.05, -8.36});
  expect(famo, {-7.5, -0.5}, {-1.20, -8.36});
  expect(famo, {9, -1}, {2.13, -8.37});
}

TEST_CASE("rules come to the Pareto set of two quadratic losses") {
  // 1/2 (p - a)'A (p - a): at the set the gradients are opposed
  const Eigen::Matrix2d first{{3, 1}, {1, 1}};
  const Eigen::Matrix2d second{{1, -0.5}, {-0.5, 2}};
  const Eigen::Vector2d lowest_first{1, 2};
  const Eigen::Vector2d lowest_second{-2, 0};
  const auto losses = [&](const Point& at) {
    const Eigen::Vector2d point{at[0], at[1]};
    const Eigen::Vector2d one = first * (point - lowest_first);
    const Eigen::Vector2d other = second * (point - lowest_second);
    benchmark::TwoLosses found;
    found.losses = {0.5 * one.dot(point - lowest_first), 0.5 * other.dot(point - lowest_second)};
    found.gradients = {Point{one[0], one[1]}, Point{other[0], other[1]}};
    return found;
  };
  for (const Balance& balance :
       {Balance{"sum"}, Balance{"mgda", {}, polytask::Mgda{}}, Balance{"pcgrad", {}, polytask::PcGrad{}},
        Balance{"cagrad", {}, polytask::CaGrad{}}, Balance{"imtl_g", {}, polytask::ImtlG{}},
        Balance{"upgrad", {}, polytask::UpGrad{}}, Balance{"dual_proj", {}, polytask::DualProj{}},
        Balance{"config", {}, polytask::ConFig{}}})
    for (const Point start : {Point{4, -3}, Point{-5, 4}, Point{0, 5}}) {
      CAPTURE(balance.name, start[0], start[1]);
      const benchmark::Descent plain{polytask::AnyOptimizer<double>(polytask::Sgd{}), 0.02, 3000};
      const auto ended = losses(benchmark::descend(losses, balance, plain, start).back());
      const Eigen::Vector2d one{ended.gradients[0][0], ended.gradients[0][1]};
      const Eigen::Vector2d other{ended.gradients[1][0], ended.gradients[1][1]};
      // |the shortest combination| beside the gradients
      const double share = std::clamp(other.dot(other - one) / (one - other).squaredNorm(), 0.0, 1.0);
      CHECK((share * one + (1 - share) * other).norm() < 1e-3 * (one.norm() + other.norm()));
      CHECK(one.norm() + other.norm() > 1);
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
