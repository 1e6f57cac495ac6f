#include "polytask/data/split.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace split_tests {

using namespace polytask;

namespace {

using Texts = std::vector<std::string>;
using Rows = std::vector<Index>;

Table numbered(Index rows) {
  std::vector<double> values(static_cast<std::size_t>(rows));
  std::iota(values.begin(), values.end(), 0.0);
  return Table("t.csv").add_numbers("row", values);
}

/// Both parts rise and together are all rows.
void require_division(const std::pair<Rows, Rows>& parts, Index rows) {
  REQUIRE(std::is_sorted(parts.first.begin(), parts.first.end()));
  REQUIRE(std::is_sorted(parts.second.begin(), parts.second.end()));
  std::set<Index> all(parts.first.begin(), parts.first.end());
  all.insert(parts.second.begin(), parts.second.end());
  REQUIRE(static_cast<Index>(all.size()) == rows);
  REQUIRE(static_cast<Index>(parts.first.size() + parts.second.size()) == rows);
}

}  // namespace

TEST_CASE("A seed's rows are the same in every version") {
  Table table = numbered(20);
  Texts groups;
  for (int row = 0; row < 20; ++row) groups.push_back(row % 5 == 4 ? "" : std::string(1, "abcd"[row * 7 % 4]));
  table.add_categories("group", groups);
  const auto test_rows = [&](const SplitOptions& options) { return split_rows(table, options).second; };
  CHECK(test_rows({.test_fraction = 0.3, .seed = 7}) == Rows{4, 6, 7, 8, 15, 19});
  CHECK(test_rows({.test_fraction = 0.3, .seed = 7, .stratify = "group"}) == Rows{0, 5, 6, 12, 14, 15});
  CHECK(test_rows({.test_fraction = 0.3, .seed = 7, .group = "group"}) == Rows{4, 9, 14, 19});
}

TEST_CASE("A random split has the wanted fraction, keeps the order and moves whole rows") {
  Table table = numbered(1000);
  std::vector<double> twice;
  for (int row = 0; row < 1000; ++row) twice.push_back(2 * row);
  table.add_numbers("twice", twice, Use::label);
  const auto [train, test] = split(table, {.test_fraction = 0.25, .seed = 7});
  CHECK(train.size() == 750);
  CHECK(test.size() == 250);
  CHECK(test.source() == "t.csv");
  CHECK(test.column("twice").use == Use::label);
  const auto& rows = test.numbers("row").values;
  CHECK(std::is_sorted(rows.begin(), rows.end()));
  for (std::size_t row = 0; row < rows.size(); ++row) REQUIRE(test.numbers("twice").values[row] == 2 * rows[row]);
  require_division(split_rows(table, {.test_fraction = 0.25, .seed = 7}), 1000);
}

TEST_CASE("The same seed splits the same way, another seed another way") {
  const Table table = numbered(100);
  CHECK(split_rows(table, {.seed = 3}) == split_rows(table, {.seed = 3}));
  CHECK(split_rows(table, {.seed = 3}) != split_rows(table, {.seed = 4}));
  CHECK(split_rows(table).second.size() == 20);
}

TEST_CASE("Every row is as likely to be tested on") {
  const Table table = numbered(10);
  std::vector<int> counts(10);
  for (std::uint64_t seed = 0; seed < 10000; ++seed)
    for (const Index row : split_rows(table, {.test_fraction = 0.3, .seed = seed}).second)
      ++counts[static_cast<std::size_t>(row)];
  // binomial: mean 3000, deviation 45.8; five deviations
  for (const int count : counts) CHECK(std::abs(count - 3000) < 230);
}

TEST_CASE("A stratified split gives every value its share, missing values too") {
  Table table = numbered(200);
  Texts city;
  std::vector<double> bought;
  for (int row = 0; row < 200; ++row) {
    city.push_back(row < 100 ? "Rome" : row < 140 ? "" : row < 190 ? "Oslo" : "Bonn");  // 100, 40, 50, 10
    bought.push_back(row % 20 == 0 ? 1 : row % 20 == 1 ? missing : 0);                  // 10, 10, 180
  }
  table.add_categories("city", city, Use::key).add_numbers("bought", bought, Use::label);

  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto parts = split_rows(table, {.test_fraction = 0.2, .seed = seed, .stratify = "city"});
    require_division(parts, 200);
    std::map<std::string, int> counts;
    for (const Index row : parts.second) ++counts[city[static_cast<std::size_t>(row)]];
    CHECK(counts == std::map<std::string, int>{{"Rome", 20}, {"", 8}, {"Oslo", 10}, {"Bonn", 2}});

    int ones = 0, absent = 0;
    const auto by_label = split_rows(table, {.test_fraction = 0.3, .seed = seed, .stratify = "bought"});
    for (const Index row : by_label.second) {
      ones += bought[static_cast<std::size_t>(row)] == 1;
      absent += std::isnan(bought[static_cast<std::size_t>(row)]);
    }
    CHECK(by_label.second.size() == 60);
    CHECK(ones == 3);
    CHECK(absent == 3);
  }
}

TEST_CASE("Shares of small strata are off by less than a row each and by nothing together") {
  Table table = numbered(97);
  Texts kind;
  std::map<std::string, int> sizes;
  for (int row = 0; row < 97; ++row) {
    kind.push_back(text("kind", std::floor(std::sqrt(row))));
    ++sizes[kind.back()];
  }
  table.add_categories("kind", kind, Use::key);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto test = split_rows(table, {.test_fraction = 0.3, .seed = seed, .stratify = "kind"}).second;
    REQUIRE(test.size() == 29);  // 29.1
    std::map<std::string, int> counts;
    for (const Index row : test) ++counts[kind[static_cast<std::size_t>(row)]];
    for (const auto& [name, size] : sizes) REQUIRE(std::abs(counts[name] - 0.3 * size) < 1);
  }
}

TEST_CASE("A number with many values is stratified by tenths") {
  Table table = numbered(1000);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const auto test = split_rows(table, {.test_fraction = 0.2, .seed = seed, .stratify = "row"}).second;
    std::vector<int> counts(10);
    for (const Index row : test) ++counts[static_cast<std::size_t>(row / 100)];
    CHECK(counts == std::vector<int>(10, 20));
  }
  // 20 distinct values are strata of their own: 20 rows of each, 2 tested on
  std::vector<double> few;
  for (int row = 0; row < 400; ++row) few.push_back(row % 20);
  const auto test = split_rows(Table().add_numbers("few", few), {.test_fraction = 0.1, .stratify = "few"}).second;
  std::vector<int> counts(20);
  for (const Index row : test) ++counts[static_cast<std::size_t>(row % 20)];
  CHECK(counts == std::vector<int>(20, 2));
  // the missing ones, half of the rows, are a stratum beside the tenths of the others
  std::vector<double> gaps;
  for (int row = 0; row < 400; ++row) gaps.push_back(row % 2 == 0 ? row : std::nan(""));
  counts.assign(11, 0);
  for (const Index row :
       split_rows(Table().add_numbers("gaps", gaps), {.test_fraction = 0.1, .stratify = "gaps"}).second)
    ++counts[row % 2 == 0 ? static_cast<std::size_t>(row / 40) : 10];
  CHECK(counts == std::vector<int>{2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 20});
}

TEST_CASE("A split by group keeps groups whole and comes near the fraction") {
  Table table = numbered(500);
  Texts customer;
  std::vector<double> number;
  for (int row = 0; row < 500; ++row) {
    customer.push_back(row % 50 == 0 ? "" : text("c", row * 7 % 83));  // about 6 rows each; 10 missing
    number.push_back(row * 7 % 83);
  }
  table.add_categories("customer", customer, Use::key).add_numbers("number", number);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto parts = split_rows(table, {.test_fraction = 0.3, .seed = seed, .group = "customer"});
    require_division(parts, 500);
    std::set<std::string> train, test;
    for (const Index row : parts.first) train.insert(customer[static_cast<std::size_t>(row)]);
    for (const Index row : parts.second) test.insert(customer[static_cast<std::size_t>(row)]);
    for (const auto& name : test) REQUIRE(train.count(name) == 0);
    REQUIRE(std::abs(static_cast<double>(parts.second.size()) - 150) <= 3);

    const auto by_number = split_rows(table, {.test_fraction = 0.3, .seed = seed, .group = "number"});
    std::set<double> first, second;
    for (const Index row : by_number.first) first.insert(number[static_cast<std::size_t>(row)]);
    for (const Index row : by_number.second) second.insert(number[static_cast<std::size_t>(row)]);
    REQUIRE(first.size() + second.size() == 83);
  }
}

TEST_CASE("Two groups are always divided, however uneven") {
  Texts group(100, "large");
  group[40] = "small";
  const Table table = Table().add_categories("g", group);
  for (std::uint64_t seed = 0; seed < 10; ++seed)
    for (const double fraction : {0.01, 0.2, 0.5, 0.9, 0.999}) {
      const auto parts = split_rows(table, {.test_fraction = fraction, .seed = seed, .group = "g"});
      REQUIRE((parts.first == Rows{40} || parts.second == Rows{40}));
    }
  const auto even = split_rows(Table().add_categories("g", Texts{"a", "a", "b", "b"}), {.group = "g"});
  CHECK(even.first.size() == 2);
}

TEST_CASE("A split by time tests on the latest rows") {
  Table table = numbered(10);
  table.add_numbers("hour", {5, 1, 9, 3, 7, 0, 2, 8, 6, 4});
  CHECK(split_rows(table, {.test_fraction = 0.3, .time = "hour"}).second == Rows{2, 4, 7});
  table.add_categories("date",
                       Texts{"2024-02-01", "2023-12-31", "2024-10-01", "2024-01-15", "2024-09-30", "2023-01-01",
                             "2024-01-02", "2024-09-29", "2024-03-01", "2024-01-16"},
                       Use::key);
  CHECK(split_rows(table, {.test_fraction = 0.3, .time = "date"}).second == Rows{2, 4, 7});
}

TEST_CASE("Rows of one time stay together, at the nearer cut") {
  const auto test = [](std::vector<double> hours, double fraction) {
    return split_rows(Table().add_numbers("hour", std::move(hours)), {.test_fraction = fraction, .time = "hour"})
        .second;
  };
  CHECK(test({0, 1, 2, 3, 3, 3, 3, 3, 8, 9}, 0.3) == Rows{8, 9});                 // cut 7: 8 is nearer than 3
  CHECK(test({0, 1, 2, 3, 3, 3, 3, 3, 8, 9}, 0.6) == Rows{3, 4, 5, 6, 7, 8, 9});  // cut 4: 3 is nearer than 8
  CHECK(test({0, 1, 2, 3, 4, 5, 6, 7, 7, 7}, 0.2) == Rows{7, 8, 9});              // no cut behind the last time
  CHECK(test({0, 0, 0, 3, 4, 5, 6, 7, 8, 9}, 0.9) == Rows{3, 4, 5, 6, 7, 8, 9});  // nor before the first
}

TEST_CASE("Splits that cannot be are refused with the reason") {
  Table table = numbered(10);
  table.add_categories("one", Texts(10, "same")).add_lists("list", std::vector<Texts>(10));
  table.add_numbers("gap", {0, 1, 2, missing, 4, 5, 6, 7, 8, 9});
  for (const double fraction : {0.0, 1.0, -0.5, 1.5, std::numeric_limits<double>::quiet_NaN()})
    CHECK_THROWS_AS(split(table, {.test_fraction = fraction}), ArgumentError);
  CHECK_THROWS_WITH(split(table, {.test_fraction = 1.5}), "t.csv: test_fraction must be between 0 and 1, got 1.5");
  CHECK_THROWS_AS(split(table, {.stratify = "one", .group = "one"}), ArgumentError);
  CHECK_THROWS_WITH(split(table, {.stratify = "one", .group = "one", .time = "row"}),
                    "t.csv: a split takes one of stratify, group and time, got 3 of them");
  CHECK_THROWS_WITH(split(table, {.test_fraction = 0.01}),
                    "t.csv: the test part of a split of 10 rows would be empty, with test_fraction 0.01");
  CHECK_THROWS_WITH(split(table, {.test_fraction = 0.99}),
                    "t.csv: the train part of a split of 10 rows would be empty, with test_fraction 0.99");
  CHECK_THROWS_WITH(
      split(table, {.group = "one"}),
      containing("part of a split of 10 rows would be empty, with test_fraction 0.2, by groups of 'one'"));
  CHECK_THROWS_WITH(split(table, {.time = "one"}),
                    containing("part of a split of 10 rows would be empty, with test_fraction 0.2, by the time 'one'"));
  CHECK_THROWS_AS(split(table, {.time = "one"}), DataError);
  CHECK_THROWS_WITH(split(table, {.time = "gap"}),
                    "t.csv: column 'gap' must have a time in every row to split by, it has none in row 3");
  CHECK_THROWS_WITH(split(table, {.group = "list"}), "t.csv: column 'list' does not hold categories");
  CHECK_THROWS_WITH(split(table, {.group = "nobody"}),
                    containing("t.csv: there is no column 'nobody'; there are: row"));
  CHECK_THROWS_WITH(split(Table(), {}), containing("part of a split of 0 rows would be empty"));
}

}  // namespace split_tests
