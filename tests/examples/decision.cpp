#include "decision.hpp"

#include "catch.hpp"
#include "polytask/core/errors.hpp"

#include <limits>
#include <string>
#include <vector>

using namespace polytask::examples;

namespace {

Decision decision(bool higher_is_better) {
  return {.question = "How much?",
          .unit = "euros",
          .higher_is_better = higher_is_better,
          .digits = 1,
          .simple = {{"nothing", {{"value", 1}, {"share", std::numeric_limits<double>::quiet_NaN()}}},
                     {"everything", {{"value", 3}}}}};
}

Judged judged(double first, double second) {
  return {"model", {{{"value", first}, {"share", 10}}, {{"value", second}, {"share", 20}}}, {}};
}

}  // namespace

TEST_CASE("a decision is held against the best of the simple ones") {
  CHECK(baseline(decision(true)).name == "everything");
  CHECK(baseline(decision(false)).name == "nothing");
  CHECK(beats_baseline(decision(true), judged(2, 5)));
  CHECK_FALSE(beats_baseline(decision(true), judged(3, 3)));
  CHECK_FALSE(beats_baseline(decision(false), judged(1, 1)));
  CHECK(beats_baseline(decision(false), judged(0, 1)));
  CHECK_THROWS_WITH(baseline({.question = "How much?", .unit = "euros"}),
                    "the decision 'How much?' has no simple one to be held against");
}

TEST_CASE("the decision's table has a line a way to decide, and leaves empty what is not defined") {
  const auto lines = decision_lines(decision(true), {judged(2, 4)});
  CHECK(lines == std::vector<std::vector<std::string>>{{"", "value", "share"},
                                                       {"nothing", "1.0", ""},
                                                       {"everything", "3.0", ""},
                                                       {"model", "3.0 +- 1.4", "15.0 +- 7.1"}});
  const auto table = decision_table(decision(false), {judged(2, 4)});
  CHECK(table.find("euros, lower is better.") != std::string::npos);
}
