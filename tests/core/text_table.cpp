#include "polytask/core/text_table.hpp"

#include "catch.hpp"

#include <sstream>
#include <string>

namespace pt = polytask;

TEST_CASE("a table that is wider than a page goes on below") {
  const auto written = [](std::size_t width) {
    pt::TextTable table(1, width);
    table.add({"", "auc", "a long name", "rmse"});
    table.rule();
    table.add({"hard", "0.75", "1", "2.5"});
    table.add({"soft", "0.8", "10"});
    std::ostringstream stream;
    stream << table;
    return stream.str();
  };
  const std::string whole =
      "       auc  a long name  rmse\n"
      "-----------------------------\n"
      "hard  0.75            1   2.5\n"
      "soft   0.8           10      \n";
  CHECK(written(29) == whole);
  CHECK(written(120) == whole);
  CHECK(written(28) ==
        "       auc  a long name\n"
        "-----------------------\n"
        "hard  0.75            1\n"
        "soft   0.8           10\n"
        "\n"
        "      rmse\n"
        "----------\n"
        "hard   2.5\n"
        "soft      \n");
  CHECK(written(1) ==  // a column at a time at least
        "       auc\n----------\nhard  0.75\nsoft   0.8\n\n"
        "      a long name\n-----------------\nhard            1\nsoft           10\n\n"
        "      rmse\n----------\nhard   2.5\nsoft      \n");
}
