#include "polytask/core/random.hpp"

#include "catch.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

using namespace polytask;

namespace {

/// A generator whose next number is known; the keys were found by inverting the finaliser.
Random about_to_draw(std::uint64_t key) { return Random::from_state({key, 0}); }

}  // namespace

// All expected numbers of this test were computed by another program, in exact integers and 40 digits.
TEST_CASE("the numbers of a seed are fixed for ever, on every platform") {
  CHECK(Random(0).state().first == 0xE220A8397B1DCDAFu);  // the first number of SplitMix64 from 0, as published
  Random random(42);
  for (const std::uint64_t expected :
       {0x57E1FABA65107204u, 0xF4ABD143FEB24055u, 0x7C816738C12903B2u, 0x113E5DEC6F8FD8A8u})
    CHECK(random.bits() == expected);
  auto third = Random(42).stream(3);
  CHECK(third.bits() == 0xC38ACEB2034A337Bu);
  CHECK(third.bits() == 0x818B99C671DCB928u);
  CHECK(Random().bits() == 0xA706DD2F4D197E6Fu);

  random = Random(42);
  for (const double expected : {0x1.5f87eae99441cp-2, 0x1.e957a287fd648p-1, 0x1.f2059ce304a40p-2})
    CHECK(random.uniform() == expected);
  random = Random(42);
  for (const std::uint64_t expected : {343, 955, 486, 67, 676, 67, 195, 734}) CHECK(random.below(1000) == expected);
  random = Random(42);  // a bound for which a quarter of the draws are thrown away
  for (const std::uint64_t expected :
       {13222811442178535487u, 6728674069616444101u, 9365168545131778410u, 934009506133678217u, 10164900197230333354u,
        1540994329991107199u, 8869312222618691185u, 3146785751337135997u})
    CHECK(random.below(std::uint64_t{3} << 62) == expected);
  CHECK(random.state().second == 13);
  random = Random(42);
  for (const double expected : {-0.40349536446955696, 1.7033288326736681, -0.034223317738654882, -1.4957616190988268,
                                0.45909141364807163, -1.4945930359105212})
    CHECK(random.normal() == Approx(expected).epsilon(4e-15));
  random = Random(42);
  std::vector<int> items(10);
  std::iota(items.begin(), items.end(), 0);
  random.shuffle(items);
  CHECK(items == std::vector<int>{1, 7, 2, 5, 6, 4, 0, 9, 8, 3});
}

TEST_CASE("uniform numbers are in [0, 1) and have the moments of the uniform distribution") {
  CHECK(about_to_draw(0x61C8864680B583EBu).uniform() == 0);              // 64 zero bits
  CHECK(about_to_draw(0x31628AF67B2131ABu).uniform() == 1 - 0x1.0p-53);  // 64 one bits
  Random random(1);
  constexpr int count = 200000;
  std::array<double, 4> moments{};
  std::array<int, 10> tenths{};
  for (int draw = 0; draw < count; ++draw) {
    const double value = random.uniform();
    double power = 1;
    for (double& moment : moments) moment += (power *= value) / count;
    ++tenths[static_cast<std::size_t>(10 * value)];
  }
  for (std::size_t power = 0; power < 4; ++power)
    CHECK(moments[power] == Approx(1 / (static_cast<double>(power) + 2)).margin(4 * 0.3 / std::sqrt(count)));
  for (const int tenth : tenths) CHECK(tenth == Approx(count / 10).margin(5 * std::sqrt(count * 0.09)));
  for (int draw = 0; draw < 1000; ++draw) {
    const double value = random.uniform(-3, 5);
    REQUIRE((value >= -3 && value < 5));
  }
}

TEST_CASE("numbers below a bound come equally often") {
  Random random(2);
  for (const std::uint64_t bound : {1u, 2u, 3u, 5u, 6u, 7u, 10u, 13u, 100u}) {
    const double each = 2000;
    std::vector<double> counts(bound, 0);
    for (int draw = 0; draw < static_cast<int>(each) * static_cast<int>(bound); ++draw)
      ++counts.at(random.below(bound));
    double chi_square = 0;
    for (const double found : counts) chi_square += (found - each) * (found - each) / each;
    const double freedom = static_cast<double>(bound) - 1;
    INFO("below(" << bound << ")");
    CHECK(chi_square <= freedom + 4 * std::sqrt(2 * freedom));
    if (bound > 3) CHECK(chi_square >= freedom - 4 * std::sqrt(2 * freedom));
  }
}

TEST_CASE("bounds that are no power of two are unbiased even where a remainder would be far off") {
  // of 64 random bits modulo 3 * 2^62 the first third would come twice as often
  Random random(3);
  std::array<int, 3> thirds{};
  for (int draw = 0; draw < 30000; ++draw) ++thirds[random.below(std::uint64_t{3} << 62) >> 62];
  for (const int third : thirds) CHECK(third == Approx(10000).margin(5 * std::sqrt(30000 * 2.0 / 9)));
}

TEST_CASE("normal numbers are exact quantiles of uniform ones") {
  const std::map<std::uint64_t, double> quantiles{
      {0x61C8864680B583EBu, -8.2095361516013869},  // the least number: 2^-53
      {0x31628AF67B2131ABu, 8.2095361516013869},   // the largest
      {0xD64D9D670C16AEB8u, -8.0140159487755457},  // in the far tail
      {0xA6562D1CC8A70B75u, -5.2947040845142037},  // just inside the far tail
      {0x66381BF22AB3A280u, 1.4395314709384570},   // on either side of the border of the central formula
      {0x367CA13C4F815A0Bu, 1.4395321773759005},     {0x76FE6E31C1AE9167u, -1.4395314709384554},
      {0x2FEDF1EFCE1D5545u, 2.7829164246717669e-16},  // next to the middle
      {0x0D4F88B4067761BDu, -2.7829164246717669e-16}};
  for (const auto& [key, quantile] : quantiles) CHECK(std::abs(about_to_draw(key).normal() / quantile - 1) < 1e-14);
}

TEST_CASE("normal numbers have the moments of the normal distribution") {
  Random random(4);
  constexpr int count = 400000;
  std::array<double, 6> moments{};
  int beyond_two = 0;
  for (int draw = 0; draw < count; ++draw) {
    const double value = random.normal();
    double power = 1;
    for (double& moment : moments) moment += (power *= value) / count;
    beyond_two += std::abs(value) > 2;
  }
  const std::array<double, 6> expected{0, 1, 0, 3, 0, 15};
  const std::array<double, 6> deviation{
      1, std::sqrt(2.0), std::sqrt(15.0), std::sqrt(96.0), std::sqrt(945.0), std::sqrt(10395.0 - 225)};
  for (std::size_t power = 0; power < 6; ++power)
    CHECK(moments[power] == Approx(expected[power]).margin(4 * deviation[power] / std::sqrt(count)));
  CHECK(beyond_two == Approx(0.0455002639 * count).margin(4 * std::sqrt(0.0455 * count)));
  auto one = Random(5);
  auto other = Random(5);
  CHECK(one.normal(10, 3) == 10 + 3 * other.normal());
}

TEST_CASE("a chance comes with its probability") {
  Random random(6);
  int hits = 0;
  for (int draw = 0; draw < 100000; ++draw) {
    hits += random.chance(0.3);
    REQUIRE_FALSE(random.chance(0));
    REQUIRE(random.chance(1));
  }
  CHECK(hits == Approx(30000).margin(4 * std::sqrt(21000)));
}

TEST_CASE("a shuffle is a permutation, and every order of three is equally likely") {
  Random random(7);
  std::vector<int> many(1000);
  std::iota(many.begin(), many.end(), 0);
  auto shuffled = many;
  random.shuffle(shuffled);
  CHECK(shuffled != many);
  std::sort(shuffled.begin(), shuffled.end());
  CHECK(shuffled == many);

  std::map<std::string, int> orders;
  for (int draw = 0; draw < 60000; ++draw) {
    std::string letters = "abc";
    random.shuffle(letters);
    ++orders[letters];
  }
  CHECK(orders.size() == 6);
  for (const auto& [order, count] : orders) {
    INFO(order);
    CHECK(count == Approx(10000).margin(4 * std::sqrt(60000 * 5.0 / 36)));
  }
  std::vector<int> none;
  random.shuffle(none);
  std::vector<int> one{3};
  random.shuffle(one);
  CHECK(one == std::vector<int>{3});
}

TEST_CASE("streams and seeds have different numbers, unrelated to each other") {
  std::set<std::uint64_t> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (std::uint64_t number = 0; number < 20; ++number) {
      auto stream = Random(seed).stream(number);
      for (int draw = 0; draw < 25; ++draw) seen.insert(stream.bits());
      auto inner = Random(100).stream(seed).stream(number);
      for (int draw = 0; draw < 25; ++draw) seen.insert(inner.bits());
    }
  CHECK(seen.size() == 20 * 20 * 50);
  // neighbours: seeds, streams, and a stream of a stream
  const std::vector<std::pair<Random, Random>> pairs{{Random(8), Random(9)},
                                                     {Random(8).stream(0), Random(8).stream(1)},
                                                     {Random(8), Random(8).stream(0)},
                                                     {Random(8).stream(1).stream(2), Random(8).stream(2).stream(1)}};
  for (auto [left, right] : pairs) {
    double product = 0;
    for (int draw = 0; draw < 100000; ++draw) product += (left.uniform() - 0.5) * (right.uniform() - 0.5);
    CHECK(product / 100000 * 12 == Approx(0).margin(4 / std::sqrt(100000)));
  }
}

TEST_CASE("a stream does not depend on what was drawn before") {
  Random random(10);
  auto before = random.stream(4);
  random.bits();
  random.normal();
  auto after = random.stream(4);
  CHECK(before.bits() == after.bits());
  CHECK(before.state() == after.state());
}

TEST_CASE("a generator can be read at any place and continued from its state") {
  Random random(11);
  const Random start = random;
  std::vector<std::uint64_t> drawn;
  for (int draw = 0; draw < 100; ++draw) drawn.push_back(random.bits());
  for (std::uint64_t place = 0; place < 100; ++place) CHECK(start.at(place) == drawn[place]);
  CHECK(start.state().second == 0);
  CHECK(random.state().second == 100);

  Random other = Random::from_state(random.state());
  Random middle = Random::from_state({random.state().first, 50});
  CHECK(middle.bits() == drawn[50]);
  CHECK(other.bits() == random.bits());
  CHECK(other.normal() == random.normal());
  CHECK(other.stream(2).bits() == random.stream(2).bits());
}
