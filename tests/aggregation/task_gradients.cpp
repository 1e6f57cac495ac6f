#include "polytask/aggregation/task_gradients.hpp"

#include "catch.hpp"

using namespace polytask;

TEMPLATE_TEST_CASE("each task has a gradient of its own, which begins at zero", "", float, double) {
  TaskGradients<TestType> gradients(3, 2);
  CHECK(gradients.buffer().size() == 6);
  CHECK(gradients[1].norm() == 0);
  gradients[1] << 1, -2, 3;
  CHECK(gradients[0].norm() == 0);
  CHECK(gradients.buffer()[4] == -2);
}

TEST_CASE("the inner products of gradients of floats do not overflow, and are those of doubles") {
  TaskGradients<float> gradients(2, 2);
  gradients[0] << 1e25f, 1e-25f;
  gradients[1] << 1e25f, 3e-25f;
  CHECK(gradients.product(0, 1) == Approx(1e50).epsilon(1e-6));
  gradients[0][0] = 0;
  CHECK(gradients.product(0, 1) == Approx(3e-50).epsilon(1e-6));
}
