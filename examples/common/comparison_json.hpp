/// @file
/// A comparison and a decision as JSON.
#pragma once

#include "decision.hpp"

#include "polytask/core/replace_file.hpp"
#include "polytask/files/structure.hpp"
#include "polytask/training/comparison.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace polytask::examples {

inline Json spread_json(const std::vector<double>& values) {
  return {{"mean", polytask::to_json(mean_of(values))}, {"deviation", polytask::to_json(deviation_of(values))}};
}

inline Json to_json(const Comparison& comparison) {
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
                     {"multi_task", spread_json(row.multi)},
                     {"single_task", spread_json(row.single)},
                     {"gain_percent", polytask::to_json(mean_of(row.gains))}});
  return {{"sharing", comparison.multi.sharing},
          {"weighting", comparison.multi.weighting},
          {"aggregation", comparison.multi.aggregation},
          {"seeds", comparison.gains.size()},
          {"tasks", std::move(tasks)},
          {"mean_gain_percent", spread_json(comparison.gains)},
          {"multi_task", side(comparison.multi)},
          {"single_task", side(comparison.single)}};
}

/// The value of a decision by one way of learning, of the best simple one, and every measure of both and of the others.
/// @param judged the way of learning
/// @param others single tasks, boosted trees
inline Json to_json(const Decision& decision, const Judged& judged, const std::vector<Judged>& others) {
  const auto measures = [](const Judged& of) {
    Json found = Json::object();
    for (std::size_t measure = 0; measure < of.seeds.front().size(); ++measure)
      found[of.seeds.front()[measure].name] = spread_json(of.values(measure));
    return found;
  };
  Json simple = Json::object();
  for (const auto& one : decision.simple) {
    Json& found = simple[one.name] = Json::object();
    for (const auto& measure : one.measures) found[measure.name] = polytask::to_json(measure.value);
  }
  Json json{{"question", decision.question},
            {"unit", decision.unit},
            {"higher_is_better", decision.higher_is_better},
            {"value", polytask::to_json(mean_of(judged.values(0)))},
            {"deviation", polytask::to_json(deviation_of(judged.values(0)))},
            {"baseline", polytask::to_json(baseline(decision).measures.front().value)},
            {"baseline_name", baseline(decision).name},
            {"measures", measures(judged)},
            {"simple", std::move(simple)}};
  for (const auto& other : others) json["others"][other.name] = measures(other);
  return json;
}

inline void write_json(const std::filesystem::path& path, const Json& json) {
  replace_file(path, [&](std::ostream& stream) { stream << json.dump(2) << '\n'; });
}

}  // namespace polytask::examples
