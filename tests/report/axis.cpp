#include "catch.hpp"

#include "polytask/report/axis.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace pt = polytask;

namespace {

std::vector<double> values(const pt::Axis& axis) {
  std::vector<double> found;
  for (const auto& tick : axis.ticks) found.push_back(tick.value);
  return found;
}

std::vector<std::string> labels(const pt::Axis& axis) {
  std::vector<std::string> found;
  for (const auto& tick : axis.ticks) found.push_back(tick.label);
  return found;
}

using Labels = std::vector<std::string>;

}  // namespace

TEST_CASE("ticks of a linear axis are at round numbers") {
  CHECK(labels(pt::linear_axis(0, 1)) == Labels{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"});
  CHECK(labels(pt::linear_axis(0, 100)) == Labels{"0", "20", "40", "60", "80", "100"});
  CHECK(labels(pt::linear_axis(0.38, 0.72)) == Labels{"0.4", "0.5", "0.6", "0.7"});
  CHECK(labels(pt::linear_axis(0, 1.2, {.most_ticks = 5})) == Labels{"0.00", "0.25", "0.50", "0.75", "1.00"});
  CHECK(labels(pt::linear_axis(-3, 3)) == Labels{"-2", "0", "2"});
  CHECK(labels(pt::linear_axis(-0.75, -0.25)) == Labels{"-0.7", "-0.6", "-0.5", "-0.4", "-0.3"});
  CHECK(labels(pt::linear_axis(0, 40000)) == Labels{"0", "10,000", "20,000", "30,000", "40,000"});
}

TEST_CASE("ticks of very large and very small numbers have exponents") {
  CHECK(labels(pt::linear_axis(0, 1e9)) == Labels{"0", "0.2e9", "0.4e9", "0.6e9", "0.8e9", "1.0e9"});
  CHECK(labels(pt::linear_axis(0, 1e9, {.most_ticks = 5})) == Labels{"0", "0.25e9", "0.50e9", "0.75e9", "1.00e9"});
  CHECK(labels(pt::linear_axis(1e-9, 3e-9, {.most_ticks = 5})) ==
        Labels{"1.0e-9", "1.5e-9", "2.0e-9", "2.5e-9", "3.0e-9"});
  CHECK(labels(pt::linear_axis(-2e9, 0, {.most_ticks = 3})) == Labels{"-2e9", "-1e9", "0"});
}

TEST_CASE("a range without width is given one") {
  const auto axis = pt::linear_axis(4, 4);
  CHECK(axis.low == 2);
  CHECK(axis.high == 6);
  CHECK(axis.share(4) == 0.5);
  CHECK(labels(pt::linear_axis(0, 0)) == Labels{"-1.0", "-0.5", "0.0", "0.5", "1.0"});
  CHECK(pt::linear_axis(1e9, 1e9).share(1e9) == 0.5);
  CHECK(pt::linear_axis(-1e-9, -1e-9).share(-1e-9) == Approx(0.5));
  // less than a double can tell
  CHECK(pt::linear_axis(1e9, std::nextafter(1e9, 2e9)).high == Approx(1.5e9));
}

TEST_CASE("whole numbers have no ticks between them") {
  CHECK(labels(pt::linear_axis(1, 3, {.whole = true})) == Labels{"1", "2", "3"});
  CHECK(labels(pt::linear_axis(1, 1, {.whole = true})) == Labels{"1"});
  CHECK(labels(pt::linear_axis(1, 14, {.whole = true})) == Labels{"5", "10"});
  CHECK(labels(pt::linear_axis(1, 14, {.most_ticks = 7, .whole = true})) ==
        Labels{"2", "4", "6", "8", "10", "12", "14"});
}

TEST_CASE("a margin widens an axis at both ends") {
  const auto axis = pt::linear_axis(0, 10, {.margin = 0.1});
  CHECK(axis.low == -1);
  CHECK(axis.high == 11);
}

TEST_CASE("every linear axis has at least two ticks and no more than asked for") {
  for (int exponent = -9; exponent <= 9; ++exponent)
    for (double low = -7.3; low < 8; low += 0.9)
      for (double width = 0.31; width < 10; width *= 1.37)
        for (int most = 2; most <= 8; ++most) {
          const double unit = std::pow(10, exponent);
          const auto axis = pt::linear_axis(low * unit, (low + width) * unit, {.most_ticks = most});
          const auto count = static_cast<int>(axis.ticks.size());
          if (count > most || (most >= 5 && count < 2)) FAIL(low << " " << width << " " << most << " " << count);
          for (const auto& tick : axis.ticks)
            if (axis.share(tick.value) < -1e-6 || axis.share(tick.value) > 1 + 1e-6) FAIL(low << " " << width);
        }
}

TEST_CASE("ticks of a logarithmic axis are at powers of ten and parts of them") {
  CHECK(labels(pt::logarithmic_axis(1, 1000)) == Labels{"1", "10", "100", "1000"});
  CHECK(labels(pt::logarithmic_axis(0.05, 2)) == Labels{"0.05", "0.1", "0.2", "0.5", "1", "2"});
  CHECK(labels(pt::logarithmic_axis(1e-9, 1e9)) == Labels{"1e-8", "1e-4", "1", "10,000", "1e8"});
  CHECK(labels(pt::logarithmic_axis(3, 4.4, {.most_ticks = 4})) == Labels{"3.0", "3.5", "4.0"});
  CHECK(pt::logarithmic_axis(1, 100).share(10) == Approx(0.5));
  CHECK(pt::logarithmic_axis(7, 7).share(7) == Approx(0.5));
}

TEST_CASE("labels below an axis do not touch") {
  for (const double high : {1.0, 1e3, 1e5, 1e6, 3e-7, 12345678.0})
    for (const double length : {60.0, 120.0, 300.0}) {
      const auto axis = pt::fitted_axis(-high, high, false, length, 12, true);
      CHECK(axis.ticks.size() >= 1);
      CHECK(pt::labels_fit(axis, length, 12));
    }
  CHECK(values(pt::fitted_axis(0, 100000, false, 1000, 12, true)).size() == 6);
  CHECK(values(pt::fitted_axis(0, 100000, false, 90, 12, true)) == std::vector<double>{0, 100000});
}

TEST_CASE("an axis that cannot be says why") {
  CHECK_THROWS_WITH(pt::linear_axis(0, NAN), containing("an axis cannot go from 0 to nan"));
  CHECK_THROWS_WITH(pt::linear_axis(2, 1), containing("an axis cannot go from 2 to 1"));
  CHECK_THROWS_WITH(pt::linear_axis(0, 1, {.most_ticks = 1}), containing("at least 2 ticks, not 1"));
  CHECK_THROWS_WITH(pt::logarithmic_axis(0, 1), containing("a logarithmic axis cannot begin at 0"));
}

TEST_CASE("an axis of extreme numbers has ticks or says why not") {
  CHECK(pt::linear_axis(0, 5e-324).ticks.size() >= 2);
  CHECK(pt::linear_axis(-1e-310, 1e-310).ticks.size() >= 2);
  CHECK(pt::linear_axis(-1e200, 1e240).ticks.size() >= 2);
  CHECK_THROWS_WITH(pt::linear_axis(-1e308, 1e308), containing("an axis cannot go from -1e+308 to 1e+308"));
  const auto wide = pt::logarithmic_axis(1e-200, 1e200, {.margin = 0.05});
  CHECK(wide.ticks.size() >= 2);
  CHECK(wide.share(1) == Approx(0.5));
  CHECK_THROWS_WITH(pt::logarithmic_axis(1e-300, 1), containing("a logarithmic axis cannot begin at 1e-300"));
}
