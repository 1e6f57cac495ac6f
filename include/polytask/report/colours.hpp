/// @file
/// The colours of charts. People with a colour vision deficiency can tell them apart, too, and none is fainter than 3:1
/// on its ground.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace polytask {

/// The colours of one ground. Those of the series are made from the set of Okabe and Ito: deeper on white, brighter on
/// black.
struct Colours {
  std::array<std::string_view, 7> series;
  std::string_view ink;
  std::string_view muted;   ///< text that matters less
  std::string_view rule;    ///< lines behind the data
  std::string_view behind;  ///< curves behind the data
  std::string_view ground;
};

inline constexpr Colours light_colours{{"#0067a8", "#cc8300", "#008a63", "#c4649f", "#b83a00", "#4399d3", "#30363d"},
                                       "#1f2328",
                                       "#59636e",
                                       "#dfe3e8",
                                       "#b9c0c8",
                                       "#ffffff"};

inline constexpr Colours dark_colours{{"#3d94d6", "#f2b83d", "#22b88a", "#d987bb", "#e8662a", "#a9dbfa", "#ffffff"},
                                      "#e6e8eb",
                                      "#9da7b3",
                                      "#2e343c",
                                      "#59636e",
                                      "#15181d"};

/// The class and the colour on white of a series, the eighth being like the first.
inline std::string series_class(std::size_t series) {
  return "pt-" + std::to_string(series % light_colours.series.size());
}
inline std::string_view series_colour(std::size_t series) {
  return light_colours.series[series % light_colours.series.size()];
}

}  // namespace polytask
