/// @file
/// Losses and metrics of a model's tasks on a data set.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/metrics/metric.hpp"
#include "polytask/models/model.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace polytask {

/// What one task reaches on a data set.
struct TaskScore {
  std::string_view task;
  std::string_view metric;
  double loss;   ///< weighted mean loss; NaN without a label
  double value;  ///< the metric; NaN when it is not defined
};

/// What a data set's tasks are measured by, one metric a task, by default that of the task's loss.
template <Scalar S>
std::vector<Metric> default_metrics(const Model<S>& model) {
  std::vector<Metric> metrics;
  for (const auto& shape : model.shapes()) metrics.push_back(shape.metric);
  return metrics;
}

/// Copies some rows of some samples.
template <Scalar S, Scalar To>
void take_rows(const Matrix<S>& from, Index row, Index sample, Matrix<To>& to, Index rows, Index samples) {
  to.resize(rows, samples);
  for (Index place = 0; place < samples; ++place)
    std::copy_n(from.col(sample + place).data() + row, rows, to.col(place).data());
}

/// Predictions and labels of every active task, as metrics take them; an inactive task's are empty.
/// @param active one byte a task; empty: all. What active tasks depend on (see Link) is predicted, too, but not told
/// @param losses when given, the weighted mean loss of each task
template <Scalar S>
std::vector<Evaluation> evaluations(const Model<S>& model, const Dataset<S>& data,
                                    const std::vector<std::uint8_t>& active = {}, std::vector<double>* losses = nullptr,
                                    Span<const std::int32_t> groups = {}) {
  model.check(data, true);
  require(active.empty() || active.size() == model.size(), "there are ", active.size(), " bytes for ", model.size(),
          " tasks");
  require(groups.empty() || static_cast<Index>(groups.size()) == data.size(), "there are ", groups.size(),
          " groups for ", data.size(), " samples");
  std::vector<Evaluation> found(model.size());
  std::vector<double> sums(model.size(), 0.0);
  if (data.size() == 0) return found;
  auto space = model.workspace((std::min)(data.size(), Model<S>::prediction_batch));
  const auto told = active.empty() ? space.active : active;
  space.active = told;
  for (std::size_t task = 0; task < model.size(); ++task) {
    if (!told[task]) continue;
    const auto& shape = model.shapes()[task];
    const Index first = model.label_offsets()[task];
    found[task].predictions.resize(shape.prediction_rows, data.size());
    take_rows(data.labels, first, 0, found[task].labels, shape.label_rows, data.size());
    take_rows(data.weights, first, 0, found[task].weights, shape.label_rows, data.size());
    found[task].groups = groups;
    found[task].levels = shape.levels;
  }
  Matrix<S> labels;
  Matrix<S> weights;
  model.for_each_batch(data.size(), [&](Index begin, Span<const Index> chosen) {
    model.predict(space, data, chosen);
    for (std::size_t task = 0; task < model.size(); ++task) {
      if (!told[task]) continue;
      auto& head = space.heads[task];
      std::copy_n(head.predictions.data(), head.prediction_rows * space.samples,
                  found[task].predictions.col(begin).data());
      const Index first = model.label_offsets()[task];
      take_rows(data.labels, first, begin, labels, head.label_rows, space.samples);
      take_rows(data.weights, first, begin, weights, head.label_rows, space.samples);
      sums[task] += model.evaluate_loss(
          task,
          LossPass<S>{read_only<S>(space.logits(task)), ConstColumns<S>(labels.data(), labels.rows(), labels.cols()),
                      ConstColumns<S>(weights.data(), weights.rows(), weights.cols()), S(1), no_columns<S>()});
    }
  });
  if (losses != nullptr) {
    losses->clear();
    for (std::size_t task = 0; task < model.size(); ++task)
      losses->push_back(found[task].weights.size() > 0 && found[task].weights.sum() > 0
                            ? sums[task] / found[task].weights.sum()
                            : std::numeric_limits<double>::quiet_NaN());
  }
  return found;
}

/// Loss and metric of every task on a data set; NaN for a task that is not active.
/// @param metrics one a task; empty: each task's default
/// @param groups  one a sample, for metrics within groups; or empty
template <Scalar S>
std::vector<TaskScore> evaluate(const Model<S>& model, const Dataset<S>& data, const std::vector<Metric>& metrics = {},
                                Span<const std::int32_t> groups = {}, const std::vector<std::uint8_t>& active = {}) {
  require(metrics.empty() || metrics.size() == model.size(), "there are ", metrics.size(), " metrics for ",
          model.size(), " tasks");
  const auto chosen = metrics.empty() ? default_metrics(model) : metrics;
  std::vector<double> losses;
  const auto found = evaluations(model, data, active, &losses, groups);
  std::vector<TaskScore> scores(model.size());
  for (std::size_t task = 0; task < model.size(); ++task) {
    const double value = found[task].predictions.size() > 0 ? chosen[task].evaluate(found[task])
                                                            : std::numeric_limits<double>::quiet_NaN();
    scores[task] = {model.names()[task], chosen[task].name,
                    losses.empty() ? std::numeric_limits<double>::quiet_NaN() : losses[task], value};
  }
  return scores;
}

/// Loss and metric of every task on a table.
template <Scalar S>
std::vector<TaskScore> evaluate(const Model<S>& model, const Table& table) {
  return evaluate(model, model.encode(table));
}

}  // namespace polytask
