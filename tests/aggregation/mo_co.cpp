#include "polytask/aggregation/mo_co.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<MoCo>);

TEST_CASE("two steps of MoCo by hand") {
  auto state = begin_rule(MoCo{.beta = 0.5, .beta_decay = 1, .gamma = 0.4, .gamma_decay = 2, .rho = 0.5}, 2, 2);
  // y = g, G = [1 0; 0 1/4], w = 1/2: w - 0.4 (G w + 0.25) = (0.2, 0.35), projected: + 0.225
  Combined combined = step_state(state, rows(2, 0, 0, 1));
  CHECK(combined.coefficients[0] == Approx(0.425).epsilon(1e-14));
  CHECK(combined.coefficients[1] == Approx(0.575).epsilon(1e-14));
  CHECK(combined.direction[0] == Approx(0.85).epsilon(1e-14));
  CHECK(combined.direction[1] == Approx(0.575).epsilon(1e-14));
  // beta 0.25, gamma 0.1: y0 = 3/4 (2, 0) + 1/4 (-2, 4) = (1, 1), y1 = (0, 3/4) + (1, -1/4) = (1, 1/2)
  // G = [2 1.5; 1.5 1.25] / 2; G w = (0.85625, 0.678125); w - 0.1 (G w + w / 2) = (0.318125, 0.4784375), + 0.10171875
  combined = step_state(state, rows(-2, 4, 4, -1), {.step = 2});
  CHECK(combined.coefficients[0] == Approx(0.41984375).epsilon(1e-14));
  CHECK(combined.coefficients[1] == Approx(0.58015625).epsilon(1e-14));
  CHECK(combined.direction[0] == Approx(1).epsilon(1e-14));
  CHECK(combined.direction[1] == Approx(0.41984375 + 0.58015625 / 2).epsilon(1e-14));
}

TEST_CASE("on gradients that do not change MoCo comes to the shortest combination") {
  auto state = begin_rule(MoCo{.gamma = 0.5, .gamma_decay = 0}, 2, 3);
  Combined combined;
  for (Index step = 1; step <= 200; ++step) combined = step_state(state, gold_gradients(), {.step = step});
  CHECK(combined.coefficients[0] == Approx(0.6).epsilon(1e-10));
  CHECK(combined.coefficients[1] == Approx(0.4).epsilon(1e-10));
}

TEST_CASE("a step of no length leaves the weights where they are, which a softmax of them would not") {
  auto state = begin_rule(MoCo{.gamma = 0.5}, 2, 3);
  Combined combined = step_state(state, gold_gradients());
  const Remembered remembered = remember(state);
  auto still = begin_rule(MoCo{.gamma = 0.5}, 2, 3);
  restore(still, remembered);
  CHECK(step_state(still, gold_gradients(), {.step = 1000000000000}).coefficients[0] ==
        Approx(combined.coefficients[0]).epsilon(1e-5));
  CHECK(combined.coefficients[0] != Approx(0.5).epsilon(1e-2));
}

TEST_CASE("MoCo has the properties that it claims") {
  check_finite(MoCo{});
  check_scales_with(MoCo{}, 1);
  check_permutation_invariant(MoCo{});
  check_one_task(MoCo{});
  check_resumes(MoCo{});
  check_setting_must_agree(MoCo{}, MoCo{.beta = 0.4}, "beta");
  check_setting_must_agree(MoCo{}, MoCo{.beta_decay = 0.4}, "beta_decay");
  check_setting_must_agree(MoCo{}, MoCo{.gamma = 0.4}, "gamma");
  check_setting_must_agree(MoCo{}, MoCo{.gamma_decay = 0.4}, "gamma_decay");
  check_setting_must_agree(MoCo{}, MoCo{.rho = 0.4}, "rho");
  for (const Sample& sample : all_samples()) {
    CAPTURE(sample.name);
    auto state = begin_rule(MoCo{.gamma = 3}, sample.gradients.rows(), sample.gradients.cols());
    for (Index step = 1; step <= 3; ++step) {
      const Combined combined = step_state(state, sample.gradients, {.step = step});
      CHECK(combined.coefficients.minCoeff() >= 0);
      CHECK(combined.coefficients.sum() == Approx(1).epsilon(1e-12));
    }
  }
}

TEST_CASE("a task that is missing keeps its average and its weight") {
  const MoCo rule{.beta = 0.5, .beta_decay = 0, .gamma = 0.2};
  auto state = begin_rule(rule, 3, 4);
  step_state(state, normal_gradients(3, 4));
  const Remembered before = remember(state);
  step_state(state, normal_gradients(2, 4, 9), {.step = 2, .tasks = {0, 2}});
  const Remembered after = remember(state);
  const auto& weights_before = std::get<std::vector<double>>(before.at("weights"));
  const auto& weights = std::get<std::vector<double>>(after.at("weights"));
  CHECK(weights[1] == weights_before[1]);
  CHECK(weights[0] != weights_before[0]);
  CHECK(weights[0] + weights[1] + weights[2] == Approx(1).epsilon(1e-14));
  const auto& averages_before = std::get<Buffer<double>>(before.at("averages"));
  const auto& averages = std::get<Buffer<double>>(after.at("averages"));
  for (std::size_t parameter = 0; parameter < 12; ++parameter)
    CHECK((averages[parameter] == averages_before[parameter]) == (parameter / 4 == 1));
}

TEST_CASE("MoCo's rate falls with the steps in which the task had a label") {
  auto state = begin_rule(MoCo{.beta = 0.5, .beta_decay = 1}, 2, 2);
  Gradients alone(1, 2);
  alone << 1, 0;
  for (Index step = 1; step <= 5; ++step) step_state(state, alone, {.step = step, .tasks = {0}});
  step_state(state, rows(1, 0, 0, 4), {.step = 6});
  step_state(state, rows(1, 0, 4, 0), {.step = 7});
  const Remembered after = remember(state);
  const auto& averages = std::get<Buffer<double>>(after.at("averages"));
  // its second label: 3/4 of (0, 4) and 1/4 of (4, 0)
  CHECK(averages[2] == Approx(1).epsilon(1e-15));
  CHECK(averages[3] == Approx(3).epsilon(1e-15));
}

TEST_CASE("MoCo refuses settings that make no sense") {
  CHECK_THROWS_WITH(begin_rule(MoCo{.beta = 0}, 2, 3), containing("beta is 0"));
  CHECK_THROWS_WITH(begin_rule(MoCo{.gamma = -1}, 2, 3), containing("gamma is -1"));
  CHECK_THROWS_WITH(begin_rule(MoCo{.rho = std::nan("")}, 2, 3), containing("rho is nan"));
}
