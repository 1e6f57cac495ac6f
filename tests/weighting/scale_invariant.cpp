#include "polytask/weighting/scale_invariant.hpp"

#include "checks.hpp"
#include "polytask/weighting/gls.hpp"

using namespace polytask;
using namespace weighting_checks;

static_assert(Weighting<ScaleInvariant> && ScaleInvariant::needs().losses_first);

TEST_CASE("scale-invariant weights are the inverse losses, parallel to those of the geometric mean") {
  const Three losses{2, 0.5, 8};
  const Three weights = run(ScaleInvariant{}).take(losses);
  same(weights, {0.5, 2, 0.125});
  const Three geometric = run(GeometricMean{}).take(losses);
  for (std::size_t task = 1; task < 3; ++task)
    CHECK(weights[task] / weights[0] == Approx(geometric[task] / geometric[0]).epsilon(1e-13));
}

TEST_CASE("a scale-invariant weight is left where it was without a label or at a loss of 0, and is never infinite") {
  auto training = run(ScaleInvariant{});
  training.take({2, 0.5, 8});
  same(training.take({none, 0, 4}), {0.5, 2, 0.25});
  same(training.take({1e-320, 1e300, 1}), {1e15, 1e-300, 1});
}

TEST_CASE("scale-invariant weights name a task whose loss is below 0, and go on where they stopped") {
  auto training = run(ScaleInvariant{});
  CHECK_THROWS_WITH(training.take({-1, 1, 1}), containing("scale_invariant: the loss of task 'spend' is -1 in step 1"));
  resumes(ScaleInvariant{});
}
