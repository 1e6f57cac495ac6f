#include "polytask/metrics/uplift.hpp"

#include "catch.hpp"
#include "polytask/core/random.hpp"

#include <cstdint>
#include <limits>
#include <vector>

namespace pt = polytask;

namespace {

/// Ten thousand samples of which the treatment changes every second one's chance by 0.4, drawn by lot.
struct Test {
  std::vector<double> effects;
  std::vector<double> noise;
  std::vector<std::uint8_t> treated;
  std::vector<double> outcomes;

  Test() {
    pt::Random random(3);
    for (int sample = 0; sample < 10000; ++sample) {
      effects.push_back(sample % 2 == 0 ? 0.4 : 0.0);
      noise.push_back(random.uniform());
      treated.push_back(random.chance(0.3) ? 1 : 0);
      outcomes.push_back(random.chance(0.2 + (treated.back() != 0 ? effects.back() : 0)) ? 1 : 0);
    }
  }
};

}  // namespace

TEST_CASE("The uplift curves are those reckoned by hand") {
  const std::vector<double> scores{0.9, 0.8, 0.8, 0.3, 0.1};
  const std::vector<std::uint8_t> treated{1, 0, 1, 0, 1};
  const std::vector<double> outcomes{1, 0, 1, 1, 0};
  const auto curve = pt::uplift_curve({scores, treated, outcomes});
  REQUIRE(curve.size() == 5);  // the two equal scores are one point
  const double fractions[] = {0, 0.2, 0.6, 0.8, 1};
  const double uplifts[] = {0, 0.2 * 1.0, 0.6 * (1.0 - 0.0), 0.8 * (1.0 - 0.5), 1 * (2.0 / 3 - 0.5)};
  const double qinis[] = {0, 1.0 / 3, 2.0 / 3, (2 - 1.0 * 2 / 2) / 3, (2 - 1.0 * 3 / 2) / 3};
  for (std::size_t point = 0; point < curve.size(); ++point) {
    CHECK(curve[point].fraction == Approx(fractions[point]));
    CHECK(curve[point].uplift == Approx(uplifts[point]));
    CHECK(curve[point].qini == Approx(qinis[point]));
  }
  // trapezia: 0.2 * 0.1 + 0.4 * 0.4 + 0.2 * 0.5 + 0.2 * (0.4 + 1/6) / 2
  CHECK(pt::auuc({scores, treated, outcomes}) == Approx(0.02 + 0.4 * 0.4 + 0.2 * 0.5 + 0.2 * (0.4 + 1.0 / 6) / 2));
  CHECK(pt::qini({scores, treated, outcomes}) ==
        Approx(0.2 / 6 + 0.4 * 0.5 + 0.2 * 0.5 + 0.2 * (1.0 / 3 + 1.0 / 6) / 2 - 1.0 / 12));
}

TEST_CASE("A score that knows the effect has a high Qini coefficient, one that knows nothing none") {
  const Test test;
  const double knowing = pt::qini({test.effects, test.treated, test.outcomes});
  const double ignorant = pt::qini({test.noise, test.treated, test.outcomes});
  CHECK(knowing == Approx(0.05).margin(0.01));  // the triangle (0, 0), (0.5, 0.2), (1, 0.2) above the straight line
  CHECK(ignorant == Approx(0).margin(0.01));
  CHECK(pt::auuc({test.noise, test.treated, test.outcomes}) == Approx(0.1).margin(0.015));  // half the mean effect
  CHECK(pt::auuc({test.effects, test.treated, test.outcomes}) == Approx(0.15).margin(0.015));
}

TEST_CASE("Uplift says what is wrong with its samples") {
  const std::vector<double> two{1, 2};
  const std::vector<double> bad{1, std::numeric_limits<double>::quiet_NaN()};
  const std::vector<std::uint8_t> one_treated{1, 0};
  const std::vector<std::uint8_t> all_treated{1, 1};
  CHECK_THROWS_WITH(pt::qini({two, all_treated, two}),
                    "uplift: 2 of 2 samples were treated; it needs treated and others");
  CHECK_THROWS_WITH(pt::auuc({bad, one_treated, two}),
                    "uplift: sample 1 has score nan and outcome 2, which must be finite");
  CHECK_THROWS_AS(pt::auuc({two, one_treated, bad}), pt::DataError);
  CHECK_THROWS_WITH(pt::auuc({pt::Span(two).first(1), one_treated, two}),
                    "uplift: there are 1 scores, 2 treatments and 2 outcomes");
}
