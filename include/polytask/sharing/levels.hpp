/// @file
/// Splits a network into levels, its hidden layers, at compile time: for sharing policies that connect the networks of
/// several tasks level by level.
#pragma once

#include "polytask/layers/sequence.hpp"

#include <array>
#include <cstddef>
#include <tuple>
#include <utility>

namespace polytask {

/// Whether a layer begins a new level: every Dense does. Specialise it for a layer of your own that has weights.
template <class Layer>
inline constexpr bool begins_level = false;
template <class Activation>
inline constexpr bool begins_level<Dense<Activation>> = true;

/// Where the levels of a network with these layers begin. A level lasts up to the next beginning, so that the dropout
/// or normalisation behind a Dense belongs to it; what comes before the first Dense goes with the first level.
template <class... Layers>
struct LevelBounds {
  static constexpr std::size_t beginnings = (std::size_t{0} + ... + (begins_level<Layers> ? 1 : 0));

  /// A network without a Dense is one level, even without a layer.
  static constexpr std::size_t count = beginnings == 0 ? 1 : beginnings;

  /// The first layer of each level, and behind the last one the number of layers.
  static constexpr std::array<std::size_t, count + 1> first = [] {
    std::array<std::size_t, count + 1> bounds{};
    std::size_t layer = 0;
    std::size_t level = 0;
    // the first one to begin finds level 0 begun already
    [[maybe_unused]] const auto begin = [&] { bounds[level] = level == 0 ? 0 : layer, ++level; };
    ((begins_level<Layers> ? begin() : void(), ++layer), ...);
    bounds[count] = sizeof...(Layers);
    return bounds;
  }();
};

/// The levels of a network as a tuple of networks; to be connected anew.
template <class... Layers>
auto split_levels(const Sequence<Layers...>& network) {
  using Bounds = LevelBounds<Layers...>;
  return [&]<std::size_t... Level>(std::index_sequence<Level...>) {
    const auto level = [&]<std::size_t First, std::size_t... I>(std::index_sequence<First>, std::index_sequence<I...>) {
      return sequence(network.template layer<First + I>()...);
    };
    return std::make_tuple(level(std::index_sequence<Bounds::first[Level]>{},
                                 std::make_index_sequence<Bounds::first[Level + 1] - Bounds::first[Level]>{})...);
  }(std::make_index_sequence<Bounds::count>{});
}

/// Whether a network can be split into levels.
template <class N>
inline constexpr bool has_levels = false;
template <class... Layers>
inline constexpr bool has_levels<Sequence<Layers...>> = true;

/// The tuple of networks that split_levels() gives.
template <class N>
using Levels = decltype(split_levels(std::declval<const N&>()));

/// Part<Level>... in a tuple, one a level.
template <template <class> class Part, class LevelTuple>
struct PerLevelOf;
template <template <class> class Part, class... Level>
struct PerLevelOf<Part, std::tuple<Level...>> {
  using type = std::tuple<Part<Level>...>;
};
template <template <class> class Part, class N>
using PerLevel = typename PerLevelOf<Part, Levels<N>>::type;

/// Calls function(part, level) for each part of a tuple, from the first level up. A function that takes its part as
/// `auto&` is compiled once a type of level, not once a level.
template <class Tuple, class Function>
void each_level(Tuple& parts, Function&& function) {
  Index level = 0;
  std::apply([&](auto&... part) { (function(part, level++), ...); }, parts);
}

/// The same from the last level down.
template <class Tuple, class Function>
void each_level_down(Tuple& parts, Function&& function) {
  constexpr std::size_t count = std::tuple_size_v<Tuple>;
  [&]<std::size_t... Reversed>(std::index_sequence<Reversed...>) {
    (function(std::get<count - 1 - Reversed>(parts), static_cast<Index>(count - 1 - Reversed)), ...);
  }(std::make_index_sequence<count>{});
}

}  // namespace polytask
