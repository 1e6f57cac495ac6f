/// @file
/// How much of every product to order for each coming week, by predicted quantiles and by simpler rules.
#pragma once

#include "decision.hpp"
#include "forecasts.hpp"
#include "model.hpp"
#include "ordering.hpp"
#include "polytask/core/normal_quantile.hpp"

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

/// A quantile of the units sold, of a test row, some weeks ahead (0: the next week).
using DemandQuantile = std::function<double(Index row, Index ahead, double level)>;

/// The quantiles that a model predicts, in units.
inline DemandQuantile predicted_quantiles(const Predictor& predict, const Table& test) {
  std::vector<Matrix<float>> weeks;
  for (const auto& task : week_tasks) weeks.push_back(predict(task, test));
  return [weeks, &averages = test.numbers("average sold").values](Index row, Index ahead, double level) {
    const auto& week = weeks[static_cast<std::size_t>(ahead)];
    const double average = averages[static_cast<std::size_t>(row)];
    const Span<const float> quantiles(week.data() + row * week.rows(), predicted_levels.size());
    return average + unit_of(average) * quantile_at(quantiles, predicted_levels, level);
  };
}

/// Orders what the level says, in whole units, for all rows and weeks.
inline CostSum realised(const Table& test, const OrderCosts& costs, const DemandQuantile& quantile) {
  CostSum sum(costs);
  for (Index ahead = 0; ahead < horizon; ++ahead) {
    const auto& sold = test.numbers("units " + week_tasks[static_cast<std::size_t>(ahead)]).values;
    for (Index row = 0; row < test.size(); ++row)
      sum.add((std::max)(0.0, std::round(quantile(row, ahead, costs.service_level()))),
              sold[static_cast<std::size_t>(row)]);
  }
  return sum;
}

/// Per cent of the sales that were below a quantile; those equal to it count one half. Of products that sell fewer than
/// five a week on average nothing can be said so: a fourth of their sales may be one number, 0.
inline double coverage(const Table& test, const DemandQuantile& quantile, double level) {
  constexpr double enough = 5;
  const auto& averages = test.numbers("average sold").values;
  double below = 0;
  double all = 0;
  for (Index ahead = 0; ahead < horizon; ++ahead) {
    const auto& sold = test.numbers("units " + week_tasks[static_cast<std::size_t>(ahead)]).values;
    for (Index row = 0; row < test.size(); ++row) {
      if (averages[static_cast<std::size_t>(row)] < enough) continue;
      const double bound = (std::max)(0.0, std::round(quantile(row, ahead, level)));
      const double units = sold[static_cast<std::size_t>(row)];
      below += units < bound ? 1 : units == bound ? 0.5 : 0;
      all += 1;
    }
  }
  return 100 * below / all;
}

inline std::vector<Measure> order_measures(const Table& test, const OrderCosts& costs, const DemandQuantile& quantile) {
  const CostSum sum = realised(test, costs, quantile);
  return {{"cost", sum.mean()},
          {"% sufficed", sum.sufficed()},
          {"% below 10 % quantile", coverage(test, quantile, predicted_levels.front())},
          {"% below 90 % quantile", coverage(test, quantile, predicted_levels.back())}};
}

/// The rules without a model. Two give one number whatever the level; the third adds what covers the product's own ups
/// and downs: as many of its deviations as the level asks of a normal distribution.
inline std::vector<std::pair<std::string, DemandQuantile>> simple_rules(const Table& test) {
  const auto column = [&test](const char* name) {
    return [&values = test.numbers(name).values](Index row) { return values[static_cast<std::size_t>(row)]; };
  };
  const auto average = column("average sold");
  const auto deviation = column("deviation sold");
  return {{"last week's sales", [last = column("last week")](Index row, Index, double) { return last(row); }},
          {"moving average", [average](Index row, Index, double) { return average(row); }},
          {"moving average and safety stock", [average, deviation](Index row, Index, double level) {
             return average(row) + normal_quantile(level) * deviation(row);
           }}};
}

/// @param test rows of forecast_rows(); must outlive the decision
inline Decision order_decision(const Table& test, const OrderCosts& costs) {
  Decision decision{
      .question = text("How much of each product for each of the next four weeks, when a unit too many costs ",
                       costs.holding, " and one too few ", costs.shortage, "?"),
      .unit = "mean cost of a product and week",
      .higher_is_better = false,
      .digits = 3};
  decision.explanation =
      "What the orders have cost, for other costs of a shortage, too; and whether the quantiles hold: at the grey line "
      "as "
      "many sales are below a quantile as its level says. Coverage is that of products which sell five a week or more.";
  const auto rules = simple_rules(test);
  for (const auto& [name, rule] : rules) decision.simple.push_back({name, order_measures(test, costs, rule)});
  decision.judge = [&test, costs](const Predictor& predict) {
    return order_measures(test, costs, predicted_quantiles(predict, test));
  };
  decision.curves = [&test, costs, rules](const std::vector<NamedPredictor>& predictors) {
    LineChart cost{
        .title = "Realised cost", .x_label = "cost of a unit too few", .y_label = "mean cost of a product and week"};
    LineChart covered{.title = "Coverage of the quantiles", .x_label = "level, %", .y_label = "% of the sales below"};
    covered.behind = {{{0, 0}, {100, 100}}};
    auto methods = rules;
    for (const auto& [name, predict] : predictors) {
      methods.insert(methods.begin(), {name, predicted_quantiles(predict, test)});
      Line line{name};
      for (const double level : predicted_levels)
        line.points.push_back({100 * level, coverage(test, methods.front().second, level)});
      covered.lines.push_back(line);
    }
    for (const auto& [name, quantile] : methods) {
      Line line{name};
      for (const double shortage : {1.0, 2.0, 3.0, 5.0, 7.0, 9.0}) {
        const OrderCosts other{costs.holding, shortage * costs.holding};
        line.points.push_back({other.shortage, realised(test, other, quantile).mean()});
      }
      cost.lines.push_back(line);
    }
    return std::vector<LineChart>{cost, covered};
  };
  return decision;
}

}  // namespace polytask::examples
