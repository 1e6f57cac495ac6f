#include "polytask/core/by_name.hpp"

#include "catch.hpp"

#include "polytask/core/errors.hpp"

#include <string>
#include <vector>

using polytask::ByName;

TEST_CASE("values are found by their names, in the order in which they were given") {
  const ByName<double> weights{{"spend", 0.2}, {"click", 1}, {"", 3}};
  REQUIRE(weights.size() == 3);
  CHECK(*weights.find("spend") == 0.2);
  CHECK(*weights.find("click") == 1);
  CHECK(*weights.find("") == 3);
  CHECK(weights.find("clic") == nullptr);
  std::vector<std::string> names;
  for (const auto& [name, value] : weights) names.push_back(name);
  CHECK(names == std::vector<std::string>{"spend", "click", ""});
}

TEST_CASE("nothing is found where nothing was given") {
  const ByName<std::string> none;
  CHECK(none.empty());
  CHECK(none.find("click") == nullptr);
  CHECK_FALSE(ByName<std::string>{{"click", "a text"}}.empty());  // one pair, not two names
}

TEST_CASE("a value is replaced or added by its name") {
  ByName<double> weights{{"click", 1}, {"spend", 2}};
  weights["click"] = 5;
  weights["returns"] += 7;
  REQUIRE(weights.size() == 3);
  CHECK(*weights.find("click") == 5);
  CHECK(*weights.find("spend") == 2);
  CHECK(*weights.find("returns") == 7);
}

TEST_CASE("a name that is given twice is refused") {
  CHECK_THROWS_AS((ByName<double>{{"click", 1}, {"spend", 2}, {"click", 1}}), polytask::ArgumentError);
  CHECK_THROWS_WITH((ByName<double>{{"click", 1}, {"click", 2}}), "'click' is named twice");
}
