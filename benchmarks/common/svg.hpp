/// @file
/// The parts of pictures as SVG files, and a line chart with error bars.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace benchmark {

/// What pictures are put together from.
namespace svg {

/// Those of Okabe and Ito, which people with a colour vision deficiency can tell apart as well.
inline constexpr std::array<std::string_view, 7> colours{"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                                         "#d55e00", "#56b4e9", "#000000"};

inline std::string fixed(double value, int digits) {
  std::array<char, 64> written;
  std::snprintf(written.data(), written.size(), "%.*f", digits, value);
  return written.data();
}

inline std::string number(double value) { return fixed(value, 1); }

/// From `low` to `high`, with a tick at every multiple of `step`.
struct Axis {
  double low;
  double high;
  double step;
  int digits;  ///< behind the point

  double share(double value) const { return (value - low) / (high - low); }

  std::vector<double> ticks() const {
    std::vector<double> found;
    for (double place = std::ceil(low / step - 1e-6); place * step <= high + 1e-6 * step; ++place)
      found.push_back(place == 0 ? 0 : place * step);
    return found;
  }

  std::string text(double value) const { return fixed(value, digits); }
};

/// About `count` ticks 1, 2, 2.5 or 5 times a power of ten apart.
inline Axis axis(double low, double high, double count, double margin) {
  if (!(high > low)) {
    const double room = low == 0 ? 1 : std::abs(low) / 2;
    low -= room;
    high += room;
  }
  const double wanted = (high - low) / count;
  const double power = std::pow(10, std::floor(std::log10(wanted)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.5, 2.0, 1.0})
    if (factor * power >= wanted * (1 - 1e-9)) step = factor * power;
  int digits = 0;
  for (double shown = step; digits < 12 && std::abs(shown - std::round(shown)) > 1e-6; shown *= 10) ++digits;
  const double room = margin * (high - low);
  return {low - room, high + room, step, digits};
}

inline std::string escaped(std::string_view text) {
  std::string safe;
  for (const char letter : text) {
    if (letter == '&')
      safe += "&amp;";
    else if (letter == '<')
      safe += "&lt;";
    else if (letter == '>')
      safe += "&gt;";
    else
      safe += letter;
  }
  return safe;
}

inline std::string label(double x, double y, std::string_view anchor, std::string_view text,
                         std::string_view attributes = "") {
  return "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + std::string(anchor) + "\"" +
         std::string(attributes) + ">" + escaped(text) + "</text>\n";
}

inline std::string stroke(double x, double y, double to_x, double to_y, std::string_view colour, double thickness) {
  return "<line x1=\"" + number(x) + "\" y1=\"" + number(y) + "\" x2=\"" + number(to_x) + "\" y2=\"" + number(to_y) +
         "\" stroke=\"" + std::string(colour) + "\" stroke-width=\"" + number(thickness) + "\"/>\n";
}

/// A circle, a square, a triangle or a diamond.
inline std::string mark(std::size_t which, double x, double y, const std::string& colour) {
  const std::string paint = "\" fill=\"" + colour + "\" stroke=\"#fff\" stroke-width=\"1\"/>\n";
  if (which % 4 == 0) return "<circle cx=\"" + number(x) + "\" cy=\"" + number(y) + "\" r=\"5" + paint;
  static constexpr std::array<std::array<std::array<double, 2>, 4>, 3> corners{{
      {{{-4.5, -4.5}, {4.5, -4.5}, {4.5, 4.5}, {-4.5, 4.5}}},
      {{{0, -5.5}, {5.5, 4.5}, {-5.5, 4.5}, {-5.5, 4.5}}},
      {{{0, -6}, {6, 0}, {0, 6}, {-6, 0}}},
  }};
  std::string points;
  for (const auto& corner : corners[which % 4 - 1])
    points += (points.empty() ? "" : " ") + number(x + corner[0]) + "," + number(y + corner[1]);
  return "<polygon points=\"" + points + paint;
}

/// The head of a picture with its title at the top.
/// @param left where the title begins
inline std::string begin(double width, double height, double left, std::string_view title, std::string_view subtitle) {
  std::string drawn = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"";
  drawn += " viewBox=\"0 0 " + number(width) + " " + number(height) +
           "\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"13\" fill=\"#333\" role=\"img\">\n";
  drawn += "<title>" + escaped(title) + "</title>\n";
  drawn += "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
  drawn += label(left, 30, "start", title, " font-size=\"18\" font-weight=\"bold\"");
  drawn += label(left, 51, "start", subtitle, " font-size=\"12\" fill=\"#666\"");
  return drawn;
}

/// @throws std::runtime_error when the file cannot be written
inline void write(const std::string& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error(path + ": the file cannot be written");
}

}  // namespace svg

/// A line chart. Lines are told apart by colour and by the shape of their marks.
class LineChart {
 public:
  struct Point {
    double x;
    double y;
    double bar;  ///< half the length of the error bar, in units of y; 0: none
  };
  struct Line {
    std::string name;
    std::vector<Point> points;  ///< in the order in which they are joined
  };

  std::string title;
  std::string subtitle;
  std::string x_label;
  std::string y_label;
  bool x_falls = false;  ///< the largest x is on the left
  std::vector<Line> lines;

  /// @throws std::runtime_error when there is no point or the file cannot be written
  void write(const std::string& path) const { svg::write(path, text()); }

  /// The file's text.
  std::string text() const {
    const auto [x_axis, y_axis] = axes();
    const auto across = [&](double x) {
      const double share = x_axis.share(x);
      return left + (x_falls ? 1 - share : share) * (right - left);
    };
    const auto down = [&](double y) { return bottom - y_axis.share(y) * (bottom - top); };

    std::string drawn = svg::begin(width, height, left, title, subtitle);
    for (const double tick : y_axis.ticks()) {
      drawn += svg::stroke(left, down(tick), right, down(tick), "#ddd", 1);
      drawn += svg::label(left - 9, down(tick) + 4.5, "end", y_axis.text(tick));
    }
    for (const double tick : x_axis.ticks()) {
      drawn += svg::stroke(across(tick), bottom, across(tick), bottom + 5, "#333", 1);
      drawn += svg::label(across(tick), bottom + 20, "middle", x_axis.text(tick));
    }
    drawn += svg::stroke(left, bottom, right, bottom, "#333", 1);
    drawn += svg::label((left + right) / 2, height - 14, "middle", x_label);
    drawn += svg::label(0, 0, "middle", y_label,
                        " transform=\"translate(20 " + svg::number((top + bottom) / 2) + ") rotate(-90)\"");

    for (std::size_t which = 0; which < lines.size(); ++which) {
      const std::string colour(svg::colours[which % svg::colours.size()]);
      // bars at the same x would hide each other
      const double shift = 5 * (static_cast<double>(which) - static_cast<double>(lines.size() - 1) / 2);
      std::string path;
      std::string marks;
      for (const auto& point : lines[which].points) {
        const double x = across(point.x) + shift;
        path += (path.empty() ? "" : " ") + svg::number(x) + "," + svg::number(down(point.y));
        if (point.bar > 0) {
          const double high = down(point.y + point.bar);
          const double low = down(point.y - point.bar);
          marks += svg::stroke(x, high, x, low, colour, 1.5) + svg::stroke(x - 3, high, x + 3, high, colour, 1.5) +
                   svg::stroke(x - 3, low, x + 3, low, colour, 1.5);
        }
        marks += svg::mark(which, x, down(point.y), colour);
      }
      drawn += "<polyline points=\"" + path + "\" fill=\"none\" stroke=\"" + colour +
               "\" stroke-width=\"2\" stroke-linejoin=\"round\"/>\n" + marks;
    }
    for (std::size_t which = 0; which < lines.size(); ++which) {  // the legend, beside the plot
      const std::string colour(svg::colours[which % svg::colours.size()]);
      const double y = top + 12 + 24 * static_cast<double>(which);
      drawn += svg::stroke(right + 24, y, right + 52, y, colour, 2) + svg::mark(which, right + 38, y, colour);
      drawn += svg::label(right + 60, y + 4.5, "start", lines[which].name);
    }
    return drawn + "</svg>\n";
  }

 private:
  static constexpr double width = 760;
  static constexpr double height = 440;
  static constexpr double left = 78;
  static constexpr double right = 600;
  static constexpr double top = 76;
  static constexpr double bottom = 380;

  std::pair<svg::Axis, svg::Axis> axes() const {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    double x_low = infinity, x_high = -infinity, y_low = infinity, y_high = -infinity;
    for (const auto& line : lines)
      for (const auto& point : line.points) {
        x_low = std::min(x_low, point.x);
        x_high = std::max(x_high, point.x);
        y_low = std::min(y_low, point.y - point.bar);
        y_high = std::max(y_high, point.y + point.bar);
      }
    if (!(x_low < infinity)) throw std::runtime_error("a chart needs at least one point");
    return {svg::axis(x_low, x_high, 4, 0.04), svg::axis(y_low, y_high, 6, 0.05)};
  }
};

}  // namespace benchmark
