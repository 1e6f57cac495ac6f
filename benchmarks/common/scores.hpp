/// @file
/// The scores of several methods in several runs, as a table, a chart and a JSON file.
#pragma once

#include "polytask/report/bar_chart.hpp"
#include "polytask/training/comparison.hpp"

#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace benchmark {

namespace pt = polytask;

/// One method of a table.
struct MethodScores {
  std::string method;
  std::string meaning;              ///< in a few words
  std::vector<double> scores = {};  ///< one a run
  double seconds = 0;               ///< of all runs
};

/// Prints a row a method: mean, standard deviation over the runs, seconds of a run.
inline void print_scores(const std::vector<MethodScores>& rows, int digits) {
  std::printf("%-26s %8s %9s %9s\n", "", "mean", "deviation", "s a run");
  for (const auto& row : rows)
    std::printf("%-26s %8.*f %9.*f %9.2f   %s\n", row.method.c_str(), digits, pt::mean_of(row.scores), digits,
                pt::deviation_of(row.scores), row.seconds / static_cast<double>(row.scores.size()),
                row.meaning.c_str());
}

/// Writes [{"method", "mean", "deviation"}].
inline void write_scores(const std::string& path, const std::vector<MethodScores>& rows) {
  std::ofstream file(path);
  file.precision(8);
  file << "[";
  for (std::size_t place = 0; place < rows.size(); ++place)
    file << (place == 0 ? "\n" : ",\n") << "  {\"method\": \"" << rows[place].method
         << "\", \"mean\": " << pt::mean_of(rows[place].scores)
         << ", \"deviation\": " << pt::deviation_of(rows[place].scores) << "}";
  file << "\n]\n";
  if (!file.flush()) throw std::runtime_error(path + ": the file cannot be written");
}

/// Draws a bar a method, with its deviation.
inline void draw_scores(const std::string& path, const std::vector<MethodScores>& rows, pt::BarChart chart) {
  for (const auto& row : rows)
    chart.rows.push_back({row.method, {pt::mean_of(row.scores)}, {pt::deviation_of(row.scores)}});
  pt::write_svg(path, chart);
}

}  // namespace benchmark
