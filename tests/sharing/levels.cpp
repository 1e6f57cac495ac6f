// Networks split into their hidden layers.
#include "catch.hpp"

#include "polytask/layers/batch_normalization.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/layers/layer_normalization.hpp"
#include "polytask/sharing/levels.hpp"
#include "polytask/sharing/networks.hpp"

#include <concepts>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

template <class N, class... Level>
constexpr bool split_into = std::same_as<pt::Levels<N>, std::tuple<Level...>>;

using Hidden = pt::Dense<pt::Relu>;
using Last = pt::Dense<pt::Tanh>;
using pt::BatchNormalization;
using pt::Dropout;
using pt::LayerNormalization;
using pt::Sequence;

}  // namespace

TEST_CASE("a new level begins at every dense layer") {
  STATIC_REQUIRE(split_into<Sequence<Hidden>, Sequence<Hidden>>);
  STATIC_REQUIRE(split_into<Sequence<Hidden, Hidden, Last>, Sequence<Hidden>, Sequence<Hidden>, Sequence<Last>>);
}

TEST_CASE("what follows a dense layer belongs to its level") {
  STATIC_REQUIRE(split_into<Sequence<Hidden, BatchNormalization, Dropout, Last, LayerNormalization>,
                            Sequence<Hidden, BatchNormalization, Dropout>, Sequence<Last, LayerNormalization>>);
}

TEST_CASE("what comes before the first dense layer goes with it") {
  STATIC_REQUIRE(split_into<Sequence<LayerNormalization, Dropout, Hidden, Last>,
                            Sequence<LayerNormalization, Dropout, Hidden>, Sequence<Last>>);
}

TEST_CASE("a network without a dense layer is one level") {
  STATIC_REQUIRE(split_into<Sequence<>, Sequence<>>);
  STATIC_REQUIRE(split_into<Sequence<LayerNormalization, Dropout>, Sequence<LayerNormalization, Dropout>>);
}

TEST_CASE("levels have the settings of the layers they are made of") {
  auto levels = pt::split_levels(
      pt::sequence(pt::dropout(0.25), pt::dense<pt::Relu>(8), pt::dropout(0.5), pt::dense<pt::Tanh>(3)));
  CHECK(std::get<0>(levels).connect(5) == 8);
  CHECK(std::get<1>(levels).connect(8) == 3);
  CHECK(std::get<0>(levels).layer<0>().rate() == 0.25);
  CHECK(std::get<0>(levels).layer<1>().inputs() == 5);
  CHECK(std::get<0>(levels).layer<2>().rate() == 0.5);
  CHECK(std::get<0>(levels).weights_layer() == 1);
  CHECK(std::get<1>(levels).weights_layer() == 0);
}

TEST_CASE("levels are visited from the first up and from the last down") {
  using N = Sequence<Hidden, Hidden, Last>;
  STATIC_REQUIRE(
      std::same_as<
          pt::PerLevel<pt::Networks, N>,
          std::tuple<pt::Networks<Sequence<Hidden>>, pt::Networks<Sequence<Hidden>>, pt::Networks<Sequence<Last>>>>);
  auto levels = pt::split_levels(pt::sequence(pt::dense<pt::Relu>(8), pt::dense<pt::Relu>(6), pt::dense<pt::Tanh>(3)));
  Index width = 5;
  std::vector<Index> widths;
  std::vector<Index> order;
  pt::each_level(levels, [&](auto& level, Index which) {
    width = level.connect(width);
    widths.push_back(width);
    order.push_back(which);
  });
  CHECK(widths == std::vector<Index>{8, 6, 3});
  CHECK(order == std::vector<Index>{0, 1, 2});
  widths.clear();
  order.clear();
  pt::each_level_down(std::as_const(levels), [&](const auto& level, Index which) {
    widths.push_back(level.outputs());
    order.push_back(which);
  });
  CHECK(widths == std::vector<Index>{3, 6, 8});
  CHECK(order == std::vector<Index>{2, 1, 0});
}
