/// @file
/// A comparison as a JSON file.
#pragma once

#include "polytask/core/replace_file.hpp"
#include "polytask/files/structure.hpp"
#include "polytask/training/comparison.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace polytask::examples {

inline Json to_json(const Comparison& comparison) {
  const auto spread = [](const std::vector<double>& values) {
    return Json{{"mean", polytask::to_json(mean_of(values))}, {"deviation", polytask::to_json(deviation_of(values))}};
  };
  const auto side = [](const ComparisonSide& cost) {
    return Json{{"parameters", cost.parameters},
                {"step_seconds", mean_of(cost.step_seconds)},
                {"training_seconds", mean_of(cost.training_seconds)},
                {"prediction_seconds", mean_of(cost.prediction_seconds)}};
  };
  Json tasks = Json::array();
  for (const auto& row : comparison.rows)
    tasks.push_back({{"task", row.task},
                     {"metric", std::string(row.metric.name)},
                     {"higher_is_better", row.metric.higher_is_better},
                     {"multi_task", spread(row.multi)},
                     {"single_task", spread(row.single)},
                     {"gain_percent", polytask::to_json(mean_of(row.gains))}});
  return {{"sharing", comparison.multi.sharing},
          {"weighting", comparison.multi.weighting},
          {"aggregation", comparison.multi.aggregation},
          {"seeds", comparison.gains.size()},
          {"tasks", std::move(tasks)},
          {"mean_gain_percent", spread(comparison.gains)},
          {"multi_task", side(comparison.multi)},
          {"single_task", side(comparison.single)}};
}

inline void write_json(const std::filesystem::path& path, const Json& json) {
  replace_file(path, [&](std::ostream& stream) { stream << json.dump(2) << '\n'; });
}

}  // namespace polytask::examples
