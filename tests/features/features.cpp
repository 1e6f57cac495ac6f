#include "polytask/features/features.hpp"

#include "catch.hpp"
#include "polytask/features/feature_options.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace polytask;

namespace {

using Texts = std::vector<std::string>;
using Lists = std::vector<std::vector<std::string>>;

/// Four rows: ages with a gap, amounts without, cities with a gap, and lists of 0 to 4 products.
Table training() {
  const Texts city{"Cork", "", "Cork", "Bergen"};
  const Lists viewed{{"tea", "oil"}, {}, {"tea"}, {"rice", "tea", "oil", "tea"}};
  const Texts product{"oil", "tea", "salt", "tea"};
  const Texts level{"low", "high", "", "low"};
  Table table("shop.csv");
  table.add_numbers("age", {20, missing, 40, 60}).add_numbers("amount", {1, 2, 3, 4});
  table.add_categories("city", city).add_lists("viewed", viewed).add_categories("product", product);
  table.add_categories("level", level, Use::label).add_numbers("price", {5, 6, 7, 8}, Use::label);
  table.add_numbers("id", {1, 2, 3, 4}, Use::key);
  return table;
}

const FeatureOptions plain{.scaling = Scaling::min_max, .embedding_width = 2, .list_limit = 3};

std::vector<std::int32_t> rows_of(const EncodedLists& lists, Index sample) {
  const auto rows = lists.at(sample);
  return {rows.begin(), rows.end()};
}

}  // namespace

TEST_CASE("numbers are scaled, and a missing one gets the mean and a flag of its own") {
  const auto fitted = features(training(), plain);
  CHECK(fitted.number_rows() == 3);  // age, its flag, amount
  const auto data = fitted.encode<double>(training());
  Matrix<double> expected(3, 4);
  expected << 0, 0.5, 0.5, 1,  //
      0, 1, 0, 0,              //
      0, 1.0 / 3, 2.0 / 3, 1;
  CHECK((data.numbers - expected).cwiseAbs().maxCoeff() < 1e-15);
  CHECK(data.size() == 4);
  CHECK(data.labels.size() == 0);
}

TEST_CASE("a number that is missing for the first time after training gets the mean and no flag") {
  const auto fitted = features(training(), plain);
  auto later = training().rows(std::vector<Index>{0});
  Table table;
  for (const auto& column : later.columns())
    table.add(column.name, column.use,
              column.name == "amount" ? Table::Values(NumberColumn{{missing}}) : column.values);
  const auto data = fitted.encode<double>(table);
  CHECK(data.numbers(0, 0) == 0);
  CHECK(data.numbers(1, 0) == 0);
  CHECK(data.numbers(2, 0) == Approx(0.5));
}

TEST_CASE("categories are rows of their table: 0 the unknown, then the missing, then the most frequent") {
  const auto fitted = features(training(), plain);
  REQUIRE(fitted.categories().size() == 2);
  CHECK(fitted.categories()[0].name == "city");
  const auto data = fitted.encode<float>(training());
  REQUIRE(data.categories.rows() == 2);
  CHECK(data.categories.row(0) == CategoryRows{{2, 1, 2, 3}});  // Cork twice, Bergen once
  CHECK(data.categories.row(1) == CategoryRows{{2, 1, 3, 1}});  // no product is missing: tea, then oil before salt

  const Texts city{"Delft", "Bergen"};
  const Lists none(2);
  const Texts product{"", "honey"};
  Table later;
  later.add_numbers("age", {1, 2}).add_numbers("amount", {1, 2}).add_categories("city", city);
  later.add_lists("viewed", none).add_categories("product", product);
  const auto unknown = fitted.encode<float>(later);  // no label column is needed
  CHECK(unknown.categories.row(0) == CategoryRows{{0, 3}});
  CHECK(unknown.categories.row(1) == CategoryRows{{0, 0}});
}

TEST_CASE("of a long list the last items are kept, and an empty list is empty") {
  const auto fitted = features(training(), plain);
  const auto data = fitted.encode<float>(training());
  REQUIRE(data.lists.size() == 1);
  // tea four times: 1; oil twice: 2; rice once: 3
  CHECK(rows_of(data.lists[0], 0) == std::vector<std::int32_t>{1, 2});
  CHECK(rows_of(data.lists[0], 1).empty());
  CHECK(rows_of(data.lists[0], 2) == std::vector<std::int32_t>{1});
  CHECK(rows_of(data.lists[0], 3) == std::vector<std::int32_t>{1, 2, 1});
  CHECK(fitted.touched_rows(fitted.lists()[0].table) == 3);
}

TEST_CASE("columns lie one after the other in the input: numbers, categories, lists") {
  auto options = plain;
  options.columns["city"].embedding_width = 5;
  const auto fitted = features(training(), options);
  CHECK(fitted.input_width() == 3 + 5 + 2 + 2);
  CHECK(fitted.category_places()[0].input_row == 3);
  CHECK(fitted.category_places()[1].input_row == 8);
  CHECK(fitted.list_places()[0].input_row == 10);
  CHECK(fitted.tables().size() == 3);
}

TEST_CASE("columns that name one table share its vocabulary and its rows") {
  auto options = plain;
  options.columns["viewed"].table = "goods";
  options.columns["product"].table = "goods";
  const auto fitted = features(training(), options);
  REQUIRE(fitted.tables().size() == 2);
  const auto shared = fitted.lists()[0].table;
  CHECK(fitted.categories()[1].table == shared);
  CHECK(fitted.tables()[static_cast<std::size_t>(shared)].name == "goods");
  // tea 6, oil 3, rice 1, salt 1
  const auto data = fitted.encode<float>(training());
  CHECK(data.categories.row(1) == CategoryRows{{2, 1, 4, 1}});
  CHECK(rows_of(data.lists[0], 3) == std::vector<std::int32_t>{1, 2, 1});
  CHECK(fitted.touched_rows(shared) == 4);
}

TEST_CASE("a shared table has the options that any of its columns asks for") {
  const auto goods = [](const ColumnOptions& product, const ColumnOptions& viewed, FeatureOptions options = plain) {
    options.columns["product"] = product;
    options.columns["viewed"] = viewed;
    const auto fitted = features(training(), options);
    return fitted.tables()[static_cast<std::size_t>(fitted.categories()[1].table)];
  };
  CHECK(goods({.table = "goods"}, {.minimum_count = 3, .table = "goods"}).vocabulary.size() == 3);  // tea, oil
  CHECK(goods({.minimum_count = 3, .table = "goods"}, {.table = "goods"}).vocabulary.size() == 3);
  CHECK(goods({.table = "goods"}, {.hash_buckets = 9, .table = "goods"}).vocabulary.size() == 10);
  CHECK(goods({.table = "goods"}, {.embedding_width = 5, .table = "goods"}).width == 5);
  CHECK(goods({.minimum_count = 2, .hash_buckets = 0}, {}, {.hash_buckets = 9}).vocabulary.size() == 2);  // tea
  CHECK_THROWS_WITH(goods({.minimum_count = 2, .table = "goods"}, {.minimum_count = 3, .table = "goods"}),
                    "the columns of the embedding table 'goods' are to have minimum_count 3 and 2");
  CHECK_THROWS_WITH(goods({.embedding_width = 2, .table = "goods"}, {.embedding_width = 5, .table = "goods"}),
                    containing("embedding_width 5 and 2"));
  CHECK_THROWS_WITH(goods({.hash_buckets = 4, .table = "goods"}, {.hash_buckets = 5, .table = "goods"}),
                    containing("hash_buckets 5 and 4"));
  CHECK_THROWS_WITH(goods({.minimum_count = 3}, {}, {.hash_buckets = 9}), containing("must stay 1, not 3"));
}

TEST_CASE("an embedding is as wide as twice the fourth root of its vocabulary, from 2 to 32") {
  const auto width = [](int count) {
    Texts values;
    for (int value = 0; value < count; ++value) values.push_back(std::to_string(value));
    Table table;
    table.add_categories("value", values);
    return features(table).tables()[0].width;
  };
  CHECK(width(1) == 2);
  CHECK(width(80) == 6);    // 81 rows
  CHECK(width(624) == 10);  // 625 rows
  CHECK(width(70000) == 32);
}

TEST_CASE("rare categories share the unknown entry, hashed ones the buckets") {
  auto options = plain;
  options.columns["city"].minimum_count = 2;
  options.columns["product"].hash_buckets = 3;
  const auto fitted = features(training(), options);
  CHECK(fitted.tables()[static_cast<std::size_t>(fitted.categories()[0].table)].vocabulary.size() ==
        2);  // unknown, Cork
  CHECK(fitted.tables()[static_cast<std::size_t>(fitted.categories()[1].table)].vocabulary.size() == 4);
  const auto data = fitted.encode<float>(training());
  CHECK(data.categories.row(0) == CategoryRows{{1, 0, 1, 0}});
  CHECK(data.categories.row(1).minCoeff() >= 1);
}

TEST_CASE("one-hot categories are numbers, one a known text, after the other numbers") {
  Table table("shop.csv");
  const std::vector<std::string> cities{"Cork", "", "Ulm", "Cork"};
  const std::vector<std::string> brands{"x", "y", "x", "x"};
  table.add_categories("city", cities).add_categories("brand", brands).add_numbers("age", {1, 3, 1, 3});
  const auto fitted = features(table, {.scaling = Scaling::min_max, .columns = {{"city", {.one_hot = true}}}});
  CHECK(fitted.number_rows() == 1 + 4);  // unknown, missing, Cork, Ulm
  CHECK(fitted.categories().size() == 1);
  CHECK(fitted.input_width() == 5 + fitted.tables()[0].width);
  CHECK(fitted.category_places()[0].input_row == 5);
  auto data = fitted.encode<double>(table);
  Matrix<double> expected(5, 4);
  expected << 0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0;
  CHECK(data.numbers == expected);
  const std::vector<std::string> unknown{"Bonn", "Ulm", "Ulm", ""};
  Table later;
  later.add_categories("city", unknown).add_categories("brand", brands).add_numbers("age", {1, 3, 1, 3});
  data = fitted.encode<double>(later);
  expected << 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 1, 0;
  CHECK(data.numbers == expected);

  const auto all = features(table, {.one_hot = true});
  CHECK(all.categories().empty());
  CHECK(all.tables().empty());
  CHECK(all.number_rows() == 1 + 4 + 3);
  const auto rare = features(table, {.minimum_count = 2, .one_hot = true});
  CHECK(rare.one_hot()[0].vocabulary.size() == 2);  // unknown, Cork: both others share the unknown entry
  CHECK_THROWS_WITH(features(table, {.columns = {{"city", {.one_hot = true, .table = "places"}}}}),
                    containing("column 'city' is one_hot, and can have no embedding table"));
  CHECK_THROWS_WITH(features(training(), {.columns = {{"viewed", {.one_hot = true}}}}),
                    containing("column 'viewed' holds lists, which cannot be one_hot"));
}

TEST_CASE("class names are those that occur, sorted") {
  const auto fitted = features(training(), plain);
  CHECK(fitted.class_names("level") == Texts{"high", "low"});
  CHECK(fitted.class_names("price").empty());
  CHECK(fitted.class_names("nothing").empty());
  CHECK(features(training().rows(std::vector<Index>{0, 2}), plain).class_names("level") == Texts{"low"});
}

TEST_CASE("a column's own scaling comes before that of all") {
  auto options = plain;
  options.columns["amount"].scaling = Scaling::none;
  const auto data = features(training(), options).encode<double>(training());
  CHECK(data.numbers.row(2) == Matrix<double>{{1, 2, 3, 4}});
  CHECK(data.numbers(0, 3) == 1);
}

TEST_CASE("features of matrices are as wide as the matrices") {
  const auto fitted = Features::dense(5);
  CHECK(fitted.input_width() == 5);
  CHECK(fitted.number_rows() == 5);
  CHECK_THROWS_WITH(fitted.encode<float>(training()), "these features take matrices, not tables");
}

TEST_CASE("features that cannot be fitted say why") {
  CHECK_THROWS_AS(features(training().rows({})), DataError);
  CHECK_THROWS_WITH(features(training().rows({})), "shop.csv: there are no rows to fit features to");
  Table labels("labels.csv");
  labels.add_numbers("price", {1, 2}, Use::label);
  CHECK_THROWS_AS(features(labels), DataError);
  CHECK_THROWS_WITH(features(labels), "labels.csv: there is no feature column");
  CHECK_THROWS_AS(features(training(), {.columns = {{"price", {}}}}), ArgumentError);
  CHECK_THROWS_WITH(features(training(), {.columns = {{"price", {}}}}),
                    "options are given for column 'price', which is not a feature");
  CHECK_THROWS_WITH(features(training(), {.columns = {{"cities", {}}}}), containing("there is no column 'cities'"));
  CHECK_THROWS_WITH(features(training(), {.list_limit = 0}), "list_limit must be at least 1, not 0");
  CHECK_THROWS_WITH(features(training(), {.embedding_width = -3}), containing("must be at least 1, not -3"));
  Table infinite("shop.csv");
  infinite.add_numbers("age", {1, std::numeric_limits<double>::infinity()});
  CHECK_THROWS_AS(features(infinite), DataError);
  CHECK_THROWS_WITH(features(infinite), containing("shop.csv: column 'age': row 1 (counted from 0)"));
}
