#include "polytask/aggregation/con_fig.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

static_assert(Aggregation<ConFig>);

TEST_CASE("ConFIG gives the reference direction") {
  const Combined combined = combine(ConFig{}, gold_gradients());
  CHECK(combined.direction[0] == Approx(0.15880898).epsilon(1e-7));
  CHECK(combined.direction[1] == Approx(2.07060676).epsilon(1e-8));
  CHECK(combined.direction[2] == Approx(2.07060676).epsilon(1e-8));
}

TEST_CASE("ConFIG has the properties that it claims") {
  check_finite(ConFig{});
  check_permutation_invariant(ConFig{});
  check_linear_under_scaling(ConFig{});
  check_scales_with(ConFig{}, 1);
  check_one_task(ConFig{});
  check_resumes(ConFig{});
}

TEST_CASE("independent gradients all have the same cosine, above 0, to the direction of ConFIG") {
  for (const Sample& sample : independent_samples()) {
    CAPTURE(sample.name);
    const Vector<double> direction = combine(ConFig{}, sample.gradients).direction;
    const Vector<double> cosines = sample.gradients.rowwise().normalized() * direction / direction.norm();
    CHECK(cosines.minCoeff() > 1e-3);
    CHECK((cosines.array() - cosines[0]).abs().maxCoeff() < 1e-11);
    // the length is the sum of the projections of the gradients
    CHECK(direction.norm() == Approx((sample.gradients * direction).sum() / direction.norm()).epsilon(1e-11));
  }
}

TEST_CASE("parallel gradients give their sum, opposite ones nothing, and a zero gradient takes no part") {
  Gradients gradients(2, 2);
  gradients << 1, 2, 3, 6;
  CHECK((combine(ConFig{}, gradients).direction - Eigen::Vector2d(4, 8)).norm() < 1e-13);
  gradients << 1, 2, -3, -6;
  CHECK(combine(ConFig{}, gradients).direction.norm() == 0);
  Gradients with_zero = Gradients::Zero(3, 3);
  with_zero.row(0) = gold_gradients().row(0);
  with_zero.row(2) = gold_gradients().row(1);
  const Combined combined = combine(ConFig{}, with_zero);
  CHECK(combined.coefficients[1] == 0);
  CHECK((combined.direction - combine(ConFig{}, gold_gradients()).direction).norm() < 1e-13);
}
