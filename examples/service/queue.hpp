/// @file
/// The order in which waiting cases are worked, and how many of the urgent ones come early in it.
#pragma once

#include "decision.hpp"
#include "polytask/data/table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask::examples {

/// How urgent each case is held to be, the highest first; equal ones are worked as they came.
using Urgency = std::vector<double>;

/// Cases that wait in several queues, one a day for example, each in the order in which they came.
class Queues {
 public:
  /// @param cases  one row a case
  /// @param label  1 for the cases that should come early, 0 for the others
  /// @param queue  a number a case, the same for those that wait together
  Queues(const Table& cases, const std::string& label, const std::vector<double>& queue)
      : urgent_(cases.numbers(label).values) {
    std::vector<double> last;
    for (std::size_t row = 0; row < queue.size(); ++row) {
      if (last.empty() || queue[row] != last.back()) {
        queues_.emplace_back();
        last.push_back(queue[row]);
      }
      queues_.back().push_back(row);
    }
    for (const double one : urgent_) all_ += one;
  }

  std::size_t count() const { return queues_.size(); }

  /// The share of all urgent cases that are in the first part of their queue, when it is worked by urgency.
  /// @param share of each queue's length, rounded up
  double caught(const Urgency& urgency, double share) const {
    double sum = 0;
    for (auto queue : queues_) {
      const auto worked = static_cast<std::size_t>(std::ceil(share * static_cast<double>(queue.size())));
      std::stable_sort(queue.begin(), queue.end(),
                       [&](std::size_t left, std::size_t right) { return urgency[left] > urgency[right]; });
      for (std::size_t place = 0; place < worked; ++place) sum += urgent_[queue[place]];
    }
    return sum / all_;
  }

  /// Per cent caught in the first tenth, the first fifth, and the first half.
  std::vector<Measure> measures(const Urgency& urgency) const {
    return {{"caught in first tenth", 100 * caught(urgency, 0.1)},
            {"in first fifth", 100 * caught(urgency, 0.2)},
            {"in first half", 100 * caught(urgency, 0.5)}};
  }

  /// Per cent caught against per cent worked.
  Line curve(std::string name, const Urgency& urgency) const {
    Line line{std::move(name)};
    constexpr int steps = 50;
    for (int step = 0; step <= steps; ++step) {
      const double share = static_cast<double>(step) / steps;
      line.points.push_back({100 * share, 100 * caught(urgency, share)});
    }
    return line;
  }

 private:
  std::vector<double> urgent_;
  std::vector<std::vector<std::size_t>> queues_;
  double all_ = 0;
};

/// The first prediction row as urgency.
inline Urgency urgency_of(const Matrix<float>& predictions) {
  Urgency urgency;
  for (Index row = 0; row < predictions.cols(); ++row) urgency.push_back(predictions(0, row));
  return urgency;
}

/// Worked as they came.
inline Urgency first_come(const Table& cases) { return Urgency(static_cast<std::size_t>(cases.size()), 0.0); }

/// What one column alone says: the share of urgent cases among the training rows with the same value. Few rows are
/// drawn towards the share of all, as if each value had that many rows more.
inline Urgency past_share(const Table& train, const Table& cases, const std::string& column, const std::string& label,
                          double rows_more = 20) {
  const auto& values = train.categories(column);
  const auto& labels = train.numbers(label).values;
  std::vector<std::array<double, 2>> counts(values.names.size() + 1, {0, 0});
  std::array<double, 2> all{0, 0};
  for (std::size_t row = 0; row < labels.size(); ++row) {
    if (std::isnan(labels[row])) continue;
    auto& count = counts[static_cast<std::size_t>(values.codes[row] + 1)];  // missing_code is -1
    for (auto* one : {&count, &all}) {
      (*one)[0] += labels[row];
      (*one)[1] += 1;
    }
  }
  std::map<std::string_view, double> shares;
  for (std::size_t code = 0; code <= values.names.size(); ++code)
    shares[code == 0 ? std::string_view{} : std::string_view(values.names[code - 1])] =
        (counts[code][0] + rows_more * all[0] / all[1]) / (counts[code][1] + rows_more);
  Urgency urgency;
  for (Index row = 0; row < cases.size(); ++row) {
    const auto found = shares.find(cases.categories(column).at(row));
    urgency.push_back(found == shares.end() ? all[0] / all[1] : found->second);
  }
  return urgency;
}

/// The decision in which order the cases of `test` are worked.
/// @param task   whose prediction is the urgency
/// @param simple the ways without a model; they and the queues must outlive the decision
inline Decision queue_decision(std::string question, std::string unit, std::string task, const Table& test,
                               const Queues& queues, std::vector<std::pair<std::string, Urgency>> simple) {
  Decision decision{.question = std::move(question), .unit = std::move(unit), .digits = 1};
  decision.explanation =
      "How many of the urgent cases have been worked after a part of each queue, when it is worked in the order of the "
      "predictions, of a simpler rule, or as the cases came.";
  for (const auto& [name, urgency] : simple) decision.simple.push_back({name, queues.measures(urgency)});
  decision.judge = [task, &test, &queues](const Predictor& predict) {
    return queues.measures(urgency_of(predict(task, test)));
  };
  decision.curves = [task, &test, &queues, simple](const std::vector<NamedPredictor>& predictors) {
    LineChart chart{
        .title = "Caught early", .x_label = "% of each queue worked", .y_label = "% of the urgent cases caught"};
    for (const auto& [name, predict] : predictors)
      chart.lines.push_back(queues.curve(name, urgency_of(predict(task, test))));
    for (const auto& [name, urgency] : simple) chart.lines.push_back(queues.curve(name, urgency));
    return std::vector<LineChart>{chart};
  };
  return decision;
}

}  // namespace polytask::examples
