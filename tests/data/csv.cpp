#include "polytask/data/csv.hpp"

#include "catch.hpp"
#include "folder.hpp"

#include "polytask/core/random.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

using namespace polytask;

namespace {

using Texts = std::vector<std::string>;
using Numbers = std::vector<double>;

Table parse(std::string_view text, const CsvColumns& columns, const CsvFormat& format = {}) {
  return parse_csv(text, "shop.csv", columns, format);
}

constexpr std::string_view orders =
    "id,age,city,viewed,click,kind,note,importance\n"
    "c1,31,Rome,tea mug,1,new,x,1\n"
    "c2,,Oslo,,0,old,y,0.5\n"
    "c1,45.5,,mug,,,z,0\n";

}  // namespace

TEST_CASE("A file is read into the columns asked for, in the order asked for") {
  const Table table = parse(orders, {.numbers = {"age"},
                                     .categories = {"city"},
                                     .lists = {"viewed"},
                                     .labels = {"click"},
                                     .classes = {"kind"},
                                     .keys = {"id"},
                                     .weight = "importance"});
  CHECK(table.size() == 3);
  CHECK(table.source() == "shop.csv");
  REQUIRE(table.columns().size() == 7);
  CHECK(table.columns()[0].name == "age");
  CHECK(table.columns()[5].name == "id");
  CHECK(table.column("age").use == Use::feature);
  CHECK(table.column("viewed").use == Use::feature);
  CHECK(table.column("click").use == Use::label);
  CHECK(table.column("kind").use == Use::label);
  CHECK(table.column("id").use == Use::key);
  CHECK(table.column("importance").use == Use::weight);

  const auto& age = table.numbers("age").values;
  CHECK(age[0] == 31);
  CHECK(std::isnan(age[1]));
  CHECK(age[2] == 45.5);
  CHECK(table.categories("city").names == Texts{"Rome", "Oslo"});
  CHECK(table.categories("city").codes == std::vector<std::int32_t>{0, 1, missing_code});
  CHECK(table.lists("viewed").names == Texts{"tea", "mug"});
  CHECK(table.lists("viewed").codes == std::vector<std::int32_t>{0, 1, 1});
  CHECK(table.lists("viewed").offsets == std::vector<std::int64_t>{0, 2, 2, 3});
  CHECK(table.numbers("click").values[0] == 1);
  CHECK(std::isnan(table.numbers("click").values[2]));
  CHECK(table.categories("kind").codes == std::vector<std::int32_t>{0, 1, missing_code});
  CHECK(table.categories("id").codes == std::vector<std::int32_t>{0, 1, 0});
  CHECK(table.numbers("importance").values == Numbers{1, 0.5, 0});
}

TEST_CASE("Columns not asked for are passed over, whatever they hold") {
  const Table table = parse("a,b,c\n1,not a number,\"x,\n\"\"y\"\n2,\xFF,\n", {.numbers = {"a"}});
  CHECK(table.columns().size() == 1);
  CHECK(table.numbers("a").values == Numbers{1, 2});
}

TEST_CASE("A file without a header line takes its names from the format") {
  const CsvFormat format{.header = {"age", "city", "pay"}, .missing = {"?", "NA"}};
  const Table table = parse("31, Rome, ?\n NA, ?, 7\n", {.numbers = {"age", "pay"}, .categories = {"city"}}, format);
  CHECK(table.size() == 2);
  CHECK(table.numbers("age").values[0] == 31);
  CHECK(std::isnan(table.numbers("age").values[1]));
  CHECK(std::isnan(table.numbers("pay").values[0]));
  CHECK(table.numbers("pay").values[1] == 7);
  CHECK(table.categories("city").codes == std::vector<std::int32_t>{0, missing_code});
  CHECK(table.categories("city").names == Texts{"Rome"});
  CHECK_THROWS_WITH(parse("1,2\n", {.numbers = {"age"}}, format), "shop.csv: line 1: the row has 2 fields, expected 3");
  CHECK_THROWS_WITH(parse("1,2,3\n", {.numbers = {"Age"}}, format),
                    "shop.csv: there is no column 'Age'; there are: age, city, pay");
}

TEST_CASE("A text that means missing may look like a number") {
  const CsvFormat format{.missing = {"-1", "nan"}};
  const Table table = parse("a,b\n-1,-1\n1,nan\n-1.0,x\nnan,\"-1\"\n", {.numbers = {"a"}, .categories = {"b"}}, format);
  const auto& values = table.numbers("a").values;
  CHECK(std::isnan(values[0]));
  CHECK(values[1] == 1);
  CHECK(values[2] == -1);
  CHECK(std::isnan(values[3]));
  CHECK(table.categories("b").codes == std::vector<std::int32_t>{missing_code, missing_code, 0, missing_code});
}

TEST_CASE("Numbers are read in every usual form") {
  const Table table =
      parse("a\n1\n-2.5\n+3\n1e3\n\" 7 \"\n.5\n6.\n0.1234567890123456789\n-0\n\"\"\n", {.numbers = {"a"}});
  const auto& values = table.numbers("a").values;
  REQUIRE(values.size() == 10);
  CHECK(Numbers(values.begin(), values.begin() + 8) == Numbers{1, -2.5, 3, 1000, 7, 0.5, 6, 0.12345678901234568});
  CHECK(std::signbit(values[8]));
  CHECK(std::isnan(values[9]));
}

TEST_CASE("A number label may be true or false, a number feature may not") {
  const Table table = parse("a\ntrue\nFALSE\nTrue\n2\n\n1\n", {.labels = {"a"}});
  const auto& values = table.numbers("a").values;
  REQUIRE(values.size() == 6);
  CHECK(Numbers(values.begin(), values.begin() + 4) == Numbers{1, 0, 1, 2});
  CHECK(std::isnan(values[4]));
  CHECK_THROWS_WITH(parse("a\n1\ntrue\n", {.numbers = {"a"}}),
                    "shop.csv: line 3: column 'a': expected a number, got 'true'");
  CHECK_THROWS_WITH(parse("a\n1\ntru\n", {.labels = {"a"}}),
                    "shop.csv: line 3: column 'a': expected a number, true or false, got 'tru'");
}

TEST_CASE("Lists have a separator of their own, and empty items are left out") {
  const Table table =
      parse("a,b\n|tea||green mug|,1\n\"x,y|z\",2\n-,3\n", {.lists = {"a"}}, {.list_separator = '|', .missing = {"-"}});
  CHECK(table.lists("a").names == Texts{"tea", "green mug", "x,y", "z"});
  CHECK(table.lists("a").offsets == std::vector<std::int64_t>{0, 2, 4, 4});
}

TEST_CASE("The forms a file comes in give the same table") {
  const CsvColumns columns{.numbers = {"age"}, .categories = {"city"}};
  const auto same = [&](std::string_view text, const CsvFormat& format = {}) {
    const Table table = parse(text, columns, format);
    CHECK(table.numbers("age").values == Numbers{1, 2});
    CHECK(table.categories("city").names == Texts{"Rome", "Oslo"});
    CHECK(table.size() == 2);
  };
  same("age,city\n1,Rome\n2,Oslo");
  same("age,city\r\n1,Rome\r\n2,Oslo\r\n\r\n");
  same("city,age\r\nRome,1\r\nOslo,2");
  same("\xEF\xBB\xBF\"age\",\"city\"\n\"1\",\"Rome\"\n\"2\",\"Oslo\"\n");
  same(" age ; city\n 1 ; Rome\n2;Oslo\n", {.separator = ';'});
  same("age\tcity\n1\tRome\n2\tOslo\n", {.separator = '\t'});
}

TEST_CASE("A header alone is a table without rows") {
  const Table table = parse("age,city", {.numbers = {"age"}, .categories = {"city"}});
  CHECK(table.size() == 0);
  CHECK(table.columns().size() == 2);
}

TEST_CASE("A row too short or too long is an error that names the line where the row begins") {
  const CsvColumns columns{.numbers = {"a"}};
  CHECK_THROWS_WITH(parse("a,b,c\n1,2,3\n4,5\n", columns), "shop.csv: line 3: the row has 2 fields, expected 3");
  CHECK_THROWS_WITH(parse("a,b,c\n1,\"two\nlines\",3\n4,5,6,7,8\n", columns),
                    "shop.csv: line 4: the row has 5 fields, expected 3");
  CHECK_THROWS_WITH(parse("a,b,c\n\n1,2,3\n", columns), "shop.csv: line 2: the row has 1 field, expected 3");
  CHECK_THROWS_WITH(parse("b,a\n1,2,\n", columns), "shop.csv: line 2: the row has 3 fields, expected 2");
  CHECK_THROWS_AS(parse("a,b\n1\n", columns), DataError);
}

TEST_CASE("Text in a number column is an error that shows it") {
  const CsvColumns columns{.numbers = {"b"}};
  CHECK_THROWS_WITH(parse("a,b\r\n1,2\r\n1,abc\r\n", columns),
                    "shop.csv: line 3: column 'b': expected a number, got 'abc'");
  CHECK_THROWS_WITH(parse("a,b\n1," + std::string(50, 'x') + "\n", columns),
                    "shop.csv: line 2: column 'b': expected a number, got '" + std::string(40, 'x') + "...'");
  for (const std::string text : {"inf", "-inf", "1e999", "1 000", "1;5", "12abc", "0x1F"})
    CHECK_THROWS_WITH(parse("a,b\n1," + text + "\n", columns),
                      "shop.csv: line 2: column 'b': expected a number, got '" + text + "'");
  for (const std::string text : {"NA", "n/a", "NaN", "NULL", "None", "?", "-"})
    CHECK_THROWS_WITH(parse("a,b\n1," + text + "\n", columns),
                      "shop.csv: line 2: column 'b': expected a number, got '" + text +
                          "' (texts that mean a missing value are named in CsvFormat::missing)");
  CHECK_THROWS_WITH(parse(std::string_view("a,b\n1,7\0\n", 9), columns), containing("expected a number, got '7?'"));
}

TEST_CASE("A quote that is not closed is an error") {
  CHECK_THROWS_WITH(parse("a,b\n1,2\n3,\"x\n4,5\n", {.numbers = {"a"}}),
                    "shop.csv: line 3: a quoted field is not closed");
}

TEST_CASE("A weight that is negative or missing is an error") {
  CHECK_THROWS_WITH(parse("a,w\n1,1\n2,-0.5\n", {.numbers = {"a"}, .weight = "w"}),
                    "shop.csv: line 3: column 'w': expected a weight of zero or more, got -0.5");
  CHECK_THROWS_WITH(parse("a,w\n1,\n", {.numbers = {"a"}, .weight = "w"}),
                    "shop.csv: line 2: column 'w': expected a weight of zero or more, got none");
  CHECK_THROWS_WITH(parse("a,w\n1,heavy\n", {.numbers = {"a"}, .weight = "w"}),
                    "shop.csv: line 2: column 'w': expected a number, got 'heavy'");
}

TEST_CASE("Columns that are not there, twice there or asked for twice are errors") {
  CHECK_THROWS_WITH(parse("age,city\n", {.numbers = {"agee"}}),
                    "shop.csv: line 1: there is no column 'agee'; there are: age, city");
  CHECK_THROWS_WITH(parse("age,city,age\n", {.categories = {"city"}}),
                    "shop.csv: line 1: there are two columns named 'age'");
  CHECK_THROWS_WITH(parse("age,city\n", {.numbers = {"age"}, .labels = {"age"}}),
                    "shop.csv: column 'age' is asked for twice");
  CHECK_THROWS_WITH(parse("age,city\n", {.numbers = {"age"}, .weight = "age"}),
                    "shop.csv: column 'age' is asked for twice");
  CHECK_THROWS_WITH(parse("1\n", {.numbers = {"a"}}, {.header = {"a", "a"}}),
                    "shop.csv: there are two columns named 'a'");
  CHECK_THROWS_WITH(parse("age;city\n1;Cork\n", {.numbers = {"age"}}),
                    "shop.csv: line 1: there is no column 'age'; there are: age;city (one column: is the format's "
                    "separator another one?)");
  CHECK_THROWS_WITH(parse("a\n1\n", {}), "shop.csv: no columns are asked for");
  CHECK(parse("age,,\n1,2,3\n", {.numbers = {"age"}}).size() == 1);  // columns without names are passed over
}

TEST_CASE("A text without any line is an error") {
  for (const char* text : {"", "\n", " \r\n\n", "\xEF\xBB\xBF\n"})
    CHECK_THROWS_WITH(parse(text, {.numbers = {"a"}}), "shop.csv: the file is empty");
  CHECK_THROWS_WITH(parse("", {.numbers = {"a"}}, {.header = {"a"}}), "shop.csv: the file is empty");
}

TEST_CASE("A file on disk reads like its text, and its errors name it") {
  const Folder folder;
  const auto path = folder.path / "orders.csv";
  std::ofstream(path, std::ios::binary) << orders;
  const Table table = read_csv(path, {.numbers = {"age"}, .keys = {"id"}});
  CHECK(table.size() == 3);
  CHECK(table.numbers("age").values[2] == 45.5);
  CHECK(table.source() == path.string());
  CHECK_THROWS_WITH(read_csv(path, {.numbers = {"city"}}),
                    path.string() + ": line 2: column 'city': expected a number, got 'Rome'");

  const auto absent = folder.path / "absent.csv";
  CHECK_THROWS_WITH(read_csv(absent, {.numbers = {"a"}}), absent.string() + ": the file cannot be opened");
  CHECK_THROWS_AS(read_csv(absent, {.numbers = {"a"}}), DataError);
  CHECK_THROWS_WITH(read_csv(folder.path, {.numbers = {"a"}}), containing(": the file cannot be "));

  const auto empty = folder.path / "empty.csv";
  std::ofstream(empty, std::ios::binary).flush();
  CHECK_THROWS_WITH(read_csv(empty, {.numbers = {"a"}}), empty.string() + ": the file is empty");
}

TEST_CASE("Many rows are read whole") {
  std::string text = "id,number,even\n";
  for (int row = 0; row < 5000; ++row)
    text += "key" + std::to_string(row) + "," + std::to_string(row) + ".25," + (row % 2 == 0 ? "yes" : "no") + "\n";
  const Table table = parse(text, {.numbers = {"number"}, .categories = {"even"}, .keys = {"id"}});
  REQUIRE(table.size() == 5000);
  for (Index row = 0; row < 5000; ++row) {
    REQUIRE(table.numbers("number").values[static_cast<std::size_t>(row)] == static_cast<double>(row) + 0.25);
    REQUIRE(table.categories("even").at(row) == (row % 2 == 0 ? "yes" : "no"));
    REQUIRE(table.categories("id").at(row) == "key" + std::to_string(row));
  }
}

TEST_CASE("Whatever bytes a text has, it gives a whole table or a DataError") {
  constexpr std::string_view pieces[] = {"a", "b", ",",    ",",   "\n",           "\n",   "\"",    "\"",   "\r", "\r\n",
                                         " ", "1", "-2.5", "1e5", "\xEF\xBB\xBF", "\xFF", "x y z", "true", "?"};
  Random random(11);
  int read = 0;
  for (int draw = 0; draw < 50000; ++draw) {
    std::string text = random.chance(0.8) ? "a,b\n" : "";
    for (auto count = random.below(14); count > 0; --count) text += pieces[random.below(std::size(pieces))];
    if (random.chance(0.1)) text += '\0';
    const std::vector<char> exact(text.begin(), text.end());  // so that a sanitizer sees a read behind the end
    const bool typed = random.chance(0.5);
    try {
      const Table table = parse({exact.data(), exact.size()},
                                typed ? CsvColumns{.lists = {"b"}, .labels = {"a"}} : CsvColumns{.categories = {"a"}},
                                {.missing = {"?"}, .trim = random.chance(0.5)});
      for (const auto& column : table.columns())
        REQUIRE(std::visit([](const auto& values) { return values.size(); }, column.values) == table.size());
      ++read;
    } catch (const DataError& error) {
      REQUIRE(std::string(error.what()).starts_with("shop.csv: "));
    }
  }
  CHECK(read > 3000);
}
