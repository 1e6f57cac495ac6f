/// @file
/// A task: a name, a head, a loss, and the columns of its labels.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/name.hpp"
#include "polytask/layers/sequence.hpp"
#include "polytask/losses/default_metric.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask {

/// What a model says of one of its tasks.
struct TaskShape {
  std::string_view name;
  std::string_view loss;  ///< its name
  LossKind kind;
  Metric metric;                    ///< by which it is judged unless the user says otherwise
  std::vector<std::string> labels;  ///< the label columns
  Index label_rows;
  Index outputs;  ///< of the head
  Index prediction_rows;
  std::vector<double> levels;  ///< of quantiles; empty for other losses
};

/// The place of a task among others; a name that none has is an error which the compiler prints with the known names.
template <Name Asked, Name... Known>
struct TaskNamed {
  static constexpr std::size_t place = [] {
    std::size_t found = 0;
    std::size_t at = 0;
    ((Asked == Known ? void(found = at) : void(), ++at), ...);
    return found;
  }();
  static_assert(((Asked == Known) || ...),
                "no task of the model has the name asked for; see TaskNamed<asked, known...>");
};

/// One question that the model answers. Made by task<"click">(...).
template <Name TaskName, class Head, class LossType>
struct Task {
  static constexpr auto name = TaskName;
  using loss_type = LossType;

  Head head;  ///< hidden layers, then a linear layer as wide as the loss wants
  LossType loss;
  std::vector<std::string> labels;  ///< the label columns; one named like the task unless said otherwise

  /// @param inputs width of the task's representation
  /// @param classes number of class names of the label column; 0 when labels are numbers
  void connect(Index inputs, Index classes) {
    loss.connect(static_cast<Index>(labels.size()), classes);
    head.template layer<Head::layer_count - 1>() = Dense<Identity>(loss.outputs());
    head.connect(inputs);
  }

  /// What the model says of it once it is connected.
  TaskShape shape() const {
    TaskShape shape{name.view(), LossType::name,    LossType::kind, default_metric<LossType>(),
                    labels,      loss.label_rows(), loss.outputs(), loss.prediction_rows(),
                    {}};
    if constexpr (requires { loss.levels.data(); }) shape.levels = loss.levels;
    return shape;
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("head", self.head);
    visit("loss", self.loss);
    visit("labels", self.labels);
    require(!self.labels.empty(), "a task needs at least one label column");
  }
};

/// A task whose head is one linear layer on the shared representation, or the given hidden layers and then a linear
/// one: task<"click">(BinaryCrossEntropy{}), task<"spend">(Huber{}, mlp({8})).
///
/// @param labels the label columns, if not one column named like the task
template <Name TaskName, class LossType, class... Hidden>
auto task(LossType loss, Sequence<Hidden...> hidden, std::vector<std::string> labels = {}) {
  static_assert(Loss<LossType, float> && Loss<LossType, double>,
                "the first argument of task<\"name\">(...) must be a loss: see losses/loss.hpp");
  if (labels.empty()) labels.emplace_back(TaskName.view());
  auto head = hidden.append(Dense<Identity>());
  return Task<TaskName, decltype(head), LossType>{std::move(head), std::move(loss), std::move(labels)};
}

template <Name TaskName, class LossType>
auto task(LossType loss, std::vector<std::string> labels = {}) {
  return task<TaskName>(std::move(loss), Sequence<>{}, std::move(labels));
}

}  // namespace polytask
