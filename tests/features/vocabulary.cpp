#include "polytask/features/vocabulary.hpp"

#include "catch.hpp"

#include <any>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace polytask;

namespace {

using Rows = std::vector<std::int32_t>;

/// A table with a category column "brand" and a list column "viewed".
Table shop() {
  Table table;
  table.add_categories("brand",
                       std::vector<std::string>{"rare", "beta", "alpha", "beta", "", "alpha", "gamma", "gamma"});
  table.add_lists("viewed", std::vector<std::vector<std::string>>{
                                {"gamma"}, {"gamma", "delta"}, {}, {"gamma"}, {"delta"}, {}, {}, {"epsilon"}});
  return table;
}

std::map<std::string, std::any> saved(const Vocabulary& vocabulary) {
  std::map<std::string, std::any> values;
  Vocabulary::configuration(vocabulary, [&](const std::string& name, const auto& value) { values[name] = value; });
  return values;
}

Vocabulary loaded(const std::map<std::string, std::any>& values) {
  Vocabulary vocabulary;
  Vocabulary::configuration(vocabulary, [&]<class Value>(const std::string& name, Value& value) {
    value = std::any_cast<Value>(values.at(name));
  });
  return vocabulary;
}

}  // namespace

TEST_CASE("Known texts have rows by frequency, ties by name, after the unknown and the missing entry") {
  const auto table = shop();
  const auto vocabulary = Vocabulary::fit({table.categories("brand")});
  CHECK(vocabulary.size() == 6);
  CHECK(vocabulary.name(0) == "(unknown)");
  CHECK(vocabulary.name(1) == "(missing)");
  CHECK(vocabulary.name(2) == "alpha");
  CHECK(vocabulary.name(3) == "beta");
  CHECK(vocabulary.name(4) == "gamma");
  CHECK(vocabulary.name(5) == "rare");
  CHECK(vocabulary.row("gamma") == 4);
  CHECK(vocabulary.row("never seen") == 0);
  CHECK(vocabulary.row("(missing)") == 0);
  CHECK(vocabulary.row("") == 1);
  CHECK(vocabulary.missing_row() == 1);
  CHECK(vocabulary.encode(table.categories("brand")) == Rows{5, 3, 2, 3, 1, 2, 4, 4});
}

TEST_CASE("The translation table has one row for each name, in the order of the codes of another table") {
  const auto table = shop();
  const auto vocabulary = Vocabulary::fit({table.categories("brand")});
  const std::vector<std::string> names{"new", "gamma", "alpha"};
  CHECK(vocabulary.rows_of(names) == Rows{0, 4, 2});
}

TEST_CASE("A missing text is unknown when training had none missing") {
  Table table;
  table.add_categories("city", std::vector<std::string>{"Rome", "Oslo", "Oslo"});
  const auto vocabulary = Vocabulary::fit({table.categories("city")});
  CHECK(vocabulary.size() == 3);
  CHECK(vocabulary.name(1) == "Oslo");
  CHECK(vocabulary.row("Oslo") == 1);
  CHECK(vocabulary.row("") == 0);
  CHECK(vocabulary.missing_row() == 0);

  Table later;
  later.add_categories("city", std::vector<std::string>{"", "Rome", "Paris"});
  CHECK(vocabulary.encode(later.categories("city")) == Rows{0, 2, 0});
}

TEST_CASE("Texts rarer than the minimum count are unknown, and so is a rare missing value") {
  const auto table = shop();
  const auto vocabulary = Vocabulary::fit({table.categories("brand")}, {.minimum_count = 2});
  CHECK(vocabulary.size() == 4);
  CHECK(vocabulary.encode(table.categories("brand")) == Rows{0, 2, 1, 2, 0, 1, 3, 3});
}

TEST_CASE("Columns that share a vocabulary are counted together") {
  const auto table = shop();
  const auto vocabulary = Vocabulary::fit({table.categories("brand"), table.lists("viewed")});
  // gamma 5; alpha, beta, delta 2; epsilon, rare 1
  CHECK(vocabulary.size() == 8);
  CHECK(vocabulary.encode(table.lists("viewed")) == Rows{2, 2, 5, 2, 5, 6});
  CHECK(vocabulary.encode(table.categories("brand")) == Rows{7, 4, 3, 4, 1, 3, 2, 2});

  const auto frequent = Vocabulary::fit({table.categories("brand"), table.lists("viewed")}, {.minimum_count = 3});
  CHECK(frequent.size() == 2);
  CHECK(frequent.row("gamma") == 1);
}

TEST_CASE("Names that no row of the training part uses are unknown") {
  const auto table = shop();
  const std::vector<Index> chosen{1, 3, 6};
  const auto part = table.rows(chosen);  // keeps all names
  const auto vocabulary = Vocabulary::fit({part.categories("brand")});
  CHECK(vocabulary.size() == 3);
  CHECK(vocabulary.name(1) == "beta");
  CHECK(vocabulary.name(2) == "gamma");
  CHECK(vocabulary.row("alpha") == 0);
}

TEST_CASE("The order of the rows in the file does not change a vocabulary") {
  const auto table = shop();
  const std::vector<Index> reversed{7, 6, 5, 4, 3, 2, 1, 0};
  const auto other = table.rows(reversed);
  CHECK(Vocabulary::fit({table.categories("brand"), table.lists("viewed")}) ==
        Vocabulary::fit({other.lists("viewed"), other.categories("brand")}));
}

TEST_CASE("A vocabulary of nothing has the unknown entry alone") {
  Table table;
  table.add_categories("empty", std::vector<std::string>{});
  for (const auto& vocabulary : {Vocabulary(), Vocabulary::fit({}), Vocabulary::fit({table.categories("empty")})}) {
    CHECK(vocabulary.size() == 1);
    CHECK(vocabulary.row("anything") == 0);
    CHECK(vocabulary.row("") == 0);
  }
}

TEST_CASE("A column of missing texts has the unknown and the missing entry") {
  Table table;
  table.add_categories("note", std::vector<std::string>{"", ""});
  const auto vocabulary = Vocabulary::fit({table.categories("note")});
  CHECK(vocabulary.size() == 2);
  CHECK(vocabulary.encode(table.categories("note")) == Rows{1, 1});
}

TEST_CASE("The hash of a text is the same everywhere") {
  static_assert(text_hash("a") == 0x02C0BDBF481420F8u);
  CHECK(text_hash("") == 0xF52A15E9A9B5E89Bu);
  CHECK(text_hash("product 17") == 0x74D9C955D9CE5BFCu);
  CHECK(text_hash("Z\xC3\xBCrich") == 0xC65E9341AF283A5Du);
}

TEST_CASE("Hashed texts fall into fixed buckets, known or not") {
  const auto table = shop();
  SECTION("with a missing entry") {
    const auto vocabulary = Vocabulary::fit({table.categories("brand")}, {.hash_buckets = 1000});
    CHECK(vocabulary.size() == 1002);
    CHECK(vocabulary.row("") == 1);
    CHECK(vocabulary.row("a") == 2 + 736);
    CHECK(vocabulary.row("product 17") == 2 + 900);
    CHECK(vocabulary.row("Z\xC3\xBCrich") == 2 + 485);
    CHECK(vocabulary.name(1) == "(missing)");
    CHECK(vocabulary.name(738) == "(bucket 736)");
    CHECK(vocabulary.name(1001) == "(bucket 999)");
  }
  SECTION("without one") {
    const auto vocabulary = Vocabulary::fit({table.lists("viewed")}, {.hash_buckets = 100});
    CHECK(vocabulary.size() == 101);
    CHECK(vocabulary.row("a") == 1 + 36);
    CHECK(vocabulary.row("") == 0);
    CHECK(vocabulary.name(37) == "(bucket 36)");
    const auto rows = vocabulary.encode(table.lists("viewed"));
    CHECK(rows[0] == vocabulary.row("gamma"));
    CHECK(rows[2] == vocabulary.row("delta"));
  }
}

TEST_CASE("Similar texts spread over all buckets") {
  const auto vocabulary = Vocabulary::fit({}, {.hash_buckets = 64});
  std::map<std::int32_t, int> counts;
  for (int product = 0; product < 6400; ++product) ++counts[vocabulary.row("product " + std::to_string(product))];
  CHECK(counts.size() == 64);
  for (const auto& [row, count] : counts) {
    INFO(row);
    CHECK(count > 60);
    CHECK(count < 140);
  }
}

TEST_CASE("Every one of many texts is found again, also in a copy") {
  std::vector<std::string> names;
  for (int product = 0; product < 5000; ++product) names.push_back("product " + std::to_string(product));
  Table table;
  table.add_categories("product", names);
  Vocabulary copy;
  {
    const auto vocabulary = Vocabulary::fit({table.categories("product")});
    copy = vocabulary;
  }
  std::set<std::int32_t> rows;
  for (const auto& name : names) {
    const auto row = copy.row(name);
    REQUIRE(copy.name(row) == name);
    rows.insert(row);
  }
  CHECK(rows.size() == 5000);
  CHECK(copy.row("product 5000") == 0);
}

TEST_CASE("A vocabulary is saved and loaded whole") {
  const auto table = shop();
  for (const auto& options :
       {VocabularyOptions{}, VocabularyOptions{.minimum_count = 2}, VocabularyOptions{.hash_buckets = 9}}) {
    const auto vocabulary = Vocabulary::fit({table.categories("brand")}, options);
    const auto again = loaded(saved(vocabulary));
    CHECK(again == vocabulary);
    CHECK(again.encode(table.categories("brand")) == vocabulary.encode(table.categories("brand")));
  }
  auto damaged = saved(Vocabulary());
  damaged["names"] = std::vector<std::string>{"one", "two", "one"};
  CHECK_THROWS_AS(loaded(damaged), ArgumentError);
  CHECK_THROWS_WITH(loaded(damaged), containing("holds the text 'one' twice"));
  damaged = saved(Vocabulary());
  damaged["hash_buckets"] = Index{-3};
  CHECK_THROWS_WITH(loaded(damaged), containing("has -3 hash buckets"));
}

TEST_CASE("Options out of range are refused with their value") {
  const auto fit = [](VocabularyOptions options) { return Vocabulary::fit({}, options); };
  CHECK_THROWS_AS(fit({.minimum_count = 0}), ArgumentError);
  CHECK_THROWS_WITH(fit({.minimum_count = 0}), containing("minimum_count must be at least 1, not 0"));
  CHECK_THROWS_WITH(fit({.hash_buckets = -1}), containing("hash_buckets must be 0 .. 2147483645, not -1"));
  CHECK_THROWS_WITH(fit({.minimum_count = 5, .hash_buckets = 10}), containing("minimum_count must stay 1, not 5"));
  const Vocabulary vocabulary;
  CHECK_THROWS_AS(vocabulary.name(1), ArgumentError);
  CHECK_THROWS_WITH(vocabulary.name(1), containing("there is no row 1 in a vocabulary of 1 rows"));
  CHECK_THROWS_WITH(vocabulary.name(-1), containing("there is no row -1"));
}
