/// @file
/// The frame of a plot: where its axes lie in the picture.
#pragma once

#include "polytask/report/axis.hpp"
#include "polytask/report/drawing.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace polytask {

/// Two axes, and the rectangle between them. What lies outside is put on its border.
struct PlotFrame {
  static constexpr double size = 12.5;  ///< of letters

  std::string heading = {};  ///< what stands above, drawn
  double left = 0;
  double right = 0;
  double top = 0;
  double bottom = 0;
  Axis x_axis = {};
  Axis y_axis = {};
  bool x_falls = false;  ///< the largest x is on the left

  double x(double value) const {
    const double share = std::clamp(x_axis.share(value), 0.0, 1.0);
    return left + (x_falls ? 1 - share : share) * (right - left);
  }
  double y(double value) const { return bottom - std::clamp(y_axis.share(value), 0.0, 1.0) * (bottom - top); }

  /// The axes with their ticks and names, that of y above it.
  /// @param width of the picture
  std::string axes(std::string_view x_label, std::string_view y_label, double width) const {
    std::string drawn;
    const auto letters = [&](double at_x, double at_y, std::string_view text, std::string_view anchor) {
      drawn += shapes::lettering(at_x, at_y, text, {anchor, size, false, true});
    };
    if (!y_label.empty()) letters(0, top - 10, shortened(y_label, size, width), "start");
    for (const auto& tick : y_axis.ticks) {
      drawn += shapes::rule(left, y(tick.value), right, y(tick.value));
      letters(left - 6, y(tick.value) + 4, tick.label, "end");
    }
    for (const auto& tick : x_axis.ticks) {
      drawn += shapes::rule(x(tick.value), bottom, x(tick.value), bottom + 4, true);
      letters(x(tick.value), bottom + 17, tick.label, "middle");
    }
    drawn += shapes::rule(left, bottom, right, bottom, true);
    if (!x_label.empty()) letters((left + right) / 2, bottom + 35, shortened(x_label, size, right - left), "middle");
    return drawn;
  }
};

}  // namespace polytask
