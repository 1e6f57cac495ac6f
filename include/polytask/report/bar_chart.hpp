/// @file
/// A chart of horizontal bars with deviations, in groups, with names that may be long.
#pragma once

#include "polytask/report/axis.hpp"
#include "polytask/report/drawing.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace polytask {

/// One name with a bar for each series.
struct BarRow {
  std::string name = {};
  std::vector<double> values = {};      ///< one a series; not a number: no bar
  std::vector<double> deviations = {};  ///< half the length of each error bar; or empty
  bool total = false;                   ///< of all other rows: set apart from them
};

/// svg(chart) is the picture.
struct BarChart {
  std::string title = {};
  std::string subtitle = {};
  std::string x_label = {};
  std::vector<std::string> series = {};  ///< the names of the bars of a row; may be left empty where there is one
  std::vector<BarRow> rows = {};
  std::vector<Guide> across = {};  ///< at a value, with a name in the legend
  int digits = 1;                  ///< behind the point, of the numbers beside the bars
  std::string unit = {};           ///< behind these numbers, with a blank if it is to have one
  bool signs = false;              ///< a plus before numbers above 0
  double width = 360;              ///< of the whole

  /// @throws ArgumentError when there is no row, or a row has not one value a series
  Drawing draw() const {
    const std::size_t bars = (std::max<std::size_t>)(1, series.size());
    check(bars);
    double y = 0;
    std::string drawn = shapes::heading(title, subtitle, width, y);
    drawn += shapes::legend(legend_entries(), width, y);
    const double top = y;
    const double thickness = bars == 1 ? 15 : 13;

    // the names at the left, over two lines where they are long
    double left = 0;
    for (const auto& row : rows) left = (std::max)(left, text_width(row.name, size, row.total));
    left = (std::min)(left, 0.33 * width) + 10;
    std::vector<std::vector<std::string>> names;
    std::vector<double> heights;
    for (const auto& row : rows) {
      names.push_back(wrapped(row.name, size, left - 8, 2, row.total));
      heights.push_back(
          (std::max)(thickness * static_cast<double>(bars), 14.0 * static_cast<double>(names.back().size())) + 10);
      y += heights.back();
    }
    const double bottom = y;

    const Scale scale = scaled(left);
    const auto x = [&](double value) { return scale.left + scale.axis.share(value) * (scale.right - scale.left); };
    for (const auto& tick : scale.axis.ticks) {
      drawn += shapes::rule(x(tick.value), top, x(tick.value), bottom);
      drawn += shapes::lettering(x(tick.value), bottom + 16, tick.label, {"middle", size, false, true});
    }
    for (const auto& guide : across) drawn += shapes::rule(x(guide.at), top, x(guide.at), bottom, true, true);

    y = top;
    for (std::size_t which = 0; which < rows.size(); ++which) {
      const double middle = y + heights[which] / 2;
      if (rows[which].total) drawn += shapes::rule(0, y, width, y);
      for (std::size_t part = 0; part < names[which].size(); ++part)
        drawn += shapes::lettering(
            left - 8, middle + 4 + 14 * (static_cast<double>(part) - static_cast<double>(names[which].size() - 1) / 2),
            names[which][part], {"end", size, rows[which].total});
      for (std::size_t bar = 0; bar < bars; ++bar)
        drawn += bar_of(which, bar, x, middle + thickness * (static_cast<double>(bar) - static_cast<double>(bars) / 2),
                        thickness);
      y += heights[which];
    }
    drawn += shapes::rule(x(0), top, x(0), bottom, true);
    if (!x_label.empty())
      drawn += shapes::lettering((scale.left + scale.right) / 2, bottom + 34, shortened(x_label, size, width - left),
                                 {"middle", size, false, true});
    return {width, bottom + (x_label.empty() ? 24 : 42), title, description(), std::move(drawn)};
  }

 private:
  static constexpr double size = 12.5;  ///< of letters

  /// The axis, and where it lies.
  struct Scale {
    Axis axis;
    double left;
    double right;
  };

  void check(std::size_t bars) const {
    require(!rows.empty(), "chart '", title, "': there is no row to draw");
    for (const auto& row : rows)
      require(row.values.size() == bars && (row.deviations.empty() || row.deviations.size() == bars), "chart '", title,
              "': row '", row.name, "' has ", row.values.size(), " values and ", row.deviations.size(),
              " deviations for ", bars, " series");
  }

  std::vector<shapes::LegendEntry> legend_entries() const {
    std::vector<shapes::LegendEntry> entries;
    if (series.size() > 1)
      for (std::size_t bar = 0; bar < series.size(); ++bar)
        entries.push_back({series[bar], bar, shapes::LegendEntry::Sign::bar});
    for (const auto& guide : across)
      if (!guide.name.empty()) entries.push_back({guide.name, 0, shapes::LegendEntry::Sign::guide});
    return entries;
  }

  double deviation(const BarRow& row, std::size_t bar) const {
    return row.deviations.empty() || !std::isfinite(row.deviations[bar]) ? 0 : row.deviations[bar];
  }

  /// The number beside a bar; of a number with too many digits three are kept.
  std::string words(const BarRow& row, std::size_t bar) const {
    const double value = row.values[bar];
    const auto put = [&](const auto& number) {
      std::string found = (signs && value > 0 ? "+" : "") + number(value);
      if (deviation(row, bar) > 0) found += " \u00b1 " + number(deviation(row, bar));
      return found + (std::isnan(value) ? "" : unit);
    };
    const double room = 0.36 * width;
    const auto whole = put([&](double number) { return markup::with_thousands(markup::fixed(number, digits)); });
    if (text_width(whole, size, row.total) <= room) return whole;
    return shortened(put([](double number) { return markup::number(number, 3); }), size, room, row.total);
  }

  /// With 0 on the axis, and room at the right for the numbers.
  Scale scaled(double left) const {
    double low = 0, high = 0, room = 0;
    for (const auto& guide : across) {
      low = (std::min)(low, guide.at);
      high = (std::max)(high, guide.at);
    }
    for (const auto& row : rows)
      for (std::size_t bar = 0; bar < row.values.size(); ++bar) {
        room = (std::max)(room, text_width(words(row, bar), size, row.total) + 10);
        if (!std::isfinite(row.values[bar])) continue;
        low = (std::min)(low, row.values[bar] - deviation(row, bar));
        high = (std::max)(high, row.values[bar] + deviation(row, bar));
      }
    if (low == high) high = 1;
    Scale found{{}, left + 4, (std::max)(left + 44, width - room)};
    found.axis = fitted_axis(low, high, false, found.right - found.left, size, true, {.most_ticks = 5});
    return found;
  }

  template <class Place>
  std::string bar_of(std::size_t which, std::size_t bar, const Place& x, double y, double thickness) const {
    const auto& row = rows[which];
    const double value = row.values[bar];
    const std::string said = words(row, bar);
    const double middle = y + thickness / 2;
    const std::string number = shapes::lettering(width, middle + 4, said, {"end", size, row.total});
    if (!std::isfinite(value)) return number;
    const double from = (std::min)(x(0), x(value));
    const double apart = row.deviations.empty() ? 0 : deviation(row, bar);
    std::string told = row.name + (series.size() > 1 ? ", " + series[bar] : "") + ": " + markup::number(value);
    if (apart > 0) told += " \u00b1 " + markup::number(apart);
    std::string drawn = markup::element("rect",
                                        {{"class", "pt-bar " + series_class(bar)},
                                         {"x", from},
                                         {"y", y + 1},
                                         {"width", (std::max)(0.5, std::abs(x(value) - x(0)))},
                                         {"height", thickness - 2},
                                         {"rx", 1.5},
                                         {"fill", series_colour(bar)}},
                                        shapes::hover(told + unit)) +
                        "\n";
    if (apart > 0) {
      const auto at = [&](double place) { return markup::coordinate(place); };
      drawn +=
          markup::element("path", {{"class", "pt-whisker"},
                                   {"d", "M" + at(x(value - apart)) + " " + at(middle) + "H" + at(x(value + apart)) +
                                             "M" + at(x(value - apart)) + " " + at(middle - 3) + "v6M" +
                                             at(x(value + apart)) + " " + at(middle - 3) + "v6"},
                                   {"fill", "none"},
                                   {"stroke", light_colours.ink},
                                   {"stroke-width", 1.2}}) +
          "\n";
    }
    return drawn + number;
  }

  std::string description() const {
    std::string found = "Bars" + (x_label.empty() ? "" : " of " + x_label);
    const char* between = ": ";
    for (const auto& row : rows)
      for (std::size_t bar = 0; bar < row.values.size(); ++bar) {
        found += between + row.name + (series.size() > 1 ? ", " + series[bar] : "") + " " + words(row, bar);
        between = "; ";
      }
    return found + ".";
  }
};

}  // namespace polytask
