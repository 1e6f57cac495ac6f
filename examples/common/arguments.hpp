/// @file
/// The arguments that every example takes.
#pragma once

#include "polytask/core/by_name.hpp"
#include "polytask/core/views.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace polytask::examples {

struct Arguments {
  std::filesystem::path data;  ///< directory of the data; empty: the example's default
  bool simulated = false;      ///< simulated data, even where real ones are found
  std::string sharing = "hard";
  std::string weighting = "equal";
  std::string aggregation = "sum";
  bool rules = false;                 ///< every weighting and every aggregation, one after the other
  bool tune_optimizer = false;        ///< an optimizer that is the best on validation data
  ByName<double> fixed_weights = {};  ///< what --weighting fixed means here
  Index epochs = 30;
  Index seeds = 5;
  Index threads = 2;
  bool with_xgboost = false;      ///< gradient-boosted trees beside the single tasks
  bool check = false;             ///< fail unless the result is good: see run()
  std::filesystem::path json;     ///< where to write the comparison; empty: nowhere
  std::filesystem::path save;     ///< where to save the model; empty: nowhere
  std::filesystem::path report;   ///< where to write the report; empty: nowhere
  std::filesystem::path picture;  ///< where to write the decision's first chart; empty: nowhere
};

/// "1 seed", "5 seeds".
inline std::string counted(Index count, const std::string& what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// The names in a text, between commas.
inline std::vector<std::string> split_names(const std::string& text) {
  std::vector<std::string> names{""};
  for (const char letter : text)
    if (letter == ',')
      names.emplace_back();
    else
      names.back() += letter;
  return names;
}

}  // namespace polytask::examples
