#include "polytask/aggregation/min_norm.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

namespace {

Vector<double> shortest(const Gradients& gradients) {
  const Matrix<double> gram = gradients * gradients.transpose();
  MinNorm<double> min_norm(gram.rows());
  Vector<double> weights(gram.rows());
  min_norm.find(ConstColumns<double>(gram.data(), gram.rows(), gram.cols()),
                Flat<double>(weights.data(), weights.size()));
  return weights;
}

}  // namespace

TEST_CASE("The shortest vector meets the conditions of the minimum on every matrix") {
  for (const Sample& sample : all_samples()) {
    CAPTURE(sample.name);
    for (const double scale : scales) {
      CAPTURE(scale);
      const Gradients gradients = scale * sample.gradients;
      const Vector<double> weights = shortest(gradients);
      CHECK(weights.minCoeff() >= 0);
      CHECK(weights.sum() == Approx(1).epsilon(1e-14));
      const Vector<double> shortest_vector = gradients.transpose() * weights;
      const double square = shortest_vector.squaredNorm();
      const Vector<double> products = gradients * shortest_vector;
      for (Index task = 0; task < weights.size(); ++task) {
        CAPTURE(task);
        const double rounding = 1e-13 * (square + gradients.row(task).norm() * gradients.rowwise().norm().maxCoeff());
        CHECK(products[task] - square >= -rounding);
        if (weights[task] > 1e-12) CHECK(products[task] - square <= rounding);
      }
    }
  }
}

TEST_CASE("The shortest vector of two gradients has a closed form") {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Gradients gradients = normal_gradients(2, 3, seed);
    gradients.row(1) *= seed % 3 == 0 ? 1e-4 : 1.0;
    const Vector<double> first = gradients.row(0);
    const Vector<double> second = gradients.row(1);
    const double weight =
        (std::min)((std::max)((second - first).dot(second) / (first - second).squaredNorm(), 0.0), 1.0);
    CHECK(shortest(gradients)[0] == Approx(weight).epsilon(1e-10).margin(1e-300));
  }
}

TEST_CASE("Short gradients beside long ones count to the last digit") {
  Gradients gradients(3, 3);
  gradients << 1e-9, 0, 0,  //
      -3e-9, 4e-9, 0,       //
      1e9, 0, 1e9;
  // the first two alone: first weight ((g2 - g1) g2) / |g1 - g2|^2 = (12 + 16) / 32
  const Vector<double> weights = shortest(gradients);
  const Vector<double> direction = gradients.transpose() * weights;
  CHECK(weights[0] == Approx(0.875).epsilon(1e-9));
  CHECK(weights[1] == Approx(0.125).epsilon(1e-9));
  CHECK(direction[0] == Approx(0.5e-9).epsilon(1e-9));
}

TEST_CASE("Gradients that are 0 share the weight") {
  Gradients gradients = normal_gradients(4, 5);
  gradients.row(1).setZero();
  gradients.row(3).setZero();
  CHECK(shortest(gradients) == Vector<double>{{0.0, 0.5, 0.0, 0.5}});
  CHECK(shortest(Gradients::Zero(2, 3)) == Vector<double>{{0.5, 0.5}});
}
