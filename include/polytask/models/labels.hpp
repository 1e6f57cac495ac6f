/// @file
/// The labels of a data set: taken from a table, and checked.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/data/table.hpp"
#include "polytask/features/dataset.hpp"
#include "polytask/features/features.hpp"
#include "polytask/models/task.hpp"

#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace polytask {

/// Why a label cannot be one of a task's, by the task's number; empty if it can.
template <Scalar S>
using LabelProblem = std::function<std::string(std::size_t task, S label)>;

/// The column of sample weights, null if the table has none.
/// @throws DataError naming the row of a weight that is negative, missing or not finite
inline const NumberColumn* sample_weights(const Table& table) {
  const NumberColumn* weights = nullptr;
  for (const auto& column : table.columns()) {
    if (column.use != Use::weight) continue;
    require<DataError>(weights == nullptr, table.place(), "column '", column.name,
                       "' is a second one of weights of the rows");
    weights = &table.numbers(column.name);
    for (std::size_t row = 0; row < weights->values.size(); ++row)
      if (!(weights->values[row] >= 0 && std::isfinite(weights->values[row])))
        fail<DataError>({table.place(), "column '", column.name, "', ", table.row_name(static_cast<Index>(row)),
                         ": expected a weight of at least 0, got ", weights->values[row]});
  }
  return weights;
}

/// Writes the labels and weights of a table's rows into a data set; a missing label has the weight 0.
/// @param offsets where each task's rows of labels begin, and how many there are
/// @throws DataError naming a column that is absent, and the row of a label that its task's loss cannot take
template <Scalar S>
void encode_labels(const Table& table, const Features& features, Span<const TaskShape> shapes,
                   Span<const Index> offsets, const LabelProblem<S>& problem_with, Dataset<S>& data) {
  data.labels.resize(offsets.back(), table.size());
  data.weights.resize(offsets.back(), table.size());
  const NumberColumn* weights = sample_weights(table);
  for (std::size_t task = 0; task < shapes.size(); ++task) {
    const auto& columns = shapes[task].labels;
    for (std::size_t which = 0; which < columns.size(); ++which) {
      const Index row = offsets[task] + static_cast<Index>(which);
      const auto values = features.labels(table, columns[which]);
      for (std::size_t sample = 0; sample < values.size(); ++sample) {
        const auto label = static_cast<S>(values[sample]);
        if (!std::isnan(label)) {
          const std::string problem = problem_with(task, label);
          if (!problem.empty())
            fail<DataError>({table.place(), "task '", shapes[task].name, "', column '", columns[which], "', ",
                             table.row_name(static_cast<Index>(sample)), ": ", label, " ", problem});
        }
        data.set_label(row, static_cast<Index>(sample), label,
                       weights == nullptr ? S(1) : static_cast<S>(weights->values[sample]));
      }
    }
  }
}

/// Every label that counts is one that its task's loss can take, and no weight is negative or not finite.
/// @throws DataError naming task and sample
template <Scalar S>
void check_labels(const Dataset<S>& data, Span<const TaskShape> shapes, Span<const Index> offsets,
                  const LabelProblem<S>& problem_with) {
  for (std::size_t task = 0; task < shapes.size(); ++task)
    for (Index sample = 0; sample < data.size(); ++sample)
      for (Index row = offsets[task]; row < offsets[task + 1]; ++row) {
        const S weight = data.weights(row, sample);
        require<DataError>(weight >= 0 && std::isfinite(weight), "task '", shapes[task].name, "', sample ", sample,
                           ": the weight is ", weight, ", not a finite number of at least 0");
        if (weight == 0) continue;
        const std::string problem = problem_with(task, data.labels(row, sample));
        require<DataError>(problem.empty(), "task '", shapes[task].name, "', sample ", sample, ": the label ",
                           data.labels(row, sample), " ", problem);
      }
}

/// Throws unless a training can learn something of a task: it has a label, and a classification more than one class.
/// @throws DataError naming the task and its column
template <Scalar S>
void check_learnable(const Dataset<S>& data, const TaskShape& shape, Index first_row) {
  bool any = false;
  bool several = false;
  S first{};
  for (Index row = first_row; row < first_row + shape.label_rows; ++row)
    for (Index sample = 0; sample < data.size(); ++sample) {
      if (!(data.weights(row, sample) > 0)) continue;
      if (!any) first = data.labels(row, sample);
      any = true;
      several = several || data.labels(row, sample) != first;
    }
  require<DataError>(any, "task '", shape.name, "' has no label in the training data (column '", shape.labels.front(),
                     "')");
  require<DataError>(several || shape.kind != LossKind::classification, "task '", shape.name,
                     "' has one class only in the training data: every label of column '", shape.labels.front(),
                     "' is ", first);
}

}  // namespace polytask
