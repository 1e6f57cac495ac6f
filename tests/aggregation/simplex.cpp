#include "polytask/aggregation/simplex.hpp"

#include "checks.hpp"

using namespace polytask;

namespace {

Vector<double> projected(Vector<double> values) {
  Vector<double> scratch(values.size());
  project_on_simplex(Flat<double>(values.data(), values.size()), Flat<double>(scratch.data(), scratch.size()));
  return values;
}

Vector<double> numbers(std::initializer_list<double> values) {
  Vector<double> vector(static_cast<Index>(values.size()));
  std::copy(values.begin(), values.end(), vector.data());
  return vector;
}

}  // namespace

TEST_CASE("The projection on the simplex is that by hand") {
  CHECK(projected(numbers({0.5, 0.5})).isApprox(numbers({0.5, 0.5}), 1e-15));
  CHECK(projected(numbers({0.2, 0.3, 0.5})).isApprox(numbers({0.2, 0.3, 0.5}), 1e-15));
  CHECK(projected(numbers({2, 1.5})).isApprox(numbers({0.75, 0.25}), 1e-15));
  CHECK(projected(numbers({3, 1})).isApprox(numbers({1, 0}), 1e-15));
  CHECK(projected(numbers({0.6, 0.8, -1})).isApprox(numbers({0.4, 0.6, 0}), 1e-15));
  CHECK(projected(numbers({-7})).isApprox(numbers({1}), 1e-15));
  CHECK(projected(numbers({1e15, 0, 1e15})).isApprox(numbers({0.5, 0, 0.5}), 1e-15));
}

TEST_CASE("The projection on the simplex is the nearest point") {
  Random random(5);
  for (const Index size : {2, 5, 64})
    for (int repeat = 0; repeat < 20; ++repeat) {
      Vector<double> values(size);
      for (double& value : values) value = random.normal() * (repeat % 2 == 0 ? 1 : 0.1);
      const Vector<double> nearest = projected(values);
      CHECK(nearest.minCoeff() >= 0);
      CHECK(nearest.sum() == Approx(1).epsilon(1e-14));
      // (v - p) (e_i - p) <= 0 for every corner
      const Vector<double> apart = values - nearest;
      CHECK(apart.maxCoeff() - apart.dot(nearest) <= 1e-14 * (1 + values.norm()));
    }
}

TEST_CASE("The projection of no numbers is refused") {
  Vector<double> none;
  CHECK_THROWS_WITH(project_on_simplex(Flat<double>(none.data(), 0), Flat<double>(none.data(), 0)),
                    containing("0 numbers"));
}
