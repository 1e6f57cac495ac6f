/// @file
/// What charts are put together from. Everything has its colour on white as an attribute, so that a chart alone can be
/// seen anywhere, and a class by which the style sheet of a page gives it the colours of the page.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/replace_file.hpp"
#include "polytask/report/colours.hpp"
#include "polytask/report/lettering.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// A picture without its frame. Lengths are in pixels, y grows downwards.
struct Drawing {
  double width = 0;
  double height = 0;
  std::string title = {};
  std::string description;  ///< in words, for those who do not see it
  std::string body;         ///< SVG elements
};

/// A straight line through the whole chart, with a name in the legend.
struct Guide {
  std::string name = {};
  double at = 0;
};

/// Charts, and what else can be drawn.
template <class Chart>
concept Drawable = requires(const Chart& chart) {
  { chart.draw() } -> std::convertible_to<Drawing>;
};

/// A drawing as an SVG element, which can stand in a page or alone in a file.
/// @param margin on all sides
inline std::string svg(const Drawing& drawing, double margin = 0) {
  using markup::element;
  return element("svg",
                 {{"xmlns", "http://www.w3.org/2000/svg"},
                  {"class", "pt-chart"},
                  {"viewBox", markup::coordinate(-margin) + " " + markup::coordinate(-margin) + " " +
                                  markup::coordinate(drawing.width + 2 * margin) + " " +
                                  markup::coordinate(drawing.height + 2 * margin)},
                  {"role", "img"},
                  {"aria-label", drawing.title + ". " + drawing.description},
                  {"font-family", "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"}},
                 "\n" + element("title", {}, markup::escaped(drawing.title)) +
                     element("desc", {}, markup::escaped(drawing.description)) + "\n" +
                     element("rect", {{"class", "pt-ground"},
                                      {"x", -margin},
                                      {"y", -margin},
                                      {"width", drawing.width + 2 * margin},
                                      {"height", drawing.height + 2 * margin},
                                      {"fill", light_colours.ground}}) +
                     "\n" + drawing.body) +
         "\n";
}

/// A chart as an SVG element, which can stand in a page or alone in a file.
template <Drawable Chart>
std::string svg(const Chart& chart) {
  return svg(Drawing(chart.draw()));
}

/// Writes a chart to a file of its own, with a margin.
/// @throws FileError naming the file when it cannot be written; a file that was there before stays as it was
template <Drawable Chart>
void write_svg(const std::filesystem::path& path, const Chart& chart) {
  const std::string drawn = svg(Drawing(chart.draw()), 14);
  replace_file(path, [&](std::ostream& stream) { stream << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" << drawn; });
}

/// The parts of charts.
namespace shapes {

struct Lettering {
  std::string_view anchor = "start";
  double size = 12;
  bool bold = false;
  bool muted = false;
};

/// A line of text, y at its base line.
inline std::string lettering(double x, double y, std::string_view text, const Lettering& how = {},
                             const markup::Attributes& more = {}) {
  markup::Attributes attributes{{"class", how.muted ? "pt-muted" : "pt-ink"},
                                {"x", x},
                                {"y", y},
                                {"text-anchor", how.anchor},
                                {"font-size", how.size},
                                {"fill", how.muted ? light_colours.muted : light_colours.ink}};
  if (how.bold) attributes.push_back({"font-weight", "600"});
  attributes.insert(attributes.end(), more.begin(), more.end());
  return markup::element("text", attributes, markup::escaped(text)) + "\n";
}

/// What appears while the pointer rests on an element.
inline std::string hover(std::string_view text) { return markup::element("title", {}, markup::escaped(text)); }

inline std::string rule(double x, double y, double to_x, double to_y, bool strong = false, bool dashed = false) {
  markup::Attributes attributes{{"class", strong ? "pt-axis" : "pt-rule"},
                                {"x1", x},
                                {"y1", y},
                                {"x2", to_x},
                                {"y2", to_y},
                                {"stroke", strong ? light_colours.muted : light_colours.rule}};
  if (dashed) attributes.push_back({"stroke-dasharray", "2 3"});
  return markup::element("line", attributes) + "\n";
}

/// A line of a series. The eighth series is dashed, as it has the colour of the first.
inline std::string stroke(std::size_t series, std::string_view path, double thickness = 2) {
  markup::Attributes attributes{{"class", "pt-line " + series_class(series)},
                                {"d", path},
                                {"fill", "none"},
                                {"stroke", series_colour(series)},
                                {"stroke-width", thickness},
                                {"stroke-linejoin", "round"},
                                {"stroke-linecap", "round"}};
  if (series >= light_colours.series.size()) attributes.push_back({"stroke-dasharray", "5 4"});
  return markup::element("path", attributes) + "\n";
}

/// A circle, a square, a triangle or a diamond, by the series.
/// @param inside markup inside it
inline std::string mark(std::size_t series, double x, double y, std::string_view inside = "", double size = 1) {
  markup::Attributes attributes{
      {"class", "pt-mark " + series_class(series)}, {"fill", series_colour(series)}, {"stroke", light_colours.ground}};
  if (series % 4 == 0) {
    attributes.insert(attributes.begin() + 1, {{"cx", x}, {"cy", y}, {"r", 4 * size}});
    return markup::element("circle", attributes, inside) + "\n";
  }
  static constexpr std::array<std::array<std::array<double, 2>, 4>, 3> corners{{
      {{{-3.6, -3.6}, {3.6, -3.6}, {3.6, 3.6}, {-3.6, 3.6}}},
      {{{0, -4.6}, {4.6, 3.6}, {-4.6, 3.6}, {-4.6, 3.6}}},
      {{{0, -5}, {5, 0}, {0, 5}, {-5, 0}}},
  }};
  std::string points = {};
  for (const auto& corner : corners[series % 4 - 1])
    points += (points.empty() ? "" : " ") + markup::coordinate(x + size * corner[0]) + "," +
              markup::coordinate(y + size * corner[1]);
  attributes.insert(attributes.begin() + 1, {"points", points});
  return markup::element("polygon", attributes, inside) + "\n";
}

/// Title and subtitle at the top of a chart; moves y below them.
inline std::string heading(std::string_view title, std::string_view subtitle, double width, double& y) {
  std::string drawn;
  for (const auto& line : wrapped(title, 15, width, 2, true)) drawn += lettering(0, y += 18, line, {"start", 15, true});
  if (!subtitle.empty()) y += 2;
  for (const auto& line : wrapped(subtitle, 12.5, width, 4))
    drawn += lettering(0, y += 16, line, {"start", 12.5, false, true});
  y += 8;
  return drawn;
}

/// One entry of a legend.
struct LegendEntry {
  std::string name = {};
  std::size_t series = 0;
  enum class Sign { line, marked_line, bar, guide } sign = Sign::line;
};

/// The names of series, in as many rows as they need; moves y below them.
inline std::string legend(const std::vector<LegendEntry>& entries, double width, double& y) {
  constexpr double size = 12.5;
  constexpr double sign = 20;
  constexpr double gap = 14;
  std::string drawn;
  double x = 0;
  for (const auto& entry : entries) {
    const std::string name = shortened(entry.name, size, width - sign - 5);
    const double taken = sign + 5 + text_width(name, size);
    if (x > 0 && x + taken > width) {
      x = 0;
      y += 18;
    }
    const double middle = y + 7;
    if (entry.sign == LegendEntry::Sign::bar)
      drawn += markup::element("rect", {{"class", "pt-bar " + series_class(entry.series)},
                                        {"x", x + 4},
                                        {"y", middle - 6},
                                        {"width", 12.0},
                                        {"height", 12.0},
                                        {"rx", 2.0},
                                        {"fill", series_colour(entry.series)}}) +
               "\n";
    else if (entry.sign == LegendEntry::Sign::guide)
      drawn += rule(x, middle, x + sign, middle, true, true);
    else
      drawn += stroke(entry.series,
                      text("M", markup::coordinate(x), " ", markup::coordinate(middle), "h", markup::coordinate(sign)));
    if (entry.sign == LegendEntry::Sign::marked_line) drawn += mark(entry.series, x + sign / 2, middle);
    drawn += lettering(x + sign + 5, middle + 4, name, {"start", size});
    x += taken + gap;
  }
  if (!entries.empty()) y += 24;
  return drawn;
}

}  // namespace shapes
}  // namespace polytask
