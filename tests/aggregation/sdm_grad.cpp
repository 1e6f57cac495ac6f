#include "polytask/aggregation/sdm_grad.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<SdmGrad>);

namespace {

/// The weights that the coefficients are made of.
Vector<double> weights_of(const Combined& combined, double lambda) {
  const double mean = 1 / static_cast<double>(combined.coefficients.size());
  return (1 + lambda) * combined.coefficients.array() - lambda * mean;
}

}  // namespace

TEST_CASE("steps of SDMGrad by hand") {
  auto state = begin_rule(SdmGrad{.lambda = 0.5, .rounds = 2, .rate = 0.1, .momentum = 0.5}, 2, 2);
  // first step: A = [1 0; 0 4] / 1.5^2. First round: slopes A (w + 1/4) = (1, 4) / 3; w = (1/2, 1/2) - (1, 4) / 30,
  // projected: (0.55, 0.45). Second: A (0.8, 0.7) = (3.2, 11.2) / 9; speed + (1.5, 6) / 9 = (4.7, 17.2) / 9;
  // w - (0.47, 1.72) / 9: the difference grows by 1.25 / 9, half of it each
  Combined combined = step_state(state, rows(1, 0, 0, 2));
  const double first = 0.55 + 0.625 / 9;
  CHECK(weights_of(combined, 0.5)[0] == Approx(first).epsilon(1e-13));
  CHECK(combined.coefficients.sum() == Approx(1).epsilon(1e-14));
  CHECK(combined.direction[0] == Approx((first + 0.25) / 1.5).epsilon(1e-13));
  CHECK(combined.direction[1] == Approx(2 * (1 - first + 0.25) / 1.5).epsilon(1e-13));
  // second step: the first gradients are J1 and J2, the direction is of the third
  double w = first;
  const auto round_difference = [](double a, double b) { return (a - b) / 2; };
  const double slope0 = (w + 0.25) / 2.25;
  const double slope1 = 4 * (1 - w + 0.25) / 2.25;
  double moved = w - 0.1 * round_difference(slope0, slope1);
  const double again0 = (moved + 0.25) / 2.25 + 0.5 * slope0;
  const double again1 = 4 * (1 - moved + 0.25) / 2.25 + 0.5 * slope1;
  moved -= 0.1 * round_difference(again0, again1);
  combined = step_state(state, rows(3, 1, -1, 1));
  CHECK(weights_of(combined, 0.5)[0] == Approx(moved).epsilon(1e-13));
  CHECK(combined.direction[0] == Approx((3 * (moved + 0.25) - (1 - moved + 0.25)) / 1.5).epsilon(1e-13));
}

TEST_CASE("from the third step A is that of the two steps before, and not symmetric") {
  auto state = begin_rule(SdmGrad{.lambda = 0, .rounds = 1, .rate = 0.01}, 2, 2);
  step_state(state, rows(1, 0, 0, 2));
  const double before = weights_of(step_state(state, rows(3, 1, 1, 1)), 0)[0];
  // J1 J2' = [3 1; 2 2]: A w = (3 w0 + w1, 2); s = (10^1/4 + 8^1/4) / 2
  const Combined combined = step_state(state, rows(7, 0, 0, 5));
  const double s = (std::pow(10, 0.25) + std::pow(8, 0.25)) / 2;
  const double slope = (3 * before + (1 - before) - 2) / (s * s);
  CHECK(combined.coefficients[0] == Approx(before - 0.01 * slope / 2).epsilon(1e-13));
  // and in the next it is that of the second and the third: J1 J2' = [21 5; 7 5]
  const double next = combined.coefficients[0];
  const double size = (std::sqrt(7 * std::sqrt(10)) + std::sqrt(5 * std::sqrt(2))) / 2;
  const double difference = (14 * next) / (size * size);
  CHECK(step_state(state, rows(1, 1, 1, 1)).coefficients[0] == Approx(next - 0.01 * difference / 2).epsilon(1e-13));
}

TEST_CASE("with one gradient for ever SDMGrad comes to the shortest combination near the mean") {
  auto state = begin_rule(SdmGrad{.lambda = 0, .rate = 0.1}, 2, 3);
  Combined combined;
  for (int step = 0; step < 50; ++step) combined = step_state(state, gold_gradients());
  CHECK(combined.coefficients[0] == Approx(0.6).epsilon(1e-10));
  auto near_mean = begin_rule(SdmGrad{.lambda = 1e6, .rate = 0.1}, 2, 3);
  CHECK(step_state(near_mean, gold_gradients()).coefficients[0] == Approx(0.5).epsilon(1e-5));
}

TEST_CASE("SDMGrad has the properties that it claims") {
  check_finite(SdmGrad{});
  check_scales_with(SdmGrad{}, 1);
  check_one_task(SdmGrad{});
  check_resumes(SdmGrad{});
  check_setting_must_agree(SdmGrad{}, SdmGrad{.lambda = 0.4}, "lambda");
  check_setting_must_agree(SdmGrad{}, SdmGrad{.rounds = 4}, "rounds");
  check_setting_must_agree(SdmGrad{}, SdmGrad{.rate = 4}, "rate");
  check_setting_must_agree(SdmGrad{}, SdmGrad{.momentum = 0.4}, "momentum");
  for (const Sample& sample : all_samples()) {
    CAPTURE(sample.name);
    auto state = begin_rule(SdmGrad{}, sample.gradients.rows(), sample.gradients.cols());
    for (int step = 0; step < 3; ++step) {
      const Combined combined = step_state(state, sample.gradients);
      CHECK(weights_of(combined, 0.3).minCoeff() >= -1e-14);
      CHECK(combined.coefficients.sum() == Approx(1).epsilon(1e-12));
    }
  }
}

TEST_CASE("a task that is missing keeps its gradients and its weight") {
  auto state = begin_rule(SdmGrad{.rate = 0.1}, 3, 4);
  for (std::uint64_t step = 1; step < 4; ++step) step_state(state, normal_gradients(3, 4, step));
  const Remembered before = remember(state);
  step_state(state, normal_gradients(2, 4, 9), {.tasks = {0, 2}});
  const Remembered after = remember(state);
  const auto& weights_before = std::get<std::vector<double>>(before.at("weights"));
  const auto& weights = std::get<std::vector<double>>(after.at("weights"));
  CHECK(weights[1] == weights_before[1]);
  CHECK(weights[0] + weights[1] + weights[2] == Approx(1).epsilon(1e-14));
  const auto& gradients_before = std::get<Buffer<double>>(before.at("gradients"));
  const auto& gradients = std::get<Buffer<double>>(after.at("gradients"));
  std::size_t changed = 0;
  for (std::size_t parameter = 0; parameter < 24; ++parameter) {
    if (parameter / 8 == 1) CHECK(gradients[parameter] == gradients_before[parameter]);
    changed += gradients[parameter] != gradients_before[parameter];
  }
  CHECK(changed == 8);  // one of the two gradients of each of the others
}

TEST_CASE("SDMGrad refuses settings that make no sense") {
  CHECK_THROWS_WITH(begin_rule(SdmGrad{.lambda = -1}, 2, 3), containing("lambda is -1"));
  CHECK_THROWS_WITH(begin_rule(SdmGrad{.rounds = -1}, 2, 3), containing("rounds is -1"));
  CHECK_THROWS_WITH(begin_rule(SdmGrad{.rate = HUGE_VAL}, 2, 3), containing("rate is inf"));
  CHECK_THROWS_WITH(begin_rule(SdmGrad{.momentum = 1}, 2, 3), containing("momentum is 1"));
}
