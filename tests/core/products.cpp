#include "polytask/core/products.hpp"

#include "catch.hpp"

#include <limits>

using namespace polytask;

namespace {

template <Scalar S>
Columns<S> columns(Matrix<S>& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}

/// Small whole numbers, so that every sum is exact whatever its order; rows and columns differ from each other.
template <Scalar S>
Matrix<S> whole_numbers(Index rows, Index cols, Index first) {
  Matrix<S> matrix(rows, cols);
  for (Index row = 0; row < rows; ++row)
    for (Index col = 0; col < cols; ++col)
      matrix(row, col) = static_cast<S>((first + row * row / 3 + 5 * row * col + col * col / 2) % 11 % 7 - 3);
  return matrix;
}

/// One product in all four forms: each factor as it is and transposed, written, written with a start, and added.
template <Scalar S>
bool is_right(Index rows, Index depth, Index cols) {
  const Matrix<S> left = whole_numbers<S>(rows, depth, 1);
  const Matrix<S> right = whole_numbers<S>(depth, cols, 2);
  const Matrix<S> turned_left = left.transpose();
  const Matrix<S> turned_right = right.transpose();
  const Vector<S> start = whole_numbers<S>(rows, 1, 5);
  const Matrix<S> before = whole_numbers<S>(rows, cols, 4);
  Matrix<S> product = Matrix<S>::Zero(rows, cols);
  for (Index row = 0; row < rows; ++row)
    for (Index col = 0; col < cols; ++col)
      for (Index k = 0; k < depth; ++k) product(row, col) += left(row, k) * right(k, col);
  for (const auto& one : {factor(left), transposed(turned_left)})
    for (const auto& other : {factor(right), transposed(turned_right)}) {
      Matrix<S> target = Matrix<S>::Constant(rows, cols, std::numeric_limits<S>::quiet_NaN());
      write_product(columns(target), one, other);
      if (target != product) return false;
      target.setConstant(std::numeric_limits<S>::quiet_NaN());
      write_product(columns(target), one, other, start.data());
      if (target != product.colwise() + start) return false;
      target = before;
      add_product(columns(target), one, other);
      if (target != before + product) return false;
    }
  return true;
}

}  // namespace

TEMPLATE_TEST_CASE("Products are right for every number of rows and columns", "", float, double) {
  for (Index rows = 1; rows <= 50; ++rows)
    for (const Index cols : {1, 2, 3, 4, 5, 7, 8, 9, 12, 13, 63, 64, 65}) {
      INFO(rows << " x 5 times 5 x " << cols);
      CHECK(is_right<TestType>(rows, 5, cols));
    }
  for (const Index rows : {64, 80, 96, 112, 128, 200}) CHECK(is_right<TestType>(rows, 5, 70));
}

TEMPLATE_TEST_CASE("Products are right for every depth", "", float, double) {
  for (const Index depth : {0, 1, 2, 3, 4, 7, 8, 15, 16, 17, 31, 33, 127, 128, 129, 255, 256, 257, 300, 513})
    for (const Index rows : {3, 8, 48, 53})
      for (const Index cols : {1, 12, 70}) {
        INFO(rows << " x " << depth << " times " << depth << " x " << cols);
        CHECK(is_right<TestType>(rows, depth, cols));
      }
}

TEMPLATE_TEST_CASE("Products of a matrix and a vector are right, on either side", "", float, double) {
  for (const Index depth : {0, 1, 2, 7, 8, 9, 15, 16, 33, 129})
    for (const Index length : {1, 4, 6, 12, 31, 64, 100, 128, 191, 300}) {
      INFO(length << " x " << depth);
      CHECK(is_right<TestType>(length, depth, 1));
      CHECK(is_right<TestType>(1, depth, length));
    }
}

TEMPLATE_TEST_CASE("Products are right for more columns than are worked at a time", "", float, double) {
  CHECK(is_right<TestType>(20, 9, 1024));
  CHECK(is_right<TestType>(20, 130, 2050));
}

TEMPLATE_TEST_CASE("Products are right where the right matrix is copied", "", float, double) {
  CHECK(is_right<TestType>(259, 463, 451));
  CHECK(is_right<TestType>(256, 448, 530));  // more columns than are copied at a time
}

TEMPLATE_TEST_CASE("Nothing beside the target is written, and nothing beside the factors goes into the product", "",
                   float, double) {
  // NaN all around: reading it would show in the product, writing over it in what is around the target
  using S = TestType;
  const S nothing = std::numeric_limits<S>::quiet_NaN();
  for (const Index rows : {1, 3, 5, 12, 21, 50, 135, 259})
    for (const Index depth : {6, 11, 463})
      for (const Index cols : {1, 3, 9, 70}) {
        Vector<S> left = Vector<S>::Constant(rows * depth + 64, nothing);
        Vector<S> right = Vector<S>::Constant(depth * cols + 64, nothing);
        Vector<S> target = Vector<S>::Constant(rows * cols + 64, nothing);
        left.segment(32, rows * depth).setOnes();
        right.segment(32, depth * cols).setOnes();
        for (const auto& one : {factor(ConstColumns<S>(left.data() + 32, rows, depth)),
                                transposed(ConstColumns<S>(left.data() + 32, depth, rows))})
          for (const auto& other : {factor(ConstColumns<S>(right.data() + 32, depth, cols)),
                                    transposed(ConstColumns<S>(right.data() + 32, cols, depth))}) {
            INFO(rows << " x " << depth << " times " << depth << " x " << cols);
            write_product(Columns<S>(target.data() + 32, rows, cols), one, other);
            CHECK((target.segment(32, rows * cols).array() == static_cast<S>(depth)).all());
            CHECK(target.head(32).array().isNaN().all());
            CHECK(target.tail(32).array().isNaN().all());
          }
      }
}

TEMPLATE_TEST_CASE("A block of a matrix is a factor, too, and a row and a column of one", "", float, double) {
  using S = TestType;
  const Matrix<S> outer = whole_numbers<S>(40, 90, 1);
  const Matrix<S> other_outer = whole_numbers<S>(90, 80, 2);
  for (const Index rows : {1, 2, 30})
    for (const Index depth : {1, 5, 70})
      for (const Index cols : {1, 3, 75}) {
        const auto left = outer.block(2, 3, rows, depth);
        const auto right = other_outer.block(4, 2, depth, cols);
        const Matrix<S> turned_left = outer.transpose();
        const Matrix<S> turned_right = other_outer.transpose();
        const Matrix<S> expected = left.lazyProduct(right);
        for (const auto& one : {factor(left), transposed(turned_left.block(3, 2, depth, rows))})
          for (const auto& other : {factor(right), transposed(turned_right.block(2, 4, cols, depth))}) {
            INFO(rows << " x " << depth << " times " << depth << " x " << cols);
            Matrix<S> product(rows, cols);
            write_product(columns(product), one, other);
            CHECK(product == expected);
          }
      }
}
