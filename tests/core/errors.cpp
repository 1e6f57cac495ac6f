#include "polytask/core/errors.hpp"

#include "catch.hpp"

#include <limits>
#include <locale>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

using namespace polytask;

TEST_CASE("text puts its parts one after the other") {
  CHECK(text("row ", 3, ", column '", std::string("age"), "': ", 0.5, std::string_view(" of "), 'x') ==
        "row 3, column 'age': 0.5 of x");
  CHECK(text("").empty());
  CHECK(text(1e9) == "1e+09");
  CHECK(text(-std::numeric_limits<double>::quiet_NaN(), " ", std::numeric_limits<float>::quiet_NaN()) == "nan nan");
  CHECK(text(SourceName{"orders.csv"}, "line 3") == "orders.csv: line 3");
  CHECK(text(SourceName{}, "line 3") == "line 3");
}

TEST_CASE("a message writes its numbers alike in every locale of a program") {
  struct Grouping : std::numpunct<char> {
    char do_thousands_sep() const override { return '.'; }
    char do_decimal_point() const override { return ','; }
    std::string do_grouping() const override { return "\3"; }
  };
  struct Restored {
    std::locale before = std::locale::global(std::locale(std::locale::classic(), new Grouping));
    ~Restored() { std::locale::global(before); }
  } const restored;
  std::ostringstream grouped;
  grouped << 12345;
  REQUIRE(grouped.str() == "12.345");
  CHECK(text("row ", 12345, " has ", 0.5) == "row 12345 has 0.5");
}

TEST_CASE("require throws what it is told, with its parts as the message") {
  CHECK_NOTHROW(require(true, "never"));
  CHECK_THROWS_AS(require(false, "x"), ArgumentError);
  CHECK_THROWS_AS(require<DataError>(false, "x"), DataError);
  CHECK_THROWS_WITH(require<FileError>(1 > 2, "file ", 7, " is damaged"), "file 7 is damaged");
}

TEST_CASE("every exception of the library can be caught as one, or as a runtime error") {
  STATIC_REQUIRE(std::is_base_of_v<std::runtime_error, Error>);
  STATIC_REQUIRE(std::is_base_of_v<Error, DataError>);
  STATIC_REQUIRE(std::is_base_of_v<Error, ArgumentError>);
  STATIC_REQUIRE(std::is_base_of_v<Error, TrainingError>);
  STATIC_REQUIRE(std::is_base_of_v<Error, FileError>);
  CHECK_THROWS_AS(require<TrainingError>(false, "x"), Error);
}
