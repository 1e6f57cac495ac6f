/// @file
/// Line charts side by side in one picture, with one legend.
#pragma once

#include "polytask/report/line_chart.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace polytask {

/// Lines of one name have one colour in all charts whose lines are not named at their ends. svg(grid) is the picture.
struct ChartGrid {
  std::string title = {};
  std::string subtitle = {};
  std::size_t columns = 3;
  std::vector<LineChart> charts = {};  ///< as wide as each says; without legends of their own

  /// @throws ArgumentError when there is no chart or no column, or as LineChart::draw()
  Drawing draw() const {
    require(!charts.empty() && columns > 0, "grid '", title, "': there are ", charts.size(), " charts for ", columns,
            " columns");
    std::vector<shapes::LegendEntry> names;
    std::vector<Drawing> drawings;
    for (LineChart chart : charts) {
      chart.legend = false;
      for (std::size_t which = 0; which < chart.lines.size() && !chart.named_at_ends; ++which) {
        auto& line = chart.lines[which];
        auto found = std::find_if(names.begin(), names.end(), [&](const auto& one) { return one.name == line.name; });
        if (found == names.end()) found = names.insert(names.end(), {line.name, names.size()});
        line.colour = static_cast<int>(found->series);
      }
      drawings.push_back(chart.draw());
    }
    double across = 0;
    for (const auto& drawing : drawings) across = (std::max)(across, drawing.width);
    const double width = static_cast<double>(columns) * (across + gap) - gap;
    double y = 0;
    std::string drawn = shapes::heading(title, subtitle, width, y);
    drawn += shapes::legend(names, width, y);
    std::string words;
    for (std::size_t begin = 0; begin < drawings.size(); begin += columns) {
      double height = 0;
      for (std::size_t which = begin; which < (std::min)(begin + columns, drawings.size()); ++which) {
        const double x = static_cast<double>(which - begin) * (across + gap);
        drawn += "<g transform=\"translate(" + markup::coordinate(x) + " " + markup::coordinate(y) + ")\">\n" +
                 drawings[which].body + "</g>\n";
        height = (std::max)(height, drawings[which].height);
        words += (words.empty() ? "" : " ") + drawings[which].title + ": " + drawings[which].description;
      }
      y += height + gap;
    }
    return {width, y - gap, title, words, std::move(drawn)};
  }

 private:
  static constexpr double gap = 18;
};

}  // namespace polytask
