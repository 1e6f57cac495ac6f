#include "polytask/data/number_text.hpp"

#include "catch.hpp"

#include <cmath>
#include <limits>

using namespace polytask;

TEST_CASE("Long numbers are read exactly, and what is no finite number is refused") {
  double value = 0;
  CHECK((parse_number("1e-3", value) && value == 1e-3));
  CHECK((parse_number("+0.5", value) && value == 0.5));
  CHECK((parse_number("9007199254740993", value) && value == 9007199254740992.0));
  CHECK((parse_number("0.1000000000000000055511151231257827", value) && value == 0.1));
  CHECK((parse_number("4.9e-324", value) && value == 4.9e-324));
  CHECK((parse_number("1e-400", value) && value == 0 && !std::signbit(value)));
  CHECK((parse_number("-0.1e-400", value) && value == 0 && std::signbit(value)));
  for (const char* other : {"", "+", "-", "+-1", "++1", "nan", "NaN", "inf", "-inf", "infinity", "1e400", "-1e5000",
                            "0x10", "1,5", "1 ", " 1", "1e", "1d3", "one"}) {
    INFO(other);
    CHECK_FALSE(parse_number(other, value));
  }
}

TEST_CASE("A number's text is as short as reading it back allows") {
  CHECK(shortest_text(1234567) == "1234567");
  CHECK(shortest_text(0.1) == "0.1");
  CHECK(shortest_text(-1.0 / 3) == "-0.3333333333333333");
  double value = 0;
  for (const double number : {1e300, -4.9e-324, (std::numeric_limits<double>::max)(), 2.0 / 7})
    CHECK((parse_number(shortest_text(number), value) && value == number));
}
