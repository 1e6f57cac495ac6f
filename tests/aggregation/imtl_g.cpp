#include "polytask/aggregation/imtl_g.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<ImtlG> && needs_task_gradients<ImtlG>);

TEST_CASE("IMTL-G gives the reference values") {
  expect_gold(ImtlG{}, {0.59233032, 0.40766968}, {0.07669683, 1, 1}, 1e-8);
}

TEST_CASE("IMTL-G has the properties that it claims") {
  check_finite(ImtlG{});
  check_permutation_invariant(ImtlG{});
  check_scales_with(ImtlG{}, 1);
  check_one_task(ImtlG{});
  check_resumes(ImtlG{});
}

TEST_CASE("IMTL-G has the same part above 0 in each gradient's direction") {
  bool below = false;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Gradients gradients = normal_gradients(4, 9, seed);
    gradients.row(1) *= 100;
    gradients.row(2) *= 0.001;
    const Combined combined = combine(ImtlG{}, gradients);
    const Vector<double> parts = (gradients * combined.direction).array() / gradients.rowwise().norm().array();
    CHECK(parts.minCoeff() > 0);
    CHECK(parts.maxCoeff() == Approx(parts.minCoeff()).epsilon(1e-9));
    CHECK(std::abs(combined.coefficients.sum()) == Approx(1).epsilon(1e-12));
    below = below || combined.coefficients.minCoeff() < 0;
  }
  CHECK(below);  // coefficients may be
}

TEST_CASE("IMTL-G of two tasks weighs by the inverse lengths") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Gradients gradients = normal_gradients(2, 5, seed);
    gradients.row(0) *= 7;
    const double first = gradients.row(0).norm();
    const double second = gradients.row(1).norm();
    CHECK(combine(ImtlG{}, gradients).coefficients[0] == Approx(second / (first + second)).epsilon(1e-12));
  }
}

TEST_CASE("IMTL-G lets parallel gradients share, and its direction between opposite ones is 0") {
  Gradients gradients(2, 2);
  gradients << 1, 2, 3, 6;
  const Combined parallel = combine(ImtlG{}, gradients);
  CHECK(parallel.coefficients[0] == Approx(0.75).epsilon(1e-12));
  CHECK(parallel.direction[0] == Approx(1.5).epsilon(1e-12));
  gradients << 1, 2, -3, -6;
  const Combined opposite = combine(ImtlG{}, gradients);
  CHECK(opposite.direction.norm() < 1e-15);
  CHECK(opposite.coefficients[0] == Approx(0.75).epsilon(1e-12));
  // a part of 1e-9 that they have in common is not lost
  gradients.resize(2, 3);
  gradients << 1, 0, 1e-9, -3, 0, 3e-9;
  CHECK(combine(ImtlG{}, gradients).direction[2] == Approx(1.5e-9).epsilon(1e-12));
  // of float it is rounding; one of 1e-5 is not
  const double epsilon = std::numeric_limits<float>::epsilon();
  CHECK(combine(ImtlG{}, gradients, {.precision = epsilon}).coefficients == Vector<double>{{0.0, 0.0}});
  gradients << 1, 0, 1e-5, -3, 0, 3e-5;
  CHECK(combine(ImtlG{}, gradients, {.precision = epsilon}).direction[2] == Approx(1.5e-5).epsilon(1e-9));
  // a third gradient of 0 changes nothing
  Gradients three = Gradients::Zero(3, 3);
  three.topRows(2) << 1, 0, 1e-9, -3, 0, 3e-9;
  CHECK(combine(ImtlG{}, three).direction[2] == Approx(1.5e-9).epsilon(1e-12));
}

TEST_CASE("IMTL-G leaves a gradient of 0 out") {
  Gradients gradients = Gradients::Zero(3, 3);
  gradients.topRows(2) = gold_gradients();
  const Combined combined = combine(ImtlG{}, gradients);
  CHECK(combined.coefficients[2] == 0);
  CHECK(combined.direction[0] == Approx(0.07669683).epsilon(1e-7));
  gradients.row(1).setZero();
  CHECK(combine(ImtlG{}, gradients.topRows(2)).coefficients == Vector<double>{{1.0, 0.0}});
  CHECK(combine(ImtlG{}, Gradients::Zero(2, 3)).coefficients == Vector<double>{{0.0, 0.0}});
}
