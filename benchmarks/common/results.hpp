/// @file
/// The arguments and the table of a benchmark.
#pragma once

#include "alternate.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace benchmark {

struct Arguments {
  bool quick = false;         ///< few and short rounds, to see that the program works
  bool check = false;         ///< a short run that fails when something is far worse than it should be
  bool record = false;        ///< writes what a check compares with
  bool pytorch = false;       ///< the rows against PyTorch, too
  bool scikit_learn = false;  ///< the rows against scikit-learn, too
  std::string data;           ///< directory of a data set; empty: where data sets are looked for
  std::string svg;            ///< where the picture is drawn; nowhere if empty
  std::string json;           ///< where the table is written too; nowhere if empty
};

/// An argument that a program takes beside --quick and --json FILE.
struct Flag {
  std::string_view word;   ///< "--check"
  std::string_view value;  ///< "FILE"; empty: none
  std::string_view meaning;
  bool Arguments::*given = nullptr;
  std::string Arguments::*text = nullptr;
};

inline constexpr Flag with_pytorch{"--with-pytorch", "", "against PyTorch, too, which benchmarks/run then installs",
                                   &Arguments::pytorch, nullptr};

/// Reads the arguments; prints a line of help and ends the program for anything else.
inline Arguments arguments(int count, char** words, std::string_view purpose, std::vector<Flag> flags = {}) {
  flags.insert(flags.begin(),
               {{"--quick", "", "few and short rounds, to see that it works", &Arguments::quick, nullptr},
                {"--json", "FILE", "writes the table to a file as well", nullptr, &Arguments::json}});
  Arguments found;
  for (int place = 1; place < count; ++place) {
    const std::string_view word = words[place];
    const auto flag = std::find_if(flags.begin(), flags.end(), [&](const Flag& one) { return one.word == word; });
    if (flag != flags.end() && flag->given != nullptr) {
      found.*flag->given = true;
    } else if (flag != flags.end() && place + 1 < count) {
      found.*flag->text = words[++place];
    } else {
      const bool help = word == "--help" || word == "-h";
      auto& out = help ? std::cout : std::cerr;
      out << purpose << "\n\nUsage: " << words[0] << " [OPTION...]\n";
      for (const auto& one : flags)
        out << "  " << one.word << " " << one.value << std::string(20 - one.word.size() - one.value.size(), ' ')
            << one.meaning << "\n";
      std::exit(help ? 0 : 2);
    }
  }
  return found;
}

/// Alternates two pieces of work for as long as the arguments allow. For a check it is done three times, of which the
/// middle one counts.
template <class First, class Second>
Ratio compare(const Arguments& arguments, First&& first, Second&& second, Time time = Time::processor) {
  if (arguments.quick) return alternate(first, second, 5, 0.0005, time);
  if (!arguments.check) return alternate(first, second, 301, 0.002, time);
  std::array<Ratio, 3> tries;
  for (auto& one : tries) one = alternate(first, second, 41, 0.001, time);
  std::sort(tries.begin(), tries.end(), [](const Ratio& one, const Ratio& other) { return one.median < other.median; });
  return tries[1];
}

/// The table that a benchmark prints as it goes.
class Results {
 public:
  static constexpr double no_bar = std::numeric_limits<double>::infinity();
  static constexpr double margin = 0.25;  ///< by which a ratio may be above its bar before a check fails

  explicit Results(const Arguments& arguments) : json_(arguments.json), check_(arguments.check) {
    std::printf("%-62s %9s  %-15s  %5s\n", "", "ratio", "quartiles", "bar");
  }

  /// A line between the rows.
  void title(const std::string& words) { std::printf("\n%s\n", words.c_str()); }

  /// A ratio with its quartiles, and the most it should be.
  void add(const std::string& row, const Ratio& ratio, double bar = no_bar) {
    add(row, ratio.median, ratio.low, ratio.high, bar);
  }

  /// A number that is no ratio, in the unit that the row's name says.
  void add(const std::string& row, double value, double bar = no_bar) { add(row, value, value, value, bar); }

  /// Writes the JSON file, if one was asked for: [{"row", "ratio", "spread": [quartiles], "bar": null if none}].
  /// @return what the program is to return: 1 if a check has failed
  int finish() const {
    if (!json_.empty()) write();
    if (!check_) return 0;
    int failed = 0;
    for (const Row& row : rows_)
      if (row.value > row.bar * (1 + margin)) {
        std::printf("%s: %.3f is more than %.0f %% above the bar of %.2f\n", row.name.c_str(), row.value, 100 * margin,
                    row.bar);
        failed = 1;
      }
    if (failed == 0) std::printf("\nNo ratio is more than %.0f %% above its bar.\n", 100 * margin);
    return failed;
  }

 private:
  struct Row {
    std::string name;
    double value, low, high, bar;
  };

  void write() const {
    std::ofstream file(json_);
    file << "[";
    for (std::size_t place = 0; place < rows_.size(); ++place) {
      const Row& row = rows_[place];
      file << (place == 0 ? "\n" : ",\n") << "  {\"row\": \"" << row.name << "\", \"ratio\": " << row.value
           << ", \"spread\": [" << row.low << ", " << row.high << "], \"bar\": ";
      if (row.bar == no_bar)
        file << "null}";
      else
        file << row.bar << "}";
    }
    file << "\n]\n";
    if (!file.flush()) throw std::runtime_error(json_ + ": the file cannot be written");
  }

  void add(const std::string& row, double value, double low, double high, double bar) {
    rows_.push_back({row, value, low, high, bar});
    std::printf("%-62s %9.3f  ", row.c_str(), value);
    if (low < high)
      std::printf("%6.3f - %6.3f  ", low, high);
    else
      std::printf("%17s", "");
    if (bar != no_bar) std::printf("%6.2f  %s", bar, value <= bar ? "reached" : "MISSED");
    std::printf("\n");
    std::fflush(stdout);
  }

  std::string json_;
  bool check_;
  std::vector<Row> rows_;
};

}  // namespace benchmark
