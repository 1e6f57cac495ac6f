#include "polytask/data/stack.hpp"

#include "catch.hpp"

#include <cmath>
#include <string>
#include <vector>

using namespace polytask;

namespace {

using Texts = std::vector<std::string>;
using Lists = std::vector<std::vector<std::string>>;

}  // namespace

TEST_CASE("Stacked tables have the rows of all, and missing values where a table lacks a column") {
  Table clicks("clicks.csv");
  clicks.add_numbers("age", {1, 2});
  clicks.add_categories("city", Texts{"Rome", ""});
  clicks.add_lists("viewed", Lists{{"tea", "mug"}, {}});
  clicks.add_numbers("click", {0, 1}, Use::label);
  Table sales("sales.csv");
  sales.add_numbers("spend", {9.5}, Use::label);
  sales.add_lists("viewed", Lists{{"cup", "tea"}});
  sales.add_categories("city", Texts{"Oslo"});
  Table more("more.csv");
  more.add_categories("city", Texts{"Oslo", "Rome"});
  more.add_categories("shop", Texts{"a", "b"}, Use::key);

  const Table all = stack({clicks, sales, more});
  CHECK(all.size() == 5);
  CHECK(all.source() == "clicks.csv + sales.csv + more.csv");
  Texts names;
  for (const auto& column : all.columns()) names.push_back(column.name);
  CHECK(names == Texts{"age", "city", "viewed", "click", "spend", "shop"});
  CHECK(all.column("spend").use == Use::label);
  CHECK(all.column("shop").use == Use::key);

  const auto& age = all.numbers("age").values;
  CHECK((age[0] == 1 && age[1] == 2));
  CHECK((std::isnan(age[2]) && std::isnan(age[3]) && std::isnan(age[4])));
  const auto& spend = all.numbers("spend").values;
  CHECK((std::isnan(spend[0]) && std::isnan(spend[1]) && spend[2] == 9.5 && std::isnan(spend[3])));

  CHECK(all.categories("city").names == Texts{"Rome", "Oslo"});
  CHECK(all.categories("city").codes == std::vector<std::int32_t>{0, missing_code, 1, 1, 0});
  CHECK(all.categories("shop").codes == std::vector<std::int32_t>{missing_code, missing_code, missing_code, 0, 1});

  CHECK(all.lists("viewed").names == Texts{"tea", "mug", "cup"});
  CHECK(all.lists("viewed").codes == std::vector<std::int32_t>{0, 1, 2, 0});
  CHECK(all.lists("viewed").offsets == std::vector<std::int64_t>{0, 2, 2, 4, 4, 4});
}

TEST_CASE("Stacking one table gives it back, stacking none gives an empty one") {
  Table table("t.csv");
  table.add_numbers("a", {1, 2});
  const Table one = stack({table});
  CHECK(one.source() == "t.csv");
  CHECK(one.numbers("a").values == std::vector<double>{1, 2});
  CHECK(stack(Span<const Table>{}).size() == 0);
  const std::vector<Table> parts{table, table};
  CHECK(stack(parts).numbers("a").values == std::vector<double>{1, 2, 1, 2});
  CHECK(stack(parts).source() == "t.csv");
}

TEST_CASE("Tables that disagree about a column are not stacked") {
  Table first("first.csv");
  first.add_numbers("a", {1});
  Table kind("kind.csv");
  kind.add_categories("a", Texts{"x"});
  Table use;
  use.add_numbers("a", {1}, Use::label);
  CHECK_THROWS_WITH(stack({first, kind}), "kind.csv: column 'a' holds categories, but numbers in first.csv");
  CHECK_THROWS_WITH(stack({first, use}), "table 2: column 'a' is a label, but a feature in first.csv");
  CHECK_THROWS_AS(stack({first, use}), DataError);
}

TEST_CASE("A weight that only some tables have is an error, for no number stands for a missing weight") {
  Table weighted("weighted.csv");
  weighted.add_numbers("a", {1}).add_numbers("w", {2}, Use::weight);
  Table plain;
  plain.add_numbers("a", {1});
  CHECK_THROWS_WITH(stack({weighted, plain}), "table 2: there is no weight 'w', but there is one in weighted.csv");
  CHECK_THROWS_WITH(stack({plain, weighted}), "table 1: there is no weight 'w', but there is one in weighted.csv");
  CHECK(stack({weighted, weighted}).numbers("w").values == std::vector<double>{2, 2});
}
