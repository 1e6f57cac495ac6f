#include "polytask/core/sort_places.hpp"

#include "catch.hpp"

#include <numeric>
#include <string>
#include <vector>

using polytask::sort_places;

TEST_CASE("Places are sorted by what lies there") {
  const std::vector<std::string> names{"pear", "apple", "fig", "", "quince"};
  std::vector<std::size_t> places{4, 0, 3, 1};  // not all of them
  sort_places(places, [&](std::size_t left, std::size_t right) { return names[left] < names[right]; });
  CHECK(places == std::vector<std::size_t>{3, 1, 0, 4});

  std::vector<std::size_t> none;
  sort_places(none, [](std::size_t, std::size_t) { return false; });
  CHECK(none.empty());

  std::vector<std::size_t> many(1000);
  std::iota(many.begin(), many.end(), std::size_t{0});
  const auto key = [](std::size_t place) { return place * 7919 % 1000; };  // every key once
  sort_places(many, [&](std::size_t left, std::size_t right) { return key(left) > key(right); });
  for (std::size_t rank = 0; rank < many.size(); ++rank) CHECK(key(many[rank]) == 999 - rank);
}
