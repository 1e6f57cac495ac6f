#include "polytask/features/embeddings.hpp"

#include "catch.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

using namespace polytask;

namespace {

/// Row r of the table holds 10 r, 10 r + 1, ...
EmbeddingTable<double> counting(Index rows, Index width) {
  EmbeddingTable<double> table{"embeddings/x", shared_owner, width, rows, {}};
  for (Index row = 0; row < rows; ++row)
    for (Index place = 0; place < width; ++place) table.values.push_back(static_cast<double>(10 * row + place));
  return table;
}

/// One number, two categorical columns of one table, and a list column of another.
struct Example {
  Dataset<double> data;
  std::vector<EmbeddingTable<double>> tables{counting(4, 2), counting(5, 3)};
  std::vector<EmbeddedColumn> categories{{0, 1}, {0, 3}};
  std::vector<EmbeddedColumn> lists{{1, 5}};

  Example() {
    data.numbers.resize(1, 3);
    data.numbers << 0.5, 0.25, -1;
    data.categories.resize(2, 3);
    data.categories << 3, 0, 1,  //
        2, 2, 1;
    data.lists.push_back({{0, 2, 2, 5}, {4, 1, 2, 2, 0}});  // {4, 1}, {}, {2, 2, 0}
  }
};

}  // namespace

TEST_CASE("inputs are the numbers, then the rows of the categories, then the means of the lists") {
  Example example;
  Matrix<double> inputs = Matrix<double>::Constant(8, 4, 99);
  gather_inputs<double>(example.data, example.tables, example.categories, example.lists,
                        std::array<Index, 4>{2, 0, 1, 2}, Columns<double>(inputs.data(), 8, 4));
  Matrix<double> expected(8, 4);
  expected.col(0) << -1, 10, 11, 10, 11, 40.0 / 3, 43.0 / 3, 46.0 / 3;  // the rows 20, 20 and 0 of the list
  expected.col(1) << 0.5, 30, 31, 20, 21, 25, 26, 27;
  expected.col(2) << 0.25, 0, 1, 20, 21, 0, 0, 0;  // an empty list
  expected.col(3) = expected.col(0);
  CHECK((inputs - expected).cwiseAbs().maxCoeff() < 1e-14);
}

TEST_CASE("the gradient of the inputs goes to the rows that were read, shares of it to the items of a list") {
  Example example;
  Matrix<double> arriving(8, 3);
  arriving.col(0) << 1000, 1, 2, 3, 4, 10, 20, 30;     // sample 0
  arriving.col(1) << 1000, 5, 6, 7, 8, 40, 50, 60;     // sample 1
  arriving.col(2) << 1000, 0.5, 0.25, 9, 10, 3, 6, 9;  // sample 2
  std::vector<RowGradients<double>> gradients{RowGradients<double>(2), RowGradients<double>(3)};
  scatter_gradient<double>(example.data, Span(gradients), example.categories, example.lists,
                           std::array<Index, 3>{0, 1, 2}, ConstColumns<double>(arriving.data(), 8, 3));
  const auto row = [](RowGradients<double>& table, std::int32_t which) {
    return std::vector<double>(table[which], table[which] + table.width());
  };
  CHECK(gradients[0].rows().size() == 4);
  CHECK(row(gradients[0], 3) == std::vector<double>{1, 2});
  CHECK(row(gradients[0], 2) == std::vector<double>{3 + 7, 4 + 8});
  CHECK(row(gradients[0], 0) == std::vector<double>{5, 6});
  CHECK(row(gradients[0], 1) == std::vector<double>{0.5 + 9, 0.25 + 10});
  CHECK(gradients[1].rows().size() == 4);
  CHECK(row(gradients[1], 4) == std::vector<double>{5, 10, 15});
  CHECK(row(gradients[1], 1) == std::vector<double>{5, 10, 15});
  CHECK(row(gradients[1], 2)[0] == Approx(2).epsilon(1e-14));  // twice a third
  CHECK(row(gradients[1], 2)[2] == Approx(6).epsilon(1e-14));
  CHECK(row(gradients[1], 0)[1] == Approx(2).epsilon(1e-14));
}

TEST_CASE("the gradient of the inputs goes to the rows of every column, however many there are") {
  constexpr Index columns = 9;
  Dataset<double> data;
  data.categories.resize(columns, 3);
  std::vector<RowGradients<double>> gradients;
  std::vector<EmbeddedColumn> categories;
  Matrix<double> arriving(columns, 3);
  for (Index column = 0; column < columns; ++column) {
    gradients.emplace_back(1);
    categories.push_back({column, column});
    const auto row = static_cast<std::int32_t>(column);
    data.categories.row(column) << row + 1, row, row + 1;
    arriving.row(column) << 1, 10, 100;
    arriving.row(column) *= static_cast<double>(column + 1);
  }
  scatter_gradient<double>(data, Span(gradients), categories, {}, std::array<Index, 3>{0, 1, 2},
                           ConstColumns<double>(arriving.data(), columns, 3));
  for (Index column = 0; column < columns; ++column) {
    auto& table = gradients[static_cast<std::size_t>(column)];
    CHECK(table.rows().size() == 2);
    CHECK(*table[static_cast<std::int32_t>(column)] == static_cast<double>(10 * (column + 1)));
    CHECK(*table[static_cast<std::int32_t>(column + 1)] == static_cast<double>(101 * (column + 1)));
  }
}

TEST_CASE("inputs are gathered and gradients scattered for more samples than are asked for ahead") {
  constexpr Index samples = 60;
  constexpr Index columns = 9;  // of two tables in turn
  Dataset<double> data;
  data.numbers = Matrix<double>::Random(3, samples);
  data.categories.resize(columns, samples);
  for (Index sample = 0; sample < samples; ++sample)
    for (Index column = 0; column < columns; ++column)
      data.categories(column, sample) = static_cast<std::int32_t>((sample * 5 + column * column) % 11);
  const std::vector<EmbeddingTable<double>> tables{counting(11, 2), counting(11, 2)};
  std::vector<EmbeddedColumn> categories;
  for (Index column = 0; column < columns; ++column) categories.push_back({column % 2, 3 + 2 * column});
  std::vector<Index> chosen;
  for (Index place = 0; place < 50; ++place) chosen.push_back(place * 7 % samples);

  Matrix<double> inputs(3 + 2 * columns, 50);
  gather_inputs<double>(data, tables, categories, {}, chosen, Columns<double>(inputs.data(), inputs.rows(), 50));
  const Matrix<double> arriving = Matrix<double>::Random(inputs.rows(), 50);
  std::vector<RowGradients<double>> gradients{RowGradients<double>(2), RowGradients<double>(2)};
  scatter_gradient<double>(data, Span(gradients), categories, {}, chosen,
                           ConstColumns<double>(arriving.data(), arriving.rows(), 50));
  std::array<Matrix<double>, 2> sums{Matrix<double>::Zero(2, 11), Matrix<double>::Zero(2, 11)};
  bool all = true;
  for (Index place = 0; place < 50; ++place) {
    const Index sample = chosen[static_cast<std::size_t>(place)];
    all = all && inputs.col(place).head(3) == data.numbers.col(sample);
    for (Index column = 0; column < columns; ++column) {
      const auto row = data.categories(column, sample);
      all = all && inputs(3 + 2 * column, place) == 10 * row && inputs(4 + 2 * column, place) == 10 * row + 1;
      sums[static_cast<std::size_t>(column % 2)].col(row) += arriving.col(place).segment(3 + 2 * column, 2);
    }
  }
  CHECK(all);
  for (std::size_t table = 0; table < 2; ++table)
    for (std::int32_t row = 0; row < 11; ++row)
      for (Index place = 0; place < 2; ++place)
        CHECK(gradients[table][row][place] == Approx(sums[table](place, row)).margin(1e-12));
}

TEST_CASE("inputs can be gathered without numbers, categories or lists") {
  Example example;
  Dataset<double> lists_only;
  lists_only.numbers.resize(0, 3);
  lists_only.categories.resize(0, 3);
  lists_only.lists = example.data.lists;
  Matrix<double> inputs(3, 1);
  const std::vector<EmbeddedColumn> first{{1, 0}};
  gather_inputs<double>(lists_only, example.tables, {}, first, std::array<Index, 1>{0},
                        Columns<double>(inputs.data(), 3, 1));
  CHECK(inputs(0, 0) == 25);
  Dataset<double> numbers_only;
  numbers_only.numbers = example.data.numbers;
  gather_inputs<double>(numbers_only, {}, {}, {}, std::array<Index, 2>{2, 1}, Columns<double>(inputs.data(), 1, 2));
  CHECK(inputs(0, 0) == -1);
  CHECK(inputs(1, 0) == 0.25);
}

TEST_CASE("an embedding table starts with a zero row for the unknown and normal numbers for the others") {
  EmbeddingTable<float> table{"embeddings/x", shared_owner, 8, 2000, Buffer<float>(16000, 1.0f)};
  table.values[3] = 0;
  for (Index place = 0; place < 8; ++place) table.values[static_cast<std::size_t>(place)] = 0;
  Random random(2);
  table.initialize(random, 0.05);
  CHECK(ConstFlat<float>(table.row(0), 8).isZero());
  const ConstFlat<float> others(table.row(1), 15992);
  CHECK(others.mean() == Approx(0).margin(0.002));
  CHECK(std::sqrt(others.squaredNorm() / 15992) == Approx(0.05).epsilon(0.03));
  CHECK(table.row(1999) == table.values.data() + 15992);
}
