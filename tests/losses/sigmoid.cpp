#include "polytask/losses/sigmoid.hpp"

#include "catch.hpp"

#include <cmath>
#include <limits>

using namespace polytask;

TEST_CASE("the logistic function of floats is right to a few units in the last place, and in order to rounding") {
  constexpr Index count = 200001;
  const Eigen::ArrayXf logits = Eigen::ArrayXf::LinSpaced(count, -80.0f, 80.0f);
  const Eigen::ArrayXf chances = sigmoid(logits);
  const float rounding = 4 * std::numeric_limits<float>::epsilon();
  double worst = 0;
  bool in_order = true;
  for (Index place = 0; place < count; ++place) {
    const double exact = 1 / (1 + std::exp(-static_cast<double>(logits[place])));
    worst = (std::max)(worst, std::abs(static_cast<double>(chances[place]) - exact) / exact);
    if (place > 0) in_order = in_order && chances[place] >= chances[place - 1] * (1 - rounding);
  }
  CHECK(worst < rounding);
  CHECK(in_order);
}

TEST_CASE("the logistic function ends at 0 and 1, is a half at 0, and is not a number of what is none") {
  const double infinity = std::numeric_limits<double>::infinity();
  const Eigen::Array<double, 6, 1> logits{-infinity, -1e4, 0.0, 1e4, infinity, std::nan("")};
  const Eigen::ArrayXd chances = sigmoid(logits);
  CHECK(chances[0] == 0);
  CHECK(chances[1] < 1e-300);
  CHECK(chances[2] == 0.5);
  CHECK(chances[3] == 1);
  CHECK(chances[4] == 1);
  CHECK(std::isnan(chances[5]));
}
