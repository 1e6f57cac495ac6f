#include "polytask/data/csv_fields.hpp"

#include "catch.hpp"

#include "polytask/core/random.hpp"

#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

using namespace polytask;

namespace {

using Rows = std::vector<std::vector<std::string>>;

Rows rows_of(std::string_view text, const CsvFormat& format = {}) {
  CsvFields fields(text, {"x"}, format);
  Rows rows;
  while (!fields.at_end()) {
    fields.start_row();
    auto& row = rows.emplace_back();
    while (!fields.row_ended()) row.emplace_back(fields.field());
  }
  return rows;
}

}  // namespace

TEST_CASE("Rows end with LF, with CR LF and at the end of the text") {
  const Rows expected{{"a", "b"}, {"1", "2"}};
  CHECK(rows_of("a,b\n1,2") == expected);
  CHECK(rows_of("a,b\n1,2\n") == expected);
  CHECK(rows_of("a,b\r\n1,2\r\n") == expected);
  CHECK(rows_of("a,b\r\n1,2\r") == expected);
  CHECK(rows_of("\xEF\xBB\xBF"
                "a,b\n1,2\n") == expected);
  CHECK(rows_of("a,b\n1,2\n\n \r\n\t\n") == expected);
  CHECK(rows_of("a,b\r\n\"1\",\"2\"\r\n") == expected);
}

TEST_CASE("Empty fields count, also the last one of a row") {
  CHECK(rows_of(",a,\n,,\n\"\",b,") == Rows{{"", "a", ""}, {"", "", ""}, {"", "b", ""}});
  CHECK(rows_of("a\n\nb") == Rows{{"a"}, {""}, {"b"}});
  CHECK(rows_of("").empty());
  CHECK(rows_of("\xEF\xBB\xBF").empty());
  CHECK(rows_of(" \n\r\n \n").empty());
}

TEST_CASE("Quoted fields hold separators, line ends and doubled quotes") {
  CHECK(rows_of("\"a,b\",\"c\nd\r\ne\"\n\"say \"\"hi\"\"\",\"\"\"\"\n") ==
        Rows{{"a,b", "c\nd\r\ne"}, {"say \"hi\"", "\""}});
  CHECK(rows_of("a\"b,c\"\"d\n") == Rows{{"a\"b", "c\"\"d"}});  // no quote at the front: ordinary text
}

TEST_CASE("Blanks round unquoted fields are dropped, or kept on request") {
  CHECK(rows_of(" a ,\t b b\t, \" c \" \r\n") == Rows{{"a", "b b", " c "}});
  CHECK(rows_of(" a ,\tb", {.trim = false}) == Rows{{" a ", "\tb"}});
  CHECK(rows_of(" \"a\"", {.trim = false}) == Rows{{" \"a\""}});
  CHECK(rows_of("a\n \n", {.trim = false}) == Rows{{"a"}, {" "}});
  CHECK(rows_of("a\t\t b\t\n", {.separator = '\t'}) == Rows{{"a", "", "b", ""}});
  CHECK(rows_of("\t\t\n", {.separator = '\t'}) == Rows{{"", "", ""}});
  CHECK(rows_of("a  b", {.separator = ' '}) == Rows{{"a", "", "b"}});
}

TEST_CASE("Every other byte is ordinary text") {
  using namespace std::string_literals;
  CHECK(rows_of("a\0b,\0\n"s) == Rows{{"a\0b"s, "\0"s}});
  CHECK(rows_of("a\rb,\xFF\xFE") == Rows{{"a\rb", "\xFF\xFE"}});
  CHECK(rows_of("a\r,b\r\n") == Rows{{"a\r", "b"}});
  CHECK(rows_of("a\xFF"
                "b",
                {.separator = '\xFF'}) == Rows{{"a", "b"}});
}

TEST_CASE("Separators are found wherever they are in a word of eight bytes") {
  for (std::size_t before = 0; before < 20; ++before)
    for (std::size_t after = 0; after < 20; ++after) {
      // '-' is one above ',' and \v one above \n: what a sloppy comparison of eight bytes at once mistakes
      const std::string left = std::string(before, '-') + "a", right = std::string(after, '\v') + "b";
      REQUIRE(rows_of(left + "," + right + "\n" + left) == Rows{{left, right}, {left}});
    }
}

TEST_CASE("A quote that is not closed, or closed too early, is an error of the line where the row begins") {
  CHECK_THROWS_WITH(rows_of("a\n\"x\ny\",z\n1,\"open\n\n"), "x: line 4: a quoted field is not closed");
  CHECK_THROWS_WITH(rows_of("a\n\""), "x: line 2: a quoted field is not closed");
  CHECK_THROWS_WITH(rows_of("\"a\"b\n"), "x: line 1: there is text after the closing quote of a field");
  CHECK_THROWS_WITH(rows_of("\"a\"\rb\n"), "x: line 1: there is text after the closing quote of a field");
  CHECK_THROWS_AS(rows_of("\"a"), DataError);
}

TEST_CASE("A separator that could be part of something else is refused") {
  for (const char separator : {'"', '\n', '\r', '.', '-', '+', '0', '9', 'e', 'Z'}) {
    CHECK_THROWS_AS(rows_of("a", {.separator = separator}), ArgumentError);
    CHECK_THROWS_WITH(rows_of("a", {.separator = separator}), containing("x: the separator of fields must not be"));
  }
}

TEST_CASE("Short decimal numbers are read as the nearest double, all else is left for the long way") {
  const auto taken = [](std::string_view text, double& value) { return CsvFields(text, {}, {}).short_number(value); };
  Random random(7);
  for (int draw = 0; draw < 20000; ++draw) {
    std::string number = random.chance(0.5) ? "-" : "";
    for (auto count = random.below(12); count > 0; --count) number += static_cast<char>('0' + random.below(10));
    if (random.chance(0.7)) number += '.';
    for (auto count = random.below(12); count > 0; --count) number += static_cast<char>('0' + random.below(10));
    double exact = 0;
    const auto [last, error] = std::from_chars(number.data(), number.data() + number.size(), exact);
    const bool number_whole = error == std::errc{} && last == number.data() + number.size();
    double value = 0;
    const bool short_enough = taken(number + ",", value);
    if (short_enough) {
      REQUIRE(number_whole);
      REQUIRE(value == exact);
      REQUIRE(std::signbit(value) == std::signbit(exact));
    } else {
      REQUIRE((!number_whole || number.size() >= 16));
    }
  }
  double value = 0;
  for (const char* other : {"", "-", ".", "-.", "1e3", "+1", "1x", "1 ", "0x10", "\"1\"", "12345678901234567890",
                            "9007199254740993", "1\r2", "--1", "1.2.3"}) {
    INFO(other);
    CHECK_FALSE(taken(other, value));
  }
  CHECK(taken("9007199254740992", value));
  CHECK(value == 9007199254740992.0);
  CHECK(taken(" 2.5\r\n", value));
  CHECK(value == 2.5);
}

TEST_CASE("An excerpt is at most 40 characters long and can be printed") {
  CHECK(excerpt("short") == "short");
  CHECK(excerpt(std::string(40, 'x')) == std::string(40, 'x'));
  CHECK(excerpt(std::string(41, 'x')) == std::string(40, 'x').append("..."));
  std::string accents;
  for (int count = 0; count < 41; ++count) accents += "\xC3\xA9";
  CHECK(excerpt(accents) == accents.substr(0, 80) + "...");
  CHECK(excerpt(std::string("a\0b\nc", 5)) == "a?b?c");
  CHECK(excerpt(std::string(1000, '\x80')).size() == 163);
}
