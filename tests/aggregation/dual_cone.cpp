#include "polytask/aggregation/dual_cone.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

namespace {

struct Projected {
  Matrix<double> gram;
  Vector<double> nearest;
};

Projected project(const Gradients& gradients, const Vector<double>& start) {
  Projected projected{gradients * gradients.transpose(), Vector<double>(start.size())};
  DualCone<double> cone(start.size());
  cone.set(ConstColumns<double>(projected.gram.data(), start.size(), start.size()));
  Vector<double> from = start;
  cone.project(Flat<double>(from.data(), from.size()), Flat<double>(projected.nearest.data(), start.size()));
  return projected;
}

/// w >= u, Gw >= 0 and (w - u)'Gw = 0, in terms of gradients of length 1.
void check_kkt(const Gradients& gradients, const Vector<double>& start, double tolerance = 1e-11) {
  const auto [gram, nearest] = project(gradients, start);
  REQUIRE(nearest.allFinite());
  const Vector<double> lengths = gram.diagonal().cwiseSqrt();
  const Vector<double> slopes = gradients * (gradients.transpose() * nearest);
  const double size = start.cwiseAbs().dot(lengths);
  for (Index task = 0; task < start.size(); ++task) {
    CHECK(nearest[task] >= start[task]);
    CHECK(slopes[task] >= -tolerance * lengths[task] * size);
  }
  CHECK(std::abs((nearest - start).dot(slopes)) <= tolerance * size * size);
}

}  // namespace

TEST_CASE("the projection satisfies the conditions of the nearest point, for many shapes") {
  std::uint64_t seed = 1;
  for (const Index tasks : {1, 2, 3, 5, 8, 13, 21, 34, 50, 64})
    for (const Index parameters : {1, 2, 3, 7, 20, 50, 64, 100, 400}) {
      CAPTURE(tasks, parameters);
      const Gradients gradients = normal_gradients(tasks, parameters, ++seed);
      const Vector<double> start = normal_gradients(1, tasks, seed + 1000).row(0);
      check_kkt(gradients, start);
      check_kkt(gradients, start.cwiseAbs());
      check_kkt(gradients, Vector<double>::Ones(tasks));
      check_kkt(gradients, Vector<double>::Unit(tasks, tasks / 2));
    }
}

TEST_CASE("the projection satisfies them for tasks in hard conflict") {
  // gradients about one direction and about its opposite, so that most pairs are opposed
  for (const Index tasks : {2, 6, 20, 64})
    for (const double spread : {1.0, 0.1, 1e-3}) {
      CAPTURE(tasks, spread);
      Gradients gradients = spread * normal_gradients(tasks, 100, static_cast<std::uint64_t>(tasks));
      for (Index task = 0; task < tasks; ++task) gradients(task, 0) += task % 2 == 0 ? 1 : -1;
      check_kkt(gradients, Vector<double>::Ones(tasks), 1e-9);
      check_kkt(gradients, Vector<double>::Unit(tasks, 0), 1e-9);
    }
}

TEST_CASE("the projection satisfies them for every sample, the singular ones too, at every scale") {
  for (const Sample& sample : all_samples()) {
    CAPTURE(sample.name);
    const Vector<double> ones = Vector<double>::Ones(sample.gradients.rows());
    for (const double scale : scales) check_kkt(scale * sample.gradients, ones, 1e-9);
    check_kkt(mixed_scales(sample.gradients), ones, 1e-9);
  }
}

TEST_CASE("a direction within the cone is not moved, and one outside is projected by hand") {
  Gradients gradients(2, 2);
  gradients << 1, 0, 1, 1;
  CHECK(project(gradients, Eigen::Vector2d(0.5, 2)).nearest == Vector<double>(Eigen::Vector2d(0.5, 2)));
  gradients << 1, 0, -1, 1;  // u = (1, 0): d = (1, 0), opposed to (-1, 1); nearest is (1/2, 1/2) = g0 + g1 / 2
  const Vector<double> nearest = project(gradients, Eigen::Vector2d(1, 0)).nearest;
  CHECK(nearest[0] == 1);
  CHECK(nearest[1] == Approx(0.5).epsilon(1e-15));
}

TEST_CASE("the projection neither allocates nor remembers the one before") {
  DualCone<double> cone(64);
  Vector<double> start = Vector<double>::Ones(64);
  Vector<double> first(64);
  Vector<double> again(64);
  const Gradients large = normal_gradients(64, 70);
  const Gradients small = normal_gradients(9, 4);
  const Matrix<double> large_gram = large * large.transpose();
  const Matrix<double> small_gram = small * small.transpose();
  Eigen::internal::set_is_malloc_allowed(false);
  cone.set({small_gram.data(), 9, 9});
  cone.project(Flat<double>(start.data(), 9), Flat<double>(first.data(), 9));
  cone.set({large_gram.data(), 64, 64});
  cone.project(Flat<double>(start.data(), 64), Flat<double>(again.data(), 64));
  cone.set({small_gram.data(), 9, 9});
  cone.project(Flat<double>(start.data(), 9), Flat<double>(again.data(), 9));
  Eigen::internal::set_is_malloc_allowed(true);
  CHECK(first.head(9) == again.head(9));
}
