#include "polytask/features/dataset.hpp"

#include "catch.hpp"

#include <limits>
#include <vector>

using namespace polytask;

namespace {

constexpr double missing_label = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("a data set of matrices keeps them, a missing label becomes weight 0 and value 0") {
  Matrix<double> inputs(2, 3);
  inputs << 1, 2, 3,  //
      4, 5, 6;
  Matrix<double> labels(2, 3);
  labels << 7, missing_label, 9,  //
      missing_label, 0, 2;
  const auto data = Dataset<double>::from(inputs, labels);
  CHECK(data.size() == 3);
  CHECK(data.numbers == inputs);
  CHECK(data.labels == Matrix<double>{{7, 0, 9}, {0, 0, 2}});
  CHECK(data.weights == Matrix<double>{{1, 0, 1}, {0, 1, 1}});
  CHECK(data.categories.rows() == 0);
  CHECK(data.categories.cols() == 3);
  CHECK(data.lists.empty());

  Vector<double> weights(3);
  weights << 0.5, 2, 0;
  CHECK(Dataset<double>::from(inputs, labels, weights).weights == Matrix<double>{{0.5, 0, 0}, {0, 2, 0}});
}

TEST_CASE("matrices that do not fit or hold what is no number are refused with the place") {
  const Matrix<double> inputs = Matrix<double>::Ones(2, 3);
  const Matrix<double> labels = Matrix<double>::Ones(1, 3);
  CHECK_THROWS_AS(Dataset<double>::from(inputs, Matrix<double>::Ones(1, 2)), ArgumentError);
  CHECK_THROWS_WITH(Dataset<double>::from(inputs, Matrix<double>::Ones(1, 2)),
                    "there are 3 samples of inputs and 2 of labels (a sample is a column)");
  CHECK_THROWS_WITH(Dataset<double>::from(inputs, labels, Vector<double>::Ones(4)),
                    "there are 3 samples and 4 weights");
  Matrix<double> broken = inputs;
  broken(1, 2) = missing_label;
  CHECK_THROWS_AS(Dataset<double>::from(broken, labels), DataError);
  CHECK_THROWS_WITH(Dataset<double>::from(broken, labels), containing("input 1 of sample 2 is"));
  for (const double weight : {-1.0, missing_label, std::numeric_limits<double>::infinity()}) {
    Vector<double> weights = Vector<double>::Ones(3);
    weights[1] = weight;
    CHECK_THROWS_AS(Dataset<double>::from(inputs, labels, weights), DataError);
    CHECK_THROWS_WITH(Dataset<double>::from(inputs, labels, weights), containing("the weight of sample 1 is"));
  }
}

TEST_CASE("chosen samples come in their order with everything that belongs to them") {
  Dataset<float> data;
  data.numbers = Matrix<float>{{1, 2, 3}};
  data.categories = CategoryRows{{4, 5, 6}, {7, 8, 9}};
  data.labels = Matrix<float>{{10, 11, 12}};
  data.weights = Matrix<float>{{0, 1, 2}};
  data.lists.push_back({{0, 2, 2, 3}, {20, 21, 22}});
  const auto part = data.samples(std::vector<Index>{2, 0, 1, 0});
  CHECK(part.size() == 4);
  CHECK(part.numbers == Matrix<float>{{3, 1, 2, 1}});
  CHECK(part.categories == CategoryRows{{6, 4, 5, 4}, {9, 7, 8, 7}});
  CHECK(part.labels == Matrix<float>{{12, 10, 11, 10}});
  CHECK(part.weights == Matrix<float>{{2, 0, 1, 0}});
  CHECK(part.lists[0].offsets == std::vector<std::int64_t>{0, 1, 3, 3, 5});
  CHECK(part.lists[0].rows == std::vector<std::int32_t>{22, 20, 21, 20, 21});
  data.labels.resize(0, 0);
  data.weights.resize(0, 0);
  CHECK(data.samples(std::vector<Index>{1}).labels.size() == 0);  // without labels
}

TEST_CASE("samples that a data set does not have cannot be chosen") {
  const auto data = Dataset<float>::from(Matrix<float>::Ones(1, 2));
  CHECK_THROWS_AS(data.samples(std::vector<Index>{2}), ArgumentError);
  CHECK_THROWS_WITH(data.samples(std::vector<Index>{-1}), "there is no sample -1 (counted from 0) of 2");
}
