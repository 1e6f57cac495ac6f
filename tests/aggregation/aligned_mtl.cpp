#include "polytask/aggregation/aligned_mtl.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;
using Scale = AlignedMtl::Scale;

static_assert(Aggregation<AlignedMtl>);

TEST_CASE("Aligned-MTL gives the reference values") {
  expect_gold(AlignedMtl{}, {0.55907192, 0.40826107}, {0.21327875, 0.96733298, 0.96733298}, 1e-8);
  expect_gold(AlignedMtl{.scale = Scale::median}, {0.55907192, 0.40826107}, {0.21327875, 0.96733298, 0.96733298}, 1e-8);
  expect_gold(AlignedMtl{.scale = Scale::root_mean_square}, {1.51086564, 1.10330640},
              {0.57637581, 2.61417204, 2.61417204}, 1e-8);
}

TEST_CASE("Aligned-MTL has the properties that it claims") {
  for (const Scale scale : {Scale::least, Scale::median, Scale::root_mean_square}) {
    CAPTURE(static_cast<int>(scale));
    const AlignedMtl rule{.scale = scale};
    check_finite(rule);
    check_permutation_invariant(rule);
    check_scales_with(rule, 1);
    check_one_task(rule);
    check_resumes(rule);
  }
  check_setting_must_agree(AlignedMtl{}, AlignedMtl{.scale = Scale::median}, "scale");
}

TEST_CASE("orthogonal gradients of one length have the mean as their aligned direction") {
  const Gradients gradients = 3 * Gradients::Identity(4, 6);
  for (const Scale scale : {Scale::least, Scale::median, Scale::root_mean_square})
    CHECK((combine(AlignedMtl{.scale = scale}, gradients).coefficients - Vector<double>::Constant(4, 0.25)).norm() <
          1e-15);
}

TEST_CASE("orthogonal gradients are brought to the shortest, the median or the root mean square of their lengths") {
  Gradients gradients = Gradients::Zero(4, 5);
  for (Index task = 0; task < 4; ++task) gradients(task, 3 - task) = static_cast<double>(task + 1);
  const std::array lengths{1.0, 2.0, std::sqrt(7.5)};  // of 1, 2, 3, 4
  for (const Scale scale : {Scale::least, Scale::median, Scale::root_mean_square}) {
    CAPTURE(static_cast<int>(scale));
    const Vector<double> direction = combine(AlignedMtl{.scale = scale}, gradients).direction;
    for (Index place = 0; place < 4; ++place)
      CHECK(direction[place] == Approx(lengths[static_cast<std::size_t>(scale)] / 4).epsilon(1e-13));
  }
}

TEST_CASE("the aligned gradients have the same singular values") {
  // d of the gradients g_i (a_i = 0 but for one) would be a column of B; their norms and angles say the same of d:
  // |d|^2 = s^2 |1/T|^2 where the rank is full
  const Gradients gradients = normal_gradients(6, 30);
  Matrix<double> values = gradients * gradients.transpose();
  Matrix<double> vectors(6, 6);
  diagonalize(values, vectors);
  const double norm = combine(AlignedMtl{}, gradients).direction.norm();
  CHECK(norm * norm == Approx(values.diagonal().minCoeff() / 6).epsilon(1e-12));
}

TEST_CASE("parallel gradients and zero gradients leave out no more than themselves") {
  Gradients gradients(3, 3);
  gradients << 2, 0, 0, 2, 0, 0, 0, 0, 0;
  // eigenvalue 8 with (1, 1, 0) / sqrt 2: B 1/3 = (1, 1, 0) / 3
  const Combined combined = combine(AlignedMtl{}, gradients);
  CHECK(combined.coefficients[0] == Approx(1.0 / 3).epsilon(1e-14));
  CHECK(combined.coefficients[1] == Approx(1.0 / 3).epsilon(1e-14));
  CHECK(std::abs(combined.coefficients[2]) < 1e-15);
}

TEST_CASE("Aligned-MTL refuses a scale that there is not") {
  CHECK_THROWS_WITH(begin_rule(AlignedMtl{.scale = static_cast<Scale>(7)}, 2, 3), containing("scale is 7"));
}
