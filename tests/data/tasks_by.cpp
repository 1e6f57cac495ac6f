#include "polytask/data/tasks_by.hpp"

#include "catch.hpp"

using namespace polytask;

TEST_CASE("A label is divided into one task a value of another column") {
  Table table("schools.csv");
  table.add_numbers("age", {1, 2, 3, 4, 5});
  table.add_numbers("school", {10, 2, 10, missing, 2});
  table.add_numbers("score", {7, 8, missing, 9, 6}, Use::label);
  table.add_numbers("weight", {1, 1, 1, 1, 2}, Use::weight);
  const Table made = tasks_by(table, "score", "school");
  CHECK(made.source() == "schools.csv");
  REQUIRE(made.columns().size() == 5);
  CHECK(made.column("school").use == Use::key);
  CHECK(made.column("weight").use == Use::weight);
  CHECK(made.columns()[3].name == "school 2");  // in rising order
  CHECK(made.columns()[4].name == "school 10");
  CHECK(made.columns()[4].use == Use::label);
  const auto& two = made.numbers("school 2").values;
  const auto& ten = made.numbers("school 10").values;
  CHECK(two[1] == 8);
  CHECK(two[4] == 6);
  CHECK(ten[0] == 7);
  for (const std::size_t row : {0, 2, 3}) CHECK(std::isnan(two[row]));
  for (const std::size_t row : {1, 2, 3, 4}) CHECK(std::isnan(ten[row]));
}

TEST_CASE("Tasks by texts come in order of first appearance, and only those that occur") {
  Table table;
  const std::vector<std::string> shops{"west", "", "east", "west"};
  table.add_categories("shop", shops);
  table.add_numbers("sales", {1, 2, 3, 4}, Use::label);
  const Table made = tasks_by(table, "sales", "shop");
  REQUIRE(made.columns().size() == 3);
  CHECK(made.columns()[1].name == "shop west");
  CHECK(made.numbers("shop west").values[3] == 4);
  CHECK(std::isnan(made.numbers("shop west").values[1]));
  CHECK(made.numbers("shop east").values[2] == 3);
  const std::vector<Index> rows{2};
  CHECK(tasks_by(table.rows(rows), "sales", "shop").columns().size() == 2);
}

TEST_CASE("What tasks cannot be made by is named") {
  Table table("a.csv");
  table.add_numbers("empty", {missing});
  table.add_numbers("score", {1});
  CHECK_THROWS_WITH(tasks_by(table, "score", "empty"), containing("a.csv: column 'empty' has no value"));
  CHECK_THROWS_WITH(tasks_by(table, "grade", "empty"), containing("no column 'grade'"));
}

TEST_CASE("Tasks by numbers are named by all their digits") {
  Table table;
  table.add_numbers("customer", {1234567, 1234568, 0.1});
  table.add_numbers("spend", {1, 2, 3}, Use::label);
  const Table made = tasks_by(table, "spend", "customer");
  CHECK(made.columns()[1].name == "customer 0.1");
  CHECK(made.columns()[2].name == "customer 1234567");
  CHECK(made.columns()[3].name == "customer 1234568");
}
