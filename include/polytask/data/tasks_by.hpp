/// @file
/// One label column and a column that says whose it is: a task for each.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/data/number_text.hpp"
#include "polytask/data/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace polytask {

/// The same rows with one label column for each value of another column, for example one a school: "school 7" holds the
/// labels of the rows whose school is 7 and is missing elsewhere. The new columns come last, numbers in rising order
/// and texts in order of first appearance; `label` is gone, and `by` is a key.
/// @param label a column of numbers
/// @param by    a column of numbers or texts; a row without one has no label
/// @throws DataError when there is no such column, it is of another kind, or `by` has no value at all
inline Table tasks_by(const Table& table, const std::string& label, const std::string& by) {
  const auto& labels = table.numbers(label).values;
  std::vector<std::string> names;
  std::vector<Index> task_of(labels.size(), -1);
  if (const auto* numbers = std::get_if<NumberColumn>(&table.column(by).values)) {
    std::vector<double> sorted;
    for (const double value : numbers->values)
      if (!std::isnan(value)) sorted.push_back(value);
    std::sort(sorted.begin(), sorted.end());
    sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
    for (const double value : sorted) names.push_back(shortest_text(value));
    for (std::size_t row = 0; row < labels.size(); ++row)
      if (const double value = numbers->values[row]; !std::isnan(value))
        task_of[row] = std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
  } else {
    const auto& texts = table.categories(by);  // throws for lists
    std::vector<Index> task_of_code(texts.names.size(), -1);
    for (std::size_t row = 0; row < labels.size(); ++row) {
      const auto code = texts.codes[row];
      if (code == missing_code) continue;
      Index& task = task_of_code[static_cast<std::size_t>(code)];
      if (task < 0) {
        task = static_cast<Index>(names.size());
        names.push_back(texts.names[static_cast<std::size_t>(code)]);
      }
      task_of[row] = task;
    }
  }
  require<DataError>(!names.empty(), table.place(), "column '", by, "' has no value to make tasks by");

  Table made(table.source());
  for (const auto& column : table.columns())
    if (column.name != label) made.add(column.name, column.name == by ? Use::key : column.use, column.values);
  for (std::size_t task = 0; task < names.size(); ++task) {
    std::vector<double> own(labels.size(), missing);
    for (std::size_t row = 0; row < labels.size(); ++row)
      if (task_of[row] == static_cast<Index>(task)) own[row] = labels[row];
    made.add_numbers(by + " " + names[task], std::move(own), Use::label);
  }
  return made;
}

}  // namespace polytask
