/// @file
/// Charts of paths over a plane.
#pragma once

#include "descent.hpp"

#include "polytask/report/chart_grid.hpp"

#include <string>
#include <utility>
#include <vector>

namespace benchmark {

inline std::vector<pt::LinePoint> line_points(const Path& path) {
  std::vector<pt::LinePoint> points;
  for (const Point& point : path) points.push_back({point[0], point[1]});
  return points;
}

/// A chart with a ring where each path begins and a disc where it ends.
/// @param front where no loss can fall without another's rising: in the background
inline pt::LineChart path_chart(std::string title, const Path& front, std::vector<double> x_range,
                                std::vector<double> y_range) {
  return {.title = std::move(title),
          .behind = {line_points(front)},
          .behind_thickness = 6,
          .x_range = std::move(x_range),
          .y_range = std::move(y_range),
          .marks = pt::LineChart::Marks::ends};
}

}  // namespace benchmark
