#include "polytask/aggregation/excess_mtl.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<ExcessMtl>);

TEST_CASE("steps of ExcessMTL by hand") {
  auto state = begin_rule(ExcessMtl{.rate = 0.5, .epsilon = 1e-20}, 2, 2);
  // e = |3| + |4| and 1: both are the first, so weights stay equal
  Combined combined = step_state(state, rows(3, 4, 0, 1));
  CHECK(combined.coefficients[0] == Approx(1).epsilon(1e-14));
  CHECK(combined.direction[1] == Approx(5).epsilon(1e-14));
  // S = (25, 25) and (1, 5): e = 16 / 5 + 9 / 5 = 5 and 1 / 1 + 4 / sqrt 5
  combined = step_state(state, rows(4, 3, 1, 2), {.step = 2});
  const double first = std::exp(0.5 * 5 / 7);
  const double second = std::exp(0.5 * (1 + 4 / std::sqrt(5)));
  CHECK(combined.coefficients[0] == Approx(2 * first / (first + second)).epsilon(1e-13));
  CHECK(combined.coefficients[1] == Approx(2 * second / (first + second)).epsilon(1e-13));
  CHECK(combined.direction[0] == Approx(combined.coefficients[0] * 4 + combined.coefficients[1]).epsilon(1e-14));
  // S = (25, 26) and (1, 5): what has been learnt counts on
  combined = step_state(state, rows(0, 1, 0, 0), {.step = 3});
  const double third = first * std::exp(0.5 * (1 / std::sqrt(26)) / 7);
  CHECK(combined.coefficients[0] == Approx(2 * third / (third + second)).epsilon(1e-13));
}

TEST_CASE("the weights sum to the number of tasks") {
  auto state = begin_rule(ExcessMtl{.rate = 1}, 5, 8);
  for (std::uint64_t step = 1; step < 20; ++step) {
    const Combined combined = step_state(state, normal_gradients(5, 8, step));
    CHECK(combined.coefficients.sum() == Approx(5).epsilon(1e-13));
    CHECK(combined.coefficients.minCoeff() > 0);
  }
}

TEST_CASE("ExcessMTL has the properties that it claims") {
  check_finite(ExcessMtl{});
  check_permutation_invariant(ExcessMtl{});
  check_one_task(ExcessMtl{});
  check_resumes(ExcessMtl{.rate = 1});
  check_setting_must_agree(ExcessMtl{}, ExcessMtl{.rate = 1}, "rate");
  check_setting_must_agree(ExcessMtl{}, ExcessMtl{.epsilon = 1e-6}, "epsilon");
}

TEST_CASE("ExcessMTL begins anew in a new run") {
  auto state = begin_rule(ExcessMtl{.rate = 1}, 2, 3);
  for (std::uint64_t step = 1; step < 5; ++step) step_state(state, normal_gradients(2, 3, step));
  CHECK(step_state(state, gold_gradients()).coefficients[0] != 1);
  state = begin_rule(ExcessMtl{.rate = 1}, 2, 3);
  CHECK(step_state(state, gold_gradients()).coefficients == Vector<double>::Ones(2));
}

TEST_CASE("a first gradient of zero does not divide, and one that explodes is no harm") {
  auto state = begin_rule(ExcessMtl{}, 2, 2);
  CHECK(step_state(state, rows(0, 0, 1, 0)).coefficients.allFinite());
  CHECK(step_state(state, rows(1e-15, 0, 1, 0)).coefficients.allFinite());
  Combined combined = step_state(state, rows(1e15, 0, 1, 0));
  CHECK(combined.coefficients.allFinite());
  CHECK(combined.coefficients[0] == 2);
  combined = step_state(state, rows(1, 0, 1e15, 0));
  CHECK(combined.coefficients.allFinite());
  CHECK(combined.direction.allFinite());
}

TEST_CASE("a task that is missing keeps its weight, and the others keep their sum") {
  auto state = begin_rule(ExcessMtl{.rate = 1}, 3, 4);
  for (std::uint64_t step = 1; step < 4; ++step) step_state(state, normal_gradients(3, 4, step));
  const Combined with_all = step_state(state, normal_gradients(3, 4, 4));
  const Remembered before = remember(state);
  const Combined without = step_state(state, normal_gradients(2, 4, 9), {.tasks = {0, 2}});
  CHECK(without.coefficients.sum() == Approx(with_all.coefficients[0] + with_all.coefficients[2]).epsilon(1e-14));
  CHECK(without.coefficients[0] != Approx(with_all.coefficients[0]).epsilon(1e-3));
  const Remembered after = remember(state);
  CHECK(std::get<std::vector<double>>(after.at("logarithms"))[1] ==
        std::get<std::vector<double>>(before.at("logarithms"))[1]);
  const auto& squares_before = std::get<Buffer<double>>(before.at("squares"));
  const auto& squares = std::get<Buffer<double>>(after.at("squares"));
  for (std::size_t parameter = 0; parameter < 12; ++parameter)
    CHECK((squares[parameter] == squares_before[parameter]) == (parameter / 4 == 1));
}

TEST_CASE("ExcessMTL refuses settings that make no sense") {
  CHECK_THROWS_WITH(begin_rule(ExcessMtl{.rate = -1}, 2, 3), containing("rate is -1"));
  CHECK_THROWS_WITH(begin_rule(ExcessMtl{.epsilon = 0}, 2, 3), containing("epsilon is 0"));
}
