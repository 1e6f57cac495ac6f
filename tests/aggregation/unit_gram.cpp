#include "polytask/aggregation/unit_gram.hpp"

#include "checks.hpp"

using namespace polytask;
using namespace polytask::aggregation_checks;

TEST_CASE("cosines and lengths are those of the gradients, at any scale") {
  for (const double scale : scales) {
    CAPTURE(scale);
    Matrix<double> gram{{9, -6, 0}, {-6, 16, 0}, {0, 0, 0}};
    gram *= scale * scale;
    UnitGram<double> unit(5);
    unit.set({gram.data(), 3, 3});
    CHECK(unit.size() == 3);
    CHECK(unit.length(0) == Approx(3 * scale).epsilon(1e-15));
    CHECK(unit.length(2) == 0);
    CHECK(unit.cosine(0, 1) == Approx(-0.5).epsilon(1e-15));
    CHECK(unit.cosine(1, 0) == unit.cosine(0, 1));
    CHECK(unit.cosine(1, 1) == 1);
    CHECK(unit.cosine(2, 2) == 0);
    CHECK(unit.cosine(2, 0) == 0);
  }
}

TEST_CASE("a cosine stays within 1, and what is far shorter than the longest counts as nothing") {
  const Matrix<double> gram{{1, 1 + 1e-15, 1e-33}, {1 + 1e-15, 1, 1e-33}, {1e-33, 1e-33, 1e-66}};
  UnitGram<double> unit(3);
  unit.set({gram.data(), 3, 3});
  CHECK(unit.cosine(0, 1) == 1);
  CHECK(unit.length(2) == 0);
  CHECK(unit.cosine(0, 2) == 0);
}
