/// @file
/// A chart of lines: curves over time, points with error bars, paths over a plane.
#pragma once

#include "polytask/report/axis.hpp"
#include "polytask/report/drawing.hpp"
#include "polytask/report/plot_frame.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace polytask {

struct LinePoint {
  double x = 0;
  double y = 0;                                           ///< not a number: a gap in the line
  double low = std::numeric_limits<double>::quiet_NaN();  ///< of the error bar, or of the band
  double high = std::numeric_limits<double>::quiet_NaN();
};

struct Line {
  std::string name = {};
  std::vector<LinePoint> points = {};  ///< in the order in which they are joined
  int colour = -1;                     ///< number of the colour; -1: that of the line's place
};

/// Lines are told apart by colour, by the shape of their marks, and from the eighth on by dashes. svg(chart) is the
/// picture.
struct LineChart {
  enum class Marks { automatic, all, none, ends };

  std::string title = {};
  std::string subtitle = {};
  std::string x_label = {};
  std::string y_label = {};
  std::vector<Line> lines = {};
  std::vector<std::vector<LinePoint>> behind = {};  ///< grey: borders, contours, a diagonal
  double behind_thickness = 4;
  std::vector<Guide> across = {};    ///< at a value of y
  std::vector<Guide> down = {};      ///< at a value of x
  std::vector<double> x_range = {};  ///< from, to; empty: as the data need. What lies outside is drawn on the border
  std::vector<double> y_range = {};
  bool x_whole = false;  ///< x are whole numbers
  bool x_falls = false;  ///< the largest x is on the left
  bool x_logarithmic = false;
  bool y_logarithmic = false;
  bool bands = false;  ///< low and high are drawn as a band, not as bars
  Marks marks =
      Marks::automatic;        ///< at every point if they are few; at the ends: a ring at the first, a disc at the last
  bool named_at_ends = false;  ///< names stand beside the lines' ends, not in a legend
  bool legend = true;          ///< where there is more than one line
  double width = 360;          ///< of the whole
  double plot_height = 170;

  /// @throws ArgumentError when there is no point that can be drawn, or a range is not two numbers
  Drawing draw() const {
    const PlotFrame frame = framed();
    std::string drawn = frame.heading + frame.axes(x_label, y_label, width);
    for (const auto& points : behind)
      drawn += markup::element("path", {{"class", "pt-behind"},
                                        {"d", path(frame, points, 0)},
                                        {"fill", "none"},
                                        {"stroke", light_colours.behind},
                                        {"stroke-width", behind_thickness},
                                        {"stroke-linejoin", "round"},
                                        {"stroke-linecap", "round"}}) +
               "\n";
    for (const auto& guide : across)
      drawn += shapes::rule(frame.left, frame.y(guide.at), frame.right, frame.y(guide.at), true, true);
    for (const auto& guide : down)
      drawn += shapes::rule(frame.x(guide.at), frame.top, frame.x(guide.at), frame.bottom, true, true);
    drawn += columns(frame);
    for (std::size_t which = 0; which < lines.size(); ++which) drawn += line(frame, which);
    if (named_at_ends) drawn += end_names(frame);
    return {width, frame.bottom + (x_label.empty() ? 26 : 42), title, description(), std::move(drawn)};
  }

 private:
  static constexpr double size = PlotFrame::size;  ///< of letters

  bool drawable(const LinePoint& point) const {
    return std::isfinite(point.x) && std::isfinite(point.y) && (!x_logarithmic || point.x > 0) &&
           (!y_logarithmic || point.y > 0);
  }

  template <class Visit>
  void for_each_point(Visit&& visit) const {
    for (const auto& one : lines)
      for (const auto& point : one.points)
        if (drawable(point)) visit(point);
  }

  std::size_t colour(std::size_t which) const {
    return lines[which].colour < 0 ? which : static_cast<std::size_t>(lines[which].colour);
  }

  bool marked(std::size_t which) const {
    return marks == Marks::all || (marks == Marks::automatic && lines[which].points.size() <= 25);
  }

  bool has_bars() const {
    bool found = false;
    for_each_point([&](const LinePoint& point) { found = found || std::isfinite(point.low + point.high); });
    return found && !bands;
  }

  /// Bars at the same x would hide each other.
  double shift(std::size_t which) const {
    return has_bars() ? 4 * (static_cast<double>(which) - static_cast<double>(lines.size() - 1) / 2) : 0;
  }

  /// From, to of the data along x (0) or y (1).
  std::array<double, 2> range(const std::vector<double>& given, bool along_y) const {
    require(given.empty() || given.size() == 2, "chart '", title, "': a range is two numbers, not ", given.size());
    std::array<double, 2> found{std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
    const auto take = [&](double value) {
      if (!std::isfinite(value) || ((along_y ? y_logarithmic : x_logarithmic) && value <= 0)) return;
      found = {(std::min)(found[0], value), (std::max)(found[1], value)};
    };
    for_each_point([&](const LinePoint& point) {
      take(along_y ? point.y : point.x);
      if (along_y) take(point.low), take(point.high);
    });
    require(found[0] <= found[1], "chart '", title, "': there is no point to draw");
    for (const auto& guide : along_y ? across : down) take(guide.at);
    return given.empty() ? found : std::array<double, 2>{given[0], given[1]};
  }

  std::vector<shapes::LegendEntry> legend_entries() const {
    using Sign = shapes::LegendEntry::Sign;
    std::vector<shapes::LegendEntry> entries;
    if (legend && !named_at_ends && lines.size() > 1)
      for (std::size_t which = 0; which < lines.size(); ++which)
        if (!lines[which].name.empty())
          entries.push_back({lines[which].name, colour(which), marked(which) ? Sign::marked_line : Sign::line});
    for (const auto* guides : {&down, &across})
      for (const auto& guide : *guides)
        if (legend && !guide.name.empty()) entries.push_back({guide.name, 0, Sign::guide});
    return entries;
  }

  PlotFrame framed() const {
    const auto x_range_ = range(x_range, false);
    const auto y_range_ = range(y_range, true);
    PlotFrame frame;
    double y = 0;
    frame.heading = shapes::heading(title, subtitle, width, y);
    frame.heading += shapes::legend(legend_entries(), width, y);
    if (!y_label.empty()) y += 17;
    frame.top = y + 6;
    frame.bottom = frame.top + plot_height;
    frame.x_falls = x_falls;
    frame.y_axis = fitted_axis(y_range_[0], y_range_[1], y_logarithmic, plot_height, size, false,
                               {.most_ticks = 6, .margin = y_range.empty() ? 0.05 : 0});
    double widest = 0;
    for (const auto& tick : frame.y_axis.ticks) widest = (std::max)(widest, text_width(tick.label, size));
    frame.left = widest + 7;
    double names = 0;
    for (const auto& one : lines)
      if (named_at_ends) names = (std::max)(names, (std::min)(text_width(one.name, size), 0.3 * width) + 17);
    frame.right = width - (std::max)(10.0, names);
    const double room = x_range.empty() ? (has_bars() ? 0.04 : 0.02) : 0;
    const auto place = [&] {
      frame.x_axis = fitted_axis(x_range_[0], x_range_[1], x_logarithmic, frame.right - frame.left, size, true,
                                 {.most_ticks = 7, .margin = room, .whole = x_whole});
    };
    place();
    // the first and the last label must not reach out of the picture
    for (const auto& tick : frame.x_axis.ticks) {
      const double half = text_width(tick.label, size) / 2;
      frame.left = (std::max)(frame.left, frame.left + half - frame.x(tick.value));
      frame.right = (std::min)(frame.right, frame.right - (frame.x(tick.value) + half - width));
    }
    place();
    return frame;
  }

  /// The points joined by straight lines, with gaps where there is none. What could not be seen is left out.
  std::string path(const PlotFrame& frame, const std::vector<LinePoint>& points, double aside) const {
    std::string found;
    bool joined = false;
    double last_x = 0, last_y = 0;
    for (std::size_t place = 0; place < points.size(); ++place) {
      if (!drawable(points[place])) {
        joined = false;
        continue;
      }
      const double x = frame.x(points[place].x) + aside;
      const double y = frame.y(points[place].y);
      const bool end = place + 1 == points.size() || !drawable(points[place + 1]);
      if (joined && !end && std::hypot(x - last_x, y - last_y) < 0.7) continue;
      found += (joined ? "L" : "M") + markup::coordinate(x) + " " + markup::coordinate(y);
      joined = true;
      last_x = x;
      last_y = y;
    }
    return found;
  }

  std::string band(const PlotFrame& frame, std::size_t which) const {
    std::string upper, lower;
    std::string found;
    const auto close = [&] {
      if (!upper.empty()) found += "M" + upper.substr(1) + lower + "Z";
      upper.clear();
      lower.clear();
    };
    for (const auto& point : lines[which].points) {
      if (!drawable(point) || !std::isfinite(point.low + point.high)) {
        close();
        continue;
      }
      const std::string x = markup::coordinate(frame.x(point.x));
      upper += "L" + x + " " + markup::coordinate(frame.y(point.high));
      lower = "L" + x + " " + markup::coordinate(frame.y(point.low)) + lower;
    }
    close();
    return markup::element("path", {{"class", "pt-band " + series_class(colour(which))},
                                    {"d", found},
                                    {"fill", series_colour(colour(which))},
                                    {"fill-opacity", "0.18"}}) +
           "\n";
  }

  /// What the pointer is told of a point.
  std::string words(const Line& one, const LinePoint& point, bool with_x) const {
    std::string found = one.name.empty() ? "" : one.name + ": ";
    if (with_x) found += markup::number(point.x) + ", ";
    found += markup::number(point.y);
    if (std::isfinite(point.low + point.high))
      found += " (" + markup::number(point.low) + " to " + markup::number(point.high) + ")";
    return found;
  }

  std::string line(const PlotFrame& frame, std::size_t which) const {
    const auto& one = lines[which];
    const std::size_t series = colour(which);
    const double aside = shift(which);
    std::string drawn;
    if (bands) drawn += band(frame, which);
    drawn += shapes::stroke(series, path(frame, one.points, aside), marks == Marks::ends ? 1.6 : 2);
    const auto at = [&](std::size_t place) { return place < one.points.size() && drawable(one.points[place]); };
    for (std::size_t place = 0; place < one.points.size(); ++place) {
      if (!at(place)) continue;
      const auto& point = one.points[place];
      const double x = frame.x(point.x) + aside;
      const double y = frame.y(point.y);
      if (!bands && std::isfinite(point.low + point.high)) {
        const std::string low = markup::coordinate(frame.y(point.low));
        const std::string high = markup::coordinate(frame.y(point.high));
        const std::string left = markup::coordinate(x - 3);
        drawn += shapes::stroke(
            series,
            "M" + left + " " + high + "h6M" + left + " " + low + "h6M" + markup::coordinate(x) + " " + high + "V" + low,
            1.2);
      }
      // a point between gaps could not be seen without a mark
      const bool alone = !(place > 0 && at(place - 1)) && !at(place + 1);
      const std::string told = shapes::hover(words(one, point, true));
      if (marks == Marks::ends) {
        if (place == 0 || place + 1 == one.points.size()) drawn += end_mark(series, x, y, place == 0, told);
      } else if (marked(which) || alone) {
        drawn += shapes::mark(series, x, y, told);
      }
    }
    return drawn;
  }

  static std::string end_mark(std::size_t series, double x, double y, bool begins, const std::string& told) {
    return markup::element("circle",
                           {{"class", (begins ? "pt-ring " : "pt-mark ") + series_class(series)},
                            {"cx", x},
                            {"cy", y},
                            {"r", 4.0},
                            {"fill", begins ? light_colours.ground : series_colour(series)},
                            {"stroke", begins ? series_colour(series) : light_colours.ground},
                            {"stroke-width", 1.5}},
                           told) +
           "\n";
  }

  /// Invisible columns, which tell the values of all lines at the x where the pointer is.
  std::string columns(const PlotFrame& frame) const {
    std::vector<double> all;
    for_each_point([&](const LinePoint& point) { all.push_back(point.x); });
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    if (marks == Marks::ends) return {};
    std::vector<double> shown;  // not more than can be pointed at
    const std::size_t apart = all.size() / 150 + 1;
    for (std::size_t place = 0; place < all.size(); place += apart) shown.push_back(all[place]);
    std::string drawn;
    for (std::size_t place = 0; place < shown.size(); ++place) {
      const auto middle = [&](std::size_t one) { return (frame.x(shown[one]) + frame.x(shown[one + 1])) / 2; };
      double begin = place == 0 ? (frame.x_falls ? frame.right : frame.left) : middle(place - 1);
      double end = place + 1 == shown.size() ? (frame.x_falls ? frame.left : frame.right) : middle(place);
      if (begin > end) std::swap(begin, end);
      std::string told = (x_label.empty() ? "" : x_label + " ") + markup::number(shown[place]);
      for (const auto& one : lines)
        for (const auto& point : one.points)
          if (drawable(point) && point.x == shown[place]) told.append("\n").append(words(one, point, false));
      drawn += markup::element("rect",
                               {{"class", "pt-column"},
                                {"x", begin},
                                {"y", frame.top},
                                {"width", end - begin},
                                {"height", frame.bottom - frame.top},
                                {"fill", light_colours.ink},
                                {"fill-opacity", "0"}},
                               shapes::hover(told)) +
               "\n";
    }
    return drawn;
  }

  /// The names beside the ends of the lines, moved apart where they would hide each other.
  std::string end_names(const PlotFrame& frame) const {
    struct Name {
      double y;
      std::size_t which;
    };
    std::vector<Name> names;
    for (std::size_t which = 0; which < lines.size(); ++which)
      for (auto point = lines[which].points.rbegin(); point != lines[which].points.rend(); ++point)
        if (drawable(*point)) {
          names.push_back({frame.y(point->y), which});
          break;
        }
    std::stable_sort(names.begin(), names.end(), [](const Name& one, const Name& other) { return one.y < other.y; });
    const double apart = 1.2 * size;
    for (std::size_t place = 1; place < names.size(); ++place)
      names[place].y = (std::max)(names[place].y, names[place - 1].y + apart);
    double limit = frame.bottom;
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
      name->y = (std::min)(name->y, limit);
      limit = name->y - apart;
    }
    std::string drawn;
    for (const auto& name : names) {
      drawn += shapes::stroke(colour(name.which),
                              text("M", markup::coordinate(frame.right + 4), " ", markup::coordinate(name.y), "h7"), 3);
      drawn += shapes::lettering(frame.right + 15, name.y + 4, shortened(lines[name.which].name, size, 0.3 * width),
                                 {"start", size});
    }
    return drawn;
  }

  std::string description() const {
    std::string found = "Lines" + (y_label.empty() ? "" : " of " + y_label) + (x_label.empty() ? "" : " by " + x_label);
    const char* between = ": ";
    for (const auto& one : lines) {
      std::vector<double> values;
      for (const auto& point : one.points)
        if (drawable(point)) values.push_back(point.y);
      if (values.empty()) continue;
      found += between + one.name + (one.name.empty() ? "" : " ") + "from " + markup::number(values.front(), 4) +
               " to " + markup::number(values.back(), 4);
      between = "; ";
    }
    return found + ".";
  }
};

}  // namespace polytask
