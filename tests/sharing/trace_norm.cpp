#include "catch.hpp"

#include "polytask/core/gradient_check.hpp"
#include "polytask/core/random.hpp"
#include "polytask/sharing/trace_norm.hpp"

#include <cmath>

namespace trace_norm_tests {

namespace pt = polytask;
using pt::Index;

namespace {

template <class S>
pt::Apart<const pt::Matrix<S>> apart(const pt::Matrix<S>& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols(), Eigen::OuterStride<>(matrix.rows())};
}

template <class S>
double norm_of(const pt::Matrix<S>& matrix) {
  return pt::trace_norm<S>(apart(matrix));
}

template <class S>
pt::Matrix<S> gradient_of(const pt::Matrix<S>& matrix, double factor = 1) {
  pt::Matrix<S> gradient = pt::Matrix<S>::Zero(matrix.rows(), matrix.cols());
  pt::add_trace_norm_gradient<S>(apart(matrix), factor,
                                 {gradient.data(), matrix.rows(), matrix.cols(), Eigen::OuterStride<>(matrix.rows())});
  return gradient;
}

pt::Matrix<double> random_matrix(Index rows, Index columns, std::uint64_t seed = 1) {
  pt::Random random(seed);
  pt::Matrix<double> matrix(rows, columns);
  for (double& value : matrix.reshaped()) value = random.normal();
  return matrix;
}

pt::Matrix<double> rotation(double angle) {
  return pt::Matrix<double>{{std::cos(angle), -std::sin(angle)}, {std::sin(angle), std::cos(angle)}};
}

}  // namespace

TEST_CASE("the trace norm and its gradient are those of the singular value decomposition") {
  // M = U S V' with singular values 3 and 0.5
  pt::Matrix<double> left = pt::Matrix<double>::Zero(4, 2);
  left.middleRows(1, 2) = rotation(0.4);
  const pt::Matrix<double> right = rotation(-1.1);
  const pt::Matrix<double> matrix = left * Eigen::Vector2d(3, 0.5).asDiagonal() * right.transpose();
  CHECK(norm_of(matrix) == Approx(3.5).epsilon(1e-14));
  CHECK((gradient_of(matrix) - left * right.transpose()).norm() < 1e-14);
  CHECK((gradient_of(matrix, -0.25) + 0.25 * left * right.transpose()).norm() < 1e-14);
}

TEST_CASE("a small singular value counts, and one that is lost in rounding does not") {
  const pt::Matrix<double> right = rotation(0.3);
  const auto with_second = [&](double second) -> pt::Matrix<double> {
    return Eigen::Vector2d(1, second).asDiagonal() * right.transpose();
  };
  CHECK(norm_of(with_second(1e-5)) == Approx(1 + 1e-5).epsilon(1e-10));
  CHECK((gradient_of(with_second(1e-5)) - right.transpose()).norm() < 1e-5);
  CHECK(norm_of(with_second(1e-7)) == Approx(1).epsilon(1e-14));
  CHECK((gradient_of(with_second(1e-7)) - Eigen::Vector2d(1, 0) * right.col(0).transpose()).norm() < 1e-6);
}

TEST_CASE("the trace norm of columns at right angles is the sum of their lengths") {
  const pt::Matrix<double> matrix{{3, 0, 0}, {4, 0, 0}, {0, -2, 0}, {0, 0, 7}};
  CHECK(norm_of(matrix) == Approx(14).epsilon(1e-15));
  const pt::Matrix<double> expected{{0.6, 0, 0}, {0.8, 0, 0}, {0, -1, 0}, {0, 0, 1}};
  CHECK((gradient_of(matrix) - expected).norm() < 1e-15);
}

TEST_CASE("the trace norm of columns that are alike is sqrt(count) times their length, and its gradient finite") {
  for (const Index count : {2, 3, 7, 64}) {
    INFO(count << " columns");
    const pt::Matrix<double> one = random_matrix(50, 1);
    const pt::Matrix<double> matrix = one.replicate(1, count);
    const double root = std::sqrt(static_cast<double>(count));
    CHECK(norm_of(matrix) == Approx(root * one.norm()).epsilon(1e-13));
    CHECK((gradient_of(matrix) - matrix / (root * one.norm())).norm() < 1e-13);
  }
}

TEST_CASE("the trace norm of nothing is zero and so is its gradient") {
  const pt::Matrix<double> zero = pt::Matrix<double>::Zero(5, 3);
  CHECK(norm_of(zero) == 0);
  CHECK(gradient_of(zero) == zero);
  const pt::Matrix<double> small = random_matrix(6, 3) * 1e-100;
  CHECK(norm_of(small) == Approx(1e-100 * norm_of(random_matrix(6, 3))).epsilon(1e-13));
  CHECK((gradient_of(small) - gradient_of(random_matrix(6, 3))).norm() < 1e-12);
}

TEST_CASE("the gradient of the trace norm is that of finite differences") {
  pt::Matrix<double> matrix = random_matrix(12, 5);
  const pt::Matrix<double> gradient = gradient_of(matrix, 0.7);
  const auto check = pt::check_gradient({matrix.data(), matrix.size()}, {gradient.data(), gradient.size()},
                                        [&] { return 0.7 * norm_of(matrix); });
  CHECK(check.error < 1e-9);
}

TEST_CASE("at a kink of the trace norm the gradient is a subgradient") {
  pt::Matrix<double> matrix = random_matrix(9, 4);
  matrix.col(3) = matrix.col(0) - 2 * matrix.col(1);
  const pt::Matrix<double> gradient = gradient_of(matrix);
  REQUIRE(gradient.allFinite());
  CHECK(gradient.squaredNorm() == Approx(3).epsilon(1e-12));  // U V' of rank 3
  for (std::uint64_t seed = 10; seed < 30; ++seed) {
    const pt::Matrix<double> step = random_matrix(9, 4, seed) * 0.3;
    CHECK(norm_of(pt::Matrix<double>(matrix + step)) > norm_of(matrix) + gradient.cwiseProduct(step).sum());
  }
}

TEST_CASE("the trace norm of floats is that of the same doubles") {
  const pt::Matrix<float> floats = random_matrix(300, 6).cast<float>();
  const pt::Matrix<double> doubles = floats.cast<double>();
  CHECK(norm_of(floats) == Approx(norm_of(doubles)).epsilon(1e-14));
  CHECK((gradient_of(floats).cast<double>() - gradient_of(doubles)).norm() < 1e-6);
}

TEST_CASE("the trace norm of what is not a finite number is none") {
  pt::Matrix<double> matrix = random_matrix(5, 4);
  for (const double value : {std::nan(""), HUGE_VAL}) {
    matrix(2, 1) = value;
    CHECK_FALSE(std::isfinite(norm_of(matrix)));
    CHECK_FALSE(gradient_of(matrix).allFinite());
  }
}

TEST_CASE("the trace norm allocates nothing") {
  const pt::Matrix<double> matrix = random_matrix(40, 64);
  pt::Matrix<double> gradient = pt::Matrix<double>::Zero(40, 64);
  Eigen::internal::set_is_malloc_allowed(false);
  const double norm = norm_of(matrix);
  pt::add_trace_norm_gradient<double>(apart(matrix), 1, {gradient.data(), 40, 64, Eigen::OuterStride<>(40)});
  Eigen::internal::set_is_malloc_allowed(true);
  CHECK(gradient.cwiseProduct(matrix).sum() == Approx(norm).epsilon(1e-11));  // <U V', M> = tr S
}

}  // namespace trace_norm_tests
