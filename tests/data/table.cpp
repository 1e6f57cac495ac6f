#include "polytask/data/table.hpp"

#include "catch.hpp"

#include <cmath>
#include <string>
#include <vector>

using namespace polytask;

namespace {

Table shop() {
  Table table("shop.csv");
  table.add_numbers("age", {31, missing, 45});
  table.add_categories("city", {"Rome", "", "Oslo"});
  table.add_lists("viewed", std::vector<std::vector<std::string>>{{"tea", "mug"}, {}, {"mug"}});
  table.add_numbers("click", {1, 0, 1}, Use::label);
  return table;
}

}  // namespace

TEST_CASE("A table gives back the columns it was made of") {
  const Table table = shop();
  CHECK(table.size() == 3);
  CHECK(table.source() == "shop.csv");
  REQUIRE(table.columns().size() == 4);
  CHECK(table.columns()[1].name == "city");
  CHECK(table.column("click").use == Use::label);
  CHECK(table.column("age").use == Use::feature);
  CHECK(table.has("viewed"));
  CHECK_FALSE(table.has("Viewed"));

  CHECK(table.numbers("age").values[2] == 45);
  CHECK(std::isnan(table.numbers("age").values[1]));

  const auto& city = table.categories("city");
  CHECK(city.names == std::vector<std::string>{"Rome", "Oslo"});
  CHECK(city.codes == std::vector<std::int32_t>{0, missing_code, 1});
  CHECK(city.at(0) == "Rome");
  CHECK(city.at(1).empty());

  const auto& viewed = table.lists("viewed");
  CHECK(viewed.offsets == std::vector<std::int64_t>{0, 2, 2, 3});
  CHECK(viewed.codes == std::vector<std::int32_t>{0, 1, 1});
  CHECK(viewed.at(0).size() == 2);
  CHECK(viewed.at(1).empty());
  CHECK(viewed.names[static_cast<std::size_t>(viewed.at(2)[0])] == "mug");
}

TEST_CASE("Rows of a table are chosen in any order and as often as wanted") {
  const std::vector<Index> chosen{2, 0, 2};
  const Table part = shop().rows(chosen);
  CHECK(part.size() == 3);
  CHECK(part.source() == "shop.csv");
  CHECK(part.numbers("age").values == std::vector<double>{45, 31, 45});
  CHECK(part.categories("city").at(1) == "Rome");
  CHECK(part.categories("city").at(2) == "Oslo");
  CHECK(part.lists("viewed").offsets == std::vector<std::int64_t>{0, 1, 3, 4});
  CHECK(part.lists("viewed").codes == std::vector<std::int32_t>{1, 0, 1, 1});
  CHECK(part.column("click").use == Use::label);

  CHECK(part.row_name(0) == text("row ", chosen[0], " (counted from 0)"));
  CHECK(part.rows(std::vector<Index>{1}).origin(0) == chosen[1]);
  CHECK(shop().origin(2) == 2);
  const Table none = shop().rows({});
  CHECK(none.size() == 0);
  CHECK(none.columns().size() == 4);
}

TEST_CASE("A table refuses columns that do not fit and says which") {
  Table table = shop();
  CHECK_THROWS_WITH(table.add_numbers("age", {1, 2, 3}), "shop.csv: there are two columns named 'age'");
  CHECK_THROWS_WITH(table.add_numbers("height", {1, 2}),
                    "shop.csv: column 'height' has 2 rows where the others have 3");
  CHECK_THROWS_AS(table.add_numbers("height", {1, 2}), DataError);
  CHECK(table.columns().size() == 4);
}

TEST_CASE("A table asked for a column it lacks lists those it has") {
  const Table table = shop();
  CHECK_THROWS_WITH(table.column("Age"), "shop.csv: there is no column 'Age'; there are: age, city, viewed, click");
  CHECK_THROWS_WITH(table.numbers("city"), "shop.csv: column 'city' does not hold numbers");
  CHECK_THROWS_WITH(table.categories("age"), "shop.csv: column 'age' does not hold categories");
  CHECK_THROWS_WITH(table.lists("age"), "shop.csv: column 'age' does not hold lists");
  CHECK_THROWS_AS(table.lists("age"), DataError);
  CHECK_THROWS_WITH(Table().column("x"), "there is no column 'x'; there are: ");
}

TEST_CASE("Rows that a table does not have cannot be chosen") {
  const Table table = shop();
  CHECK_THROWS_AS(table.rows(std::vector<Index>{0, 3}), ArgumentError);
  CHECK_THROWS_WITH(table.rows(std::vector<Index>{0, 3}), "shop.csv: there is no row 3 (counted from 0) of 3");
  CHECK_THROWS_WITH(table.rows(std::vector<Index>{-1}), containing("there is no row -1"));
}
