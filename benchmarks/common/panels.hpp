/// @file
/// A grid of small charts of curves as an SVG file.
#pragma once

#include "svg.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace benchmark {

/// Charts of curves side by side. Curves of one name have one colour in all of them.
class Panels {
 public:
  using Point = std::array<double, 2>;

  struct Curve {
    std::string name;           ///< empty: in the background, thick and grey
    std::vector<Point> points;  ///< in the order in which they are joined
  };
  struct Panel {
    std::string title;
    std::vector<Curve> curves;
    bool ends = false;              ///< a ring where each curve begins and a disc where it ends
    bool named_at_ends = false;     ///< the curves' names stand beside them, not in the legend
    std::vector<double> x_range{};  ///< from, to; empty: as the curves need
    std::vector<double> y_range{};
    std::string x_label = {};
    std::string y_label = {};
  };

  std::string title;
  std::string subtitle;
  std::size_t columns = 3;
  double width = 220;  ///< of a plot
  double height = 220;
  std::vector<Panel> panels;

  /// @throws std::runtime_error when a panel has no point or the file cannot be written
  void write(const std::string& path) const { svg::write(path, text()); }

  /// The file's text.
  std::string text() const {
    const auto names = curve_names();
    const std::size_t rows = (panels.size() + columns - 1) / columns;
    const double all_width = margin + static_cast<double>(columns) * (width + across_gap) + legend;
    const double all_height = top + static_cast<double>(rows) * (height + down_gap);
    std::string drawn = svg::begin(all_width, all_height, margin, title, subtitle);
    for (std::size_t which = 0; which < panels.size(); ++which)
      drawn += draw(panels[which], names, margin + static_cast<double>(which % columns) * (width + across_gap),
                    top + static_cast<double>(which / columns) * (height + down_gap));
    const double right = margin + static_cast<double>(columns) * (width + across_gap) - 20;
    for (std::size_t which = 0; which < names.size(); ++which) {
      const double y = top + 12 + 22 * static_cast<double>(which);
      drawn += svg::stroke(right, y, right + 26, y, colour(which), 2) +
               svg::label(right + 33, y + 4.5, "start", names[which]);
    }
    return drawn + "</svg>\n";
  }

 private:
  static constexpr double margin = 64;
  static constexpr double top = 96;
  static constexpr double across_gap = 56;
  static constexpr double down_gap = 66;
  static constexpr double legend = 130;

  static std::string colour(std::size_t which) { return std::string(svg::colours[which % svg::colours.size()]); }

  std::vector<std::string> curve_names() const {
    std::vector<std::string> names;
    for (const auto& panel : panels)
      for (const auto& curve : panel.curves)
        if (!panel.named_at_ends && !curve.name.empty() &&
            std::find(names.begin(), names.end(), curve.name) == names.end())
          names.push_back(curve.name);
    return names;
  }

  static svg::Axis axis(const Panel& panel, std::size_t place, const std::vector<double>& range) {
    if (range.size() == 2) return svg::axis(range[0], range[1], 5, 0);
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double low = infinity, high = -infinity;
    for (const auto& curve : panel.curves)
      for (const auto& point : curve.points) {
        low = std::min(low, point[place]);
        high = std::max(high, point[place]);
      }
    if (!(low < infinity)) throw std::runtime_error("a chart needs at least one point");
    return svg::axis(low, high, 5, 0.04);
  }

  std::string draw(const Panel& panel, const std::vector<std::string>& names, double left, double upper) const {
    const auto x_axis = axis(panel, 0, panel.x_range);
    const auto y_axis = axis(panel, 1, panel.y_range);
    const double bottom = upper + height;
    // what lies outside is drawn on the border
    const auto across = [&](double x) { return left + std::clamp(x_axis.share(x), 0.0, 1.0) * width; };
    const auto down = [&](double y) { return bottom - std::clamp(y_axis.share(y), 0.0, 1.0) * height; };
    std::string drawn = svg::label(left, upper - 9, "start", panel.title, " font-weight=\"bold\"");
    for (const double tick : y_axis.ticks())
      drawn += svg::stroke(left, down(tick), left + width, down(tick), "#ddd", 1) +
               svg::label(left - 6, down(tick) + 4, "end", y_axis.text(tick), " font-size=\"11\"");
    for (const double tick : x_axis.ticks())
      drawn += svg::stroke(across(tick), bottom, across(tick), bottom + 4, "#333", 1) +
               svg::label(across(tick), bottom + 16, "middle", x_axis.text(tick), " font-size=\"11\"");
    drawn += svg::stroke(left, bottom, left + width, bottom, "#333", 1);
    if (!panel.x_label.empty())
      drawn += svg::label(left + width / 2, bottom + 32, "middle", panel.x_label, " font-size=\"12\"");
    if (!panel.y_label.empty())
      drawn += svg::label(0, 0, "middle", panel.y_label,
                          " font-size=\"12\" transform=\"translate(" + svg::number(left - 38) + " " +
                              svg::number(upper + height / 2) + ") rotate(-90)\"");
    std::vector<std::pair<double, std::string>> ends;  // height and name
    for (const auto& curve : panel.curves) {
      const bool behind = curve.name.empty();
      const auto which = static_cast<std::size_t>(
          panel.named_at_ends ? &curve - panel.curves.data()
                              : std::find(names.begin(), names.end(), curve.name) - names.begin());
      const std::string paint = behind ? "#bbb" : colour(which);
      std::string points;
      double last_x = 0, last_y = 0;
      for (std::size_t place = 0; place < curve.points.size(); ++place) {
        const double x = across(curve.points[place][0]);
        const double y = down(curve.points[place][1]);
        const bool end = place == 0 || place + 1 == curve.points.size();
        if (!end && std::hypot(x - last_x, y - last_y) < 0.7) continue;  // not to be seen
        points += (points.empty() ? "" : " ") + svg::number(x) + "," + svg::number(y);
        last_x = x;
        last_y = y;
      }
      drawn += "<polyline points=\"" + points + "\" fill=\"none\" stroke=\"" + paint + "\" stroke-width=\"" +
               (behind ? "6" : "1.6") + "\" stroke-linejoin=\"round\" stroke-linecap=\"round\"/>\n";
      if (behind || curve.points.empty()) continue;
      if (panel.named_at_ends) ends.emplace_back(down(curve.points.back()[1]), curve.name);
      if (!panel.ends) continue;
      drawn += ring(across(curve.points.front()[0]), down(curve.points.front()[1]), "#fff", paint) +
               ring(across(curve.points.back()[0]), down(curve.points.back()[1]), paint, "#fff");
    }
    std::sort(ends.begin(), ends.end());
    for (std::size_t place = 0; place < ends.size(); ++place) {
      if (place > 0)
        ends[place].first = std::max(ends[place].first, ends[place - 1].first + 12);  // one below the other
      drawn += svg::label(left + width + 5, ends[place].first + 4, "start", ends[place].second, " font-size=\"11\"");
    }
    return drawn;
  }

  static std::string ring(double x, double y, const std::string& fill, const std::string& stroke) {
    return "<circle cx=\"" + svg::number(x) + "\" cy=\"" + svg::number(y) + "\" r=\"4.5\" fill=\"" + fill +
           "\" stroke=\"" + stroke + "\" stroke-width=\"1.5\"/>\n";
  }
};

}  // namespace benchmark
