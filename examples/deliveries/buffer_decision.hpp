/// @file
/// How many days before they are needed deliveries are scheduled, by predicted quantiles and by simpler rules.
#pragma once

#include "decision.hpp"
#include "model.hpp"
#include "supply_chain/ordering.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace polytask::examples {

/// How many days late a delivery is at most, with a probability.
using LateQuantile = std::function<double(Index row, double level)>;

/// A quantile of ascending numbers: the smallest that at least so large a share of them does not exceed.
inline double quantile_of(const std::vector<double>& ascending, double level) {
  const auto place = static_cast<std::size_t>(std::ceil(level * static_cast<double>(ascending.size())));
  return ascending[place > 0 ? place - 1 : 0];
}

/// What one column says: the quantile of the past rows with the same value; of all where they are fewer than thirty.
/// With no column, that of all.
inline LateQuantile past_quantile(const Table& past, const Table& test, const std::string& column) {
  constexpr std::size_t enough = 30;
  const auto& labels = past.numbers("days_late").values;
  std::vector<double> all;
  std::map<std::string, std::vector<double>, std::less<>> groups;
  for (std::size_t row = 0; row < labels.size(); ++row) {
    if (std::isnan(labels[row])) continue;
    all.push_back(labels[row]);
    if (!column.empty())
      groups[std::string(past.categories(column).at(static_cast<Index>(row)))].push_back(labels[row]);
  }
  std::sort(all.begin(), all.end());
  for (auto& [value, days] : groups) std::sort(days.begin(), days.end());
  return [&test, column, all, groups](Index row, double level) {
    if (column.empty()) return quantile_of(all, level);
    const auto found = groups.find(test.categories(column).at(row));
    return quantile_of(found == groups.end() || found->second.size() < enough ? all : found->second, level);
  };
}

inline LateQuantile predicted_late(const Predictor& predict, const Table& test) {
  return [days = predict("days_late", test)](Index row, double level) {
    return quantile_at({days.data() + row * days.rows(), predicted_levels.size()}, predicted_levels, level);
  };
}

/// Goods are scheduled as many whole days before they are needed as the level says they may be late.
inline CostSum realised(const Table& test, const OrderCosts& costs, const LateQuantile& quantile) {
  CostSum sum(costs);
  const auto& days_late = test.numbers("days_late").values;
  for (Index row = 0; row < test.size(); ++row) {
    const double late = days_late[static_cast<std::size_t>(row)];
    if (!std::isnan(late)) sum.add(std::round(quantile(row, costs.service_level())), late);
  }
  return sum;
}

/// The column by which buffers cost least on later rows that are not those of the test.
inline std::string best_column(const Table& train, const Table& validation, const OrderCosts& costs) {
  std::string best;
  double least = HUGE_VAL;
  for (const auto& column : train.columns()) {
    if (column.use == Use::label || !std::holds_alternative<CategoryColumn>(column.values)) continue;
    const double cost = realised(validation, costs, past_quantile(train, validation, column.name)).mean();
    if (!(cost < least)) continue;
    best = column.name;
    least = cost;
  }
  return best;
}

inline std::vector<Measure> buffer_measures(const Table& test, const OrderCosts& costs, const LateQuantile& quantile) {
  const CostSum sum = realised(test, costs, quantile);
  return {{"cost", sum.mean()}, {"% in time", sum.sufficed()}};
}

/// The simple rules know all that was known when the test begins; their column is chosen as networks are.
/// @param test must outlive the decision
inline Decision buffer_decision(const Table& train, const Table& validation, const Table& past, const Table& test,
                                const OrderCosts& costs, const std::string& question) {
  Decision decision{.question = question, .unit = "mean cost of a delivery", .higher_is_better = false, .digits = 2};
  decision.explanation = "What being early and being late have cost together, for other costs of a day late, too.";
  const std::string column = best_column(train, validation, costs);
  const std::vector<std::pair<std::string, LateQuantile>> rules{
      {"as scheduled", [](Index, double) { return 0.0; }},
      {"one buffer for all", past_quantile(past, test, "")},
      {"a buffer for each " + column, past_quantile(past, test, column)}};
  for (const auto& [name, rule] : rules) decision.simple.push_back({name, buffer_measures(test, costs, rule)});
  decision.judge = [&test, costs](const Predictor& predict) {
    return buffer_measures(test, costs, predicted_late(predict, test));
  };
  decision.curves = [&test, costs, rules](const std::vector<NamedPredictor>& predictors) {
    LineChart chart{.title = "Realised cost", .x_label = "cost of a day late", .y_label = "mean cost of a delivery"};
    std::vector<std::pair<std::string, LateQuantile>> methods;
    for (const auto& [name, predict] : predictors) methods.emplace_back(name, predicted_late(predict, test));
    methods.insert(methods.end(), rules.begin(), rules.end());
    for (const auto& [name, quantile] : methods) {
      Line line{name};
      for (const double shortage : {1.0, 3.0, 6.0, 9.0, 14.0, 19.0}) {
        const OrderCosts other{costs.holding, shortage * costs.holding};
        line.points.push_back({other.shortage, realised(test, other, quantile).mean()});
      }
      chart.lines.push_back(line);
    }
    return std::vector<LineChart>{chart};
  };
  return decision;
}

}  // namespace polytask::examples
