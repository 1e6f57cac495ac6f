/// @file
/// How the tasks of a model are related, with their names.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>
#include <cmath>
#include <iomanip>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// The covariance of the tasks' parameters: symmetric, without negative eigenvalues, of trace 1.
struct TaskRelations {
  std::vector<std::string> tasks;
  Matrix<double> covariance;  ///< tasks x tasks, in their order

  /// Covariances divided by both deviations: from -1 (opposed) over 0 (unrelated) to 1 (alike).
  Matrix<double> correlations() const {
    const Index size = covariance.rows();
    Matrix<double> found(size, size);
    for (Index column = 0; column < size; ++column)
      for (Index row = 0; row < size; ++row)
        found(row, column) =
            row == column
                ? 1
                : covariance(row, column) / (std::sqrt(covariance(row, row)) * std::sqrt(covariance(column, column)));
    return found;
  }

  /// The correlation of two tasks.
  /// @throws ArgumentError with the known names
  double correlation(std::string_view one, std::string_view other) const {
    return correlations()(place_of(one), place_of(other));
  }

 private:
  Index place_of(std::string_view task) const {
    const auto found = std::find(tasks.begin(), tasks.end(), task);
    require(found != tasks.end(), "there is no task '", task, "' among those related; they are: ", list_of(tasks));
    return static_cast<Index>(found - tasks.begin());
  }
};

/// The correlations as a table: a line and a column a task.
inline std::ostream& operator<<(std::ostream& stream, const TaskRelations& relations) {
  const std::string title = "correlation";
  std::size_t first = title.size();
  for (const auto& task : relations.tasks) first = (std::max)(first, task.size());
  const auto cell = [&](const std::string& text, const std::string& head) {
    stream << "  " << std::setw(static_cast<int>((std::max)(head.size(), std::size_t{6}))) << text;
  };
  stream << title << std::string(first - title.size(), ' ');
  for (const auto& task : relations.tasks) cell(task, task);
  stream << '\n';
  const Matrix<double> found = relations.correlations();
  for (std::size_t row = 0; row < relations.tasks.size(); ++row) {
    stream << relations.tasks[row] << std::string(first - relations.tasks[row].size(), ' ');
    for (std::size_t column = 0; column < relations.tasks.size(); ++column) {
      std::ostringstream number;
      number << std::fixed << std::setprecision(3) << found(static_cast<Index>(row), static_cast<Index>(column));
      cell(number.str(), relations.tasks[column]);
    }
    stream << '\n';
  }
  return stream;
}

}  // namespace polytask
