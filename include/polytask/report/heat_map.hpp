/// @file
/// A matrix as coloured cells with their numbers.
#pragma once

#include "polytask/report/drawing.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace polytask {

/// Numbers above 0 have one colour and those below 0 another; the nearer to 0, the fainter. svg(chart) is the picture.
struct HeatMap {
  std::string title = {};
  std::string subtitle = {};
  std::vector<std::string> rows = {};
  std::vector<std::string> columns = {};
  std::vector<std::vector<double>> values = {};  ///< rows x columns; not a number: an empty cell
  double strongest = 0;  ///< the size of a number with the full colour; 0: the largest of the values
  int digits = 2;        ///< behind the point
  double width = 360;    ///< of the whole

  /// @throws ArgumentError when there is no cell, or the values are not rows x columns
  Drawing draw() const {
    check();
    double y = 0;
    std::string drawn = shapes::heading(title, subtitle, width, y);
    double left = 0;
    for (const auto& row : rows) left = (std::max)(left, text_width(row, size));
    left = (std::min)(left, 0.32 * width) + 8;
    std::vector<std::vector<std::string>> names;  // over two lines where they are long
    std::size_t lines = 1;
    for (const auto& row : rows) {
      names.push_back(wrapped(row, size, left - 8, 2));
      lines = (std::max)(lines, names.back().size());
    }

    // names of columns lie where there is room for them, else they are slanted or stand; where columns are narrower
    // than letters are high, not all have one
    const auto count = static_cast<double>(columns.size());
    const double longest = 0.36 * width;
    std::vector<double> widths;
    for (const auto& column : columns) widths.push_back((std::min)(text_width(column, size), longest));
    const double widest = *std::max_element(widths.begin(), widths.end());
    const double broadest = (std::min)((width - left) / count, 72.0);
    double cell = broadest;
    int angle = 0;
    if (widest + 6 > broadest) {
      angle = 45;
      for (std::size_t column = 0; column < columns.size(); ++column)
        cell = (std::min)(cell, (width - left - slope * widths[column]) / (static_cast<double>(column) + 0.5));
      if (slope * cell < size) {
        angle = 90;
        cell = broadest;
      }
    }
    const auto apart = angle == 90 ? static_cast<std::size_t>(std::ceil(size / cell)) : 1;
    y += angle == 0 ? 20 : (angle == 45 ? slope : 1) * widest + 14;
    const double top = y;
    const double height = std::clamp(cell, lines == 1 ? 20.0 : 32.0, 34.0);
    for (std::size_t column = 0; column < columns.size(); column += apart) {
      const double middle = left + cell * (static_cast<double>(column) + 0.5);
      if (angle == 0)
        drawn += shapes::lettering(middle, top - 7, columns[column], {"middle", size, false, true});
      else
        drawn += shapes::lettering(
            0, 0, shortened(columns[column], size, longest), {"start", size, false, true},
            {{"transform", "translate(" + markup::coordinate(angle == 90 ? (std::min)(middle + 4, width - 3) : middle) +
                               " " + markup::coordinate(top - 6) + ") rotate(-" + std::to_string(angle) + ")"}});
    }
    const double full = largest();
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const double up = top + height * static_cast<double>(row);
      for (std::size_t line = 0; line < names[row].size(); ++line)
        drawn += shapes::lettering(
            left - 8,
            up + height / 2 + 4 + 14 * (static_cast<double>(line) - static_cast<double>(names[row].size() - 1) / 2),
            names[row][line], {"end", size});
      for (std::size_t column = 0; column < columns.size(); ++column)
        drawn += cell_of(row, column, left + cell * static_cast<double>(column), up, cell, height, full);
    }
    return {width, top + height * static_cast<double>(rows.size()) + 8, title, description(), std::move(drawn)};
  }

 private:
  static constexpr double size = 12.5;      ///< of letters
  static constexpr double slope = 0.7071;   ///< sine of 45 degrees
  static constexpr double strength = 0.62;  ///< of the full colour: text can be read on it

  void check() const {
    require(!rows.empty() && !columns.empty(), "chart '", title, "': there is no cell to draw");
    require(values.size() == rows.size(), "chart '", title, "': there are ", values.size(), " lines of values for ",
            rows.size(), " rows");
    for (std::size_t row = 0; row < rows.size(); ++row)
      require(values[row].size() == columns.size(), "chart '", title, "': row '", rows[row], "' has ",
              values[row].size(), " values for ", columns.size(), " columns");
  }

  double largest() const {
    double found = 0;
    for (const auto& row : values)
      for (const double value : row)
        if (std::isfinite(value)) found = (std::max)(found, std::abs(value));
    return strongest > 0 ? strongest : found > 0 ? found : 1;
  }

  std::string cell_of(std::size_t row, std::size_t column, double x, double y, double cell, double height,
                      double full) const {
    const double value = values[row][column];
    const std::string told = shapes::hover(rows[row] + ", " + columns[column] + ": " + markup::number(value));
    const double share = std::isfinite(value) ? (std::min)(1.0, std::abs(value) / full) : 0;
    std::string drawn = markup::element("rect",
                                        {{"class", value < 0 ? "pt-cell pt-below" : "pt-cell pt-above"},
                                         {"x", x + 0.75},
                                         {"y", y + 0.75},
                                         {"width", (std::max)(1.0, cell - 1.5)},
                                         {"height", height - 1.5},
                                         {"rx", 2.0},
                                         {"fill", light_colours.series[value < 0 ? 4 : 0]},
                                         {"fill-opacity", markup::fixed(0.04 + (strength - 0.04) * share, 3)}},
                                        told) +
                        "\n";
    const std::string number = markup::fixed(value, digits);
    const double letters = std::isnan(value) ? size : (std::min)(size, size * (cell - 4) / text_width(number, size));
    if (letters >= 8.5)  // smaller cannot be read
      drawn += shapes::lettering(x + cell / 2, y + height / 2 + 4, number,
                                 {"middle", letters, false, std::isnan(value)}, {{"pointer-events", "none"}});
    return drawn;
  }

  std::string description() const {
    std::string found =
        "A table of " + std::to_string(rows.size()) + " rows and " + std::to_string(columns.size()) + " columns";
    const char* between = ": ";
    for (std::size_t row = 0; row < rows.size(); ++row) {
      found += between + rows[row];
      for (std::size_t column = 0; column < columns.size(); ++column)
        found += (column == 0 ? " " : ", ") + columns[column] + " " + markup::fixed(values[row][column], digits);
      between = "; ";
    }
    return found + ".";
  }
};

}  // namespace polytask
