#include "polytask/data/csv_writer.hpp"

#include "catch.hpp"
#include "folder.hpp"

#include "polytask/core/random.hpp"
#include "polytask/data/csv.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <string>
#include <variant>
#include <vector>

using namespace polytask;

namespace {

using Texts = std::vector<std::string>;
using Lists = std::vector<std::vector<std::string>>;

std::string written(const Table& table, const CsvFormat& format = {}) {
  std::ostringstream stream;
  write_csv(stream, table, format);
  return stream.str();
}

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// What to ask for to read a table back.
CsvColumns columns_of(const Table& table) {
  CsvColumns columns;
  for (const auto& [name, use, values] : table.columns()) {
    if (use == Use::weight)
      columns.weight = name;
    else if (use == Use::key)
      columns.keys.push_back(name);
    else if (std::holds_alternative<NumberColumn>(values))
      (use == Use::label ? columns.labels : columns.numbers).push_back(name);
    else if (std::holds_alternative<CategoryColumn>(values))
      (use == Use::label ? columns.classes : columns.categories).push_back(name);
    else
      columns.lists.push_back(name);
  }
  return columns;
}

void require_equal(const Table& left, const Table& right) {
  REQUIRE(left.size() == right.size());
  REQUIRE(left.columns().size() == right.columns().size());
  for (const auto& column : left.columns()) {
    const auto& other = right.column(column.name);
    REQUIRE(column.use == other.use);
    REQUIRE(column.values.index() == other.values.index());
    if (const auto* numbers = std::get_if<NumberColumn>(&column.values)) {
      const auto& others = std::get<NumberColumn>(other.values).values;
      for (std::size_t row = 0; row < others.size(); ++row) {
        const double value = numbers->values[row];
        REQUIRE((std::isnan(value) ? std::isnan(others[row]) : value == others[row]));
        REQUIRE((std::isnan(value) || std::signbit(value) == std::signbit(others[row])));
      }
    } else if (const auto* categories = std::get_if<CategoryColumn>(&column.values)) {
      REQUIRE(categories->codes == std::get<CategoryColumn>(other.values).codes);
      REQUIRE(categories->names == std::get<CategoryColumn>(other.values).names);
    } else {
      const auto& lists = std::get<ListColumn>(column.values);
      REQUIRE(lists.codes == std::get<ListColumn>(other.values).codes);
      REQUIRE(lists.offsets == std::get<ListColumn>(other.values).offsets);
      REQUIRE(lists.names == std::get<ListColumn>(other.values).names);
    }
  }
}

Index files_in(const std::filesystem::path& folder) {
  return std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator());
}

}  // namespace

TEST_CASE("A table is written with quotes where they are needed and nowhere else") {
  Table table;
  table.add_numbers("age", {31, missing, 0.1, -0.0, 1e300});
  table.add_categories("the \"city\"", Texts{"New York", "a,b", "", "say \"hi\"", " two\nlines"});
  table.add_lists("viewed", Lists{{"tea", "mug"}, {}, {"x,y"}, {"mug"}, {"\xEF"}});
  CHECK(written(table) ==
        "age,\"the \"\"city\"\"\",viewed\n"
        "31,New York,tea mug\n"
        ",\"a,b\",\n"
        "0.1,,\"x,y\"\n"
        "-0,\"say \"\"hi\"\"\",mug\n"
        "1e+300,\" two\nlines\",\"\xEF\"\n");
  CHECK(written(table.rows(std::vector<Index>{1}), {.separator = ';', .header = {"age", "the \"city\"", "viewed"}}) ==
        ";a,b;\n");
}

TEST_CASE("A missing value in the only column is not taken for a blank line") {
  Table table;
  table.add_numbers("a", {missing, 1, missing});
  CHECK(written(table) == "a\n\"\"\n1\n\"\"\n");
  require_equal(parse_csv(written(table), "", columns_of(table)), table);
}

TEST_CASE("Random tables written and read back are equal") {
  constexpr std::string_view pieces[] = {"a",        "b", ",", ";", "\"", "\n",  "\r", " ", "\t", "|", "\xEF\xBB\xBF",
                                         "\xC3\xA9", "1", "-", ".", "NA", "\xFF"};
  Random random(13);
  const auto any_text = [&](std::string_view without) {
    std::string made;
    while (made.empty() || made.find_first_of(without) != std::string::npos || made == "?") {
      made.clear();
      for (auto count = 1 + random.below(5); count > 0; --count) made += pieces[random.below(std::size(pieces))];
      if (random.chance(0.05)) made += '\0';
    }
    return made;
  };
  const auto any_number = [&] {
    switch (random.below(5)) {
      case 0:
        return missing;
      case 1:
        return static_cast<double>(random.below(100)) / 4 - 5;
      case 2:
        return random.normal() * 1e-310;
      case 3:
        return random.normal() * std::pow(10, random.uniform(-300, 300));
      default:
        return random.chance(0.5) ? -0.0 : random.uniform();
    }
  };
  for (int draw = 0; draw < 3000; ++draw) {
    const CsvFormat format{.separator = ",;\t |\xFF"[random.below(6)],
                           .list_separator = " |,;\n\""[random.below(6)],
                           .missing = {"?"},
                           .trim = random.chance(0.5)};
    const auto rows = random.below(6);
    const auto columns = 1 + random.below(6);
    Table table;
    for (std::size_t column = 0; column < columns; ++column) {
      const std::string name = any_text("") + std::to_string(column);
      const auto kind = random.below(7);
      std::vector<double> numbers;
      Texts texts;
      Lists lists;
      for (std::size_t row = 0; row < rows; ++row) {
        numbers.push_back(any_number());
        texts.push_back(random.chance(0.2) ? "" : any_text(""));
        auto& items = lists.emplace_back();
        for (auto count = random.below(4); count > 0; --count)
          items.push_back(any_text(std::string_view(&format.list_separator, 1)));
      }
      if (kind == 0 && columns == 1) {
        for (double& number : numbers) number = std::isnan(number) ? 1 : std::abs(number);
        table.add_numbers(name, numbers, Use::weight);
      } else if (kind <= 2) {
        table.add_numbers(name, numbers, kind == 1 ? Use::feature : Use::label);
      } else if (kind <= 5) {
        table.add_categories(name, texts, kind == 3 ? Use::feature : kind == 4 ? Use::label : Use::key);
      } else {
        table.add_lists(name, lists);
      }
    }
    const std::string file = written(table, format);
    INFO(file);
    require_equal(parse_csv(file, "", columns_of(table), format), table);
  }
}

TEST_CASE("What would not be read back is refused, naming column and row") {
  const auto refused = [](const Table& table, const CsvFormat& format, const std::string& message) {
    CHECK_THROWS_AS(written(table, format), DataError);
    CHECK_THROWS_WITH(written(table, format), message);
  };
  constexpr double infinity = std::numeric_limits<double>::infinity();
  refused(Table("t").add_numbers("a", {1, infinity}), {}, "t: column 'a', row 1: an infinite number cannot be written");
  refused(Table().add_categories("a", Texts{"?"}), {.missing = {"?"}},
          "column 'a', row 0: the value '?' cannot be written, it would be read as missing");
  refused(Table().add_numbers("a", {1, -1}), {.missing = {"-1"}},
          "column 'a', row 1: the value '-1' cannot be written, it would be read as missing");
  refused(Table().add("a", Use::feature, CategoryColumn{{0}, {""}}), {},
          "column 'a', row 0: the value '' cannot be written, it would be read as missing");
  refused(Table().add_lists("a", Lists{{"tea cup"}}), {},
          "column 'a', row 0: the list item 'tea cup' cannot be written, it is empty or holds the separator of lists");
  refused(Table().add_lists("a", Lists{{"x", ""}}), {},
          "column 'a', row 0: the list item '' cannot be written, it is empty or holds the separator of lists");
  refused(Table().add_numbers("", {1}), {}, "a column without a name cannot be written");
  refused(Table("t"), {}, "t: a table without columns cannot be written");
  CHECK_THROWS_AS(written(Table().add_numbers("a", {1}), {.separator = '\n'}), ArgumentError);
}

TEST_CASE("A file is replaced as a whole or not at all") {
  const Folder folder;
  const auto path = folder.path / "table.csv";
  Table table;
  table.add_numbers("a", {1, 2});
  write_csv(path, table);
  CHECK(content(path) == "a\n1\n2\n");
  require_equal(read_csv(path, columns_of(table)), table);

  Table wrong;
  wrong.add_numbers("a", {1, std::numeric_limits<double>::infinity()});
  CHECK_THROWS_AS(write_csv(path, wrong), DataError);
  CHECK(content(path) == "a\n1\n2\n");

  write_csv(path, table.rows(std::vector<Index>{1}));
  CHECK(content(path) == "a\n2\n");
  CHECK(files_in(folder.path) == 1);  // nothing is left beside it
}

TEST_CASE("A file that cannot be written is a FileError that names it") {
  const Folder folder;
  Table table;
  table.add_numbers("a", {1});
  const auto nowhere = folder.path / "absent" / "table.csv";
  CHECK_THROWS_AS(write_csv(nowhere, table), FileError);
  CHECK_THROWS_WITH(write_csv(nowhere, table), nowhere.string() + ": the file cannot be written");

  const auto taken = folder.path / "folder";
  std::filesystem::create_directories(taken / "inner");
  CHECK_THROWS_AS(write_csv(taken, table), FileError);
  CHECK_THROWS_WITH(write_csv(taken, table), taken.string() + ": the file cannot be written");
  CHECK(files_in(folder.path) == 1);

  std::ostringstream stream;
  stream.setstate(std::ios::badbit);
  CHECK_THROWS_AS(write_csv(stream, table), FileError);
  CHECK_THROWS_WITH(write_csv(stream, table), "the table could not be written to the stream");
}

TEST_CASE("A header that is given says in which order columns are written") {
  const CsvFormat format{.header = {"b", "a"}};
  const CsvColumns columns{.numbers = {"a", "b"}};
  const Table table = parse_csv("1,2\n3,4\n", "t.csv", columns, format);
  std::ostringstream stream;
  write_csv(stream, table, format);
  CHECK(stream.str() == "1,2\n3,4\n");
  CHECK(parse_csv(stream.str(), "t.csv", columns, format).numbers("a").values == std::vector<double>{2, 4});
  CHECK_THROWS_WITH(write_csv(stream, table, {.header = {"a"}}),
                    containing("column 'b' must be named once by the header"));
  CHECK_THROWS_WITH(write_csv(stream, table, {.header = {"a", "b", "a"}}), containing("column 'a' must be named once"));
  CHECK_THROWS_WITH(write_csv(stream, table, {.header = {"a", "b", "c"}}), containing("there is no column 'c'"));
}
