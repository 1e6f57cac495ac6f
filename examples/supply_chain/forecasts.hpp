/// @file
/// Rows to forecast from: a product at the end of a week, with what was sold until then, and the coming weeks as
/// labels.
#pragma once

#include "weeks.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

inline constexpr Index horizon = 4;  ///< weeks ahead, one task each
inline constexpr Index lags = 8;     ///< last weeks that are inputs one by one
inline constexpr Index memory = 12;  ///< weeks of the moving average, and the fewest that a row needs before it

/// Names of the tasks.
inline const std::array<std::string, horizon> week_tasks{"week_1", "week_2", "week_3", "week_4"};

inline double mean(Span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Standard deviation of a sample.
inline double deviation(Span<const double> values) {
  const double middle = mean(values);
  double sum = 0;
  for (const double value : values) sum += (value - middle) * (value - middle);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

/// By how many units chance alone moves sales of such a mean: the deviation of a Poisson number, but never below 1.
inline double unit_of(double average) { return std::sqrt(1 + average); }

/// One row a product and week of the given ones.
///
/// Products sell from 0 to dozens a week. So that one network serves them all, inputs and labels are differences from
/// the product's moving average, in multiples of what chance alone moves: (units - average) / sqrt(1 + average). Keys
/// hold what turns predictions back: "average", and units sold, "units week_1" and so on, and "last week".
/// @param first_end, last_end the last weeks that are known, from 0; labels are of the weeks after it
inline Table forecast_rows(const SalesHistory& history, Index first_end, Index last_end) {
  require(first_end >= memory - 1 && last_end + horizon < static_cast<Index>(history.front().sold.size()),
          "rows from week ", first_end, " to ", last_end, " need ", memory, " weeks before and ", horizon,
          " after them");
  std::vector<std::string> products, categories;
  std::map<std::string, std::vector<double>> inputs, labels, keys;
  for (Index end = first_end; end <= last_end; ++end)
    for (const auto& product : history) {
      const auto known = Span(product.sold).first(static_cast<std::size_t>(end) + 1);
      const double average = mean(known.last(memory));
      const auto scaled = [&](double units) { return (units - average) / unit_of(average); };
      products.push_back(product.name);
      categories.push_back(product.category);
      inputs["average"].push_back(average);
      inputs["whole average"].push_back(scaled(mean(known)));
      inputs["last four weeks"].push_back(scaled(mean(known.last(4))));
      inputs["deviation"].push_back(deviation(known.last(memory)) / unit_of(average));
      for (Index back = 0; back < lags; ++back)
        inputs[text("lag ", back)].push_back(scaled(known[known.size() - 1 - static_cast<std::size_t>(back)]));
      keys["average sold"].push_back(average);
      keys["last week"].push_back(known.back());
      keys["deviation sold"].push_back(deviation(known.last(memory)));
      for (Index ahead = 0; ahead < horizon; ++ahead) {
        const auto week = static_cast<std::size_t>(end + 1 + ahead);
        const auto& task = week_tasks[static_cast<std::size_t>(ahead)];
        labels[task].push_back(scaled(product.sold[week]));
        keys["units " + task].push_back(product.sold[week]);
        if (!product.discounts.empty()) inputs["discount " + task].push_back(product.discounts[week]);
      }
      if (!product.discounts.empty())
        inputs["average discount"].push_back(mean(Span(product.discounts).subspan(known.size() - memory, memory)));
    }
  Table table("weekly sales");
  table.add_categories("product", products);
  if (!history.front().category.empty()) table.add_categories("category", categories);
  for (auto& [name, values] : inputs) table.add_numbers(name, std::move(values));
  for (auto& [name, values] : labels) table.add_numbers(name, std::move(values), Use::label);
  for (auto& [name, values] : keys) table.add_numbers(name, std::move(values), Use::key);
  return table;
}

}  // namespace polytask::examples
