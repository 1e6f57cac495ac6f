/// @file
/// Whom to show a live offer that costs something and pays when the one who saw it buys.
#pragma once

#include "decision.hpp"
#include "polytask/report/line_chart.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

struct Offer {
  double cost = 2;     ///< of showing it once
  double margin = 10;  ///< earned when it was shown to the right one
  std::string pays_when = "the one who sees it buys";
  std::string rows = "visits";  ///< what the rows are
};

/// Which rows are worth an offer, and what that brings.
class Offers {
 public:
  /// @param bought 0 or 1, one a row
  Offers(Offer offer, std::vector<double> bought) : offer_(offer), bought_(std::move(bought)) {}

  /// Profit of 1,000 rows when those are shown the offer whose value is at least the limit.
  double profit(const std::vector<double>& values, double limit) const {
    double sum = 0;
    for (std::size_t row = 0; row < bought_.size(); ++row)
      if (values[row] >= limit) sum += offer_.margin * bought_[row] - offer_.cost;
    return 1000 * sum / static_cast<double>(bought_.size());
  }

  /// By the probability of a purchase: the offer goes to whom it pays to show it.
  std::vector<Measure> judge(const std::vector<double>& chances) const {
    double expected = 0;
    double shown = 0;
    for (const double chance : chances) {
      if (chance < least_chance()) continue;
      expected += offer_.margin * chance - offer_.cost;
      ++shown;
    }
    const auto rows = static_cast<double>(chances.size());
    return {{"profit", profit(chances, least_chance())},
            {"expected profit", 1000 * expected / rows},
            {"shown to, %", 100 * shown / rows}};
  }

  /// The profit when the offer goes to more and more rows, the most likely ones first.
  Line curve(const std::string& name, const std::vector<double>& chances, bool realised) const {
    std::vector<std::size_t> order(chances.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto one, auto other) { return chances[one] > chances[other]; });
    constexpr std::size_t steps = 50;
    Line line{.name = name, .points = {{0, 0}}};
    double sum = 0;
    std::size_t next = 0;
    for (std::size_t step = 1; step <= steps; ++step) {
      for (; next < step * order.size() / steps; ++next)
        sum += offer_.margin * (realised ? bought_[order[next]] : chances[order[next]]) - offer_.cost;
      line.points.push_back(
          {100.0 * static_cast<double>(step) / steps, 1000 * sum / static_cast<double>(order.size())});
    }
    return line;
  }

  double least_chance() const { return offer_.cost / offer_.margin; }

 private:
  Offer offer_;
  std::vector<double> bought_;
};

/// The simplest rule that looks at the visit: one number, at least or at most a limit, the best for the training rows.
inline SimpleDecision best_rule(const Offers& train_offers, const Table& train, const Offers& test_offers,
                                const Table& test) {
  const auto signed_values = [](const Table& table, const std::string& name, double sign) {
    auto values = table.numbers(name).values;
    for (double& value : values) value = std::isnan(value) ? -HUGE_VAL : sign * value;
    return values;
  };
  double best = 0;
  SimpleDecision found{"nobody", {{"profit", 0}, {"expected profit", 0}, {"shown to, %", 0}}};
  for (const auto& column : train.columns()) {
    if (column.use != Use::feature || !std::holds_alternative<NumberColumn>(column.values)) continue;
    for (const double sign : {1.0, -1.0}) {
      const auto values = signed_values(train, column.name, sign);
      auto limits = values;
      std::sort(limits.begin(), limits.end());
      for (std::size_t part = 0; part < 20; ++part) {
        const double limit = limits[part * limits.size() / 20];
        const double profit = train_offers.profit(values, limit);
        if (!(profit > best) || std::isinf(limit)) continue;
        best = profit;
        const auto test_values = signed_values(test, column.name, sign);
        const auto shown = std::count_if(test_values.begin(), test_values.end(), [&](double v) { return v >= limit; });
        found = {text("best rule: ", column.name, sign > 0 ? " >= " : " <= ", sign * limit),
                 {{"profit", test_offers.profit(test_values, limit)},
                  {"expected profit", profit},
                  {"shown to, %", 100 * static_cast<double>(shown) / static_cast<double>(test_values.size())}}};
      }
    }
  }
  return found;
}

/// The decision for the test rows.
/// @param label the column that says who bought
/// @param task  that predicts it
inline Decision live_offers(Offer offer, const Table& train, const Table& test, const std::string& label,
                            const std::string& task) {
  const Offers offers(offer, test.numbers(label).values);
  const std::vector<double> all(static_cast<std::size_t>(test.size()), 1.0);
  const auto chances = [&test, task](const Predictor& predict) {
    const auto predicted = predict(task, test);
    return std::vector<double>(predicted.data(), predicted.data() + predicted.size());
  };
  return {
      .question = text("Whom to show an offer that costs ", offer.cost, " and brings ", offer.margin, " when ",
                       offer.pays_when, "?"),
      .unit = text("profit of 1,000 ", offer.rows),
      .digits = 0,
      .simple = {{"everyone", {{"profit", offers.profit(all, 1)}, {"expected profit", missing}, {"shown to, %", 100}}},
                 {"nobody", {{"profit", 0}, {"expected profit", 0}, {"shown to, %", 0}}},
                 best_rule(Offers(offer, train.numbers(label).values), train, offers, test)},
      .judge = [=](const Predictor& predict) { return offers.judge(chances(predict)); },
      .curves =
          [=](const std::vector<NamedPredictor>& predictors) {
            LineChart chart{.title = text("Profit of 1,000 ", offer.rows),
                            .subtitle = "The offer goes to the most likely ones first",
                            .x_label = "shown the offer, %",
                            .y_label = "profit",
                            .marks = LineChart::Marks::none};
            for (const auto& one : predictors)
              chart.lines.push_back(offers.curve(one.name, chances(one.predict), true));
            if (predictors.size() > 1)
              chart.lines.push_back(
                  offers.curve("expected by " + predictors[1].name, chances(predictors[1].predict), false));
            return std::vector{chart};
          },
      .explanation = text("The offer pays where the probability is above ", offers.least_chance(),
                          ". A curve's end is the profit of showing it to everyone.")};
}

}  // namespace polytask::examples
