/// @file
/// The heads and losses of a model's tasks: what of a model does not depend on how its tasks share.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/parameters.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/span.hpp"
#include "polytask/features/features.hpp"
#include "polytask/models/task.hpp"
#include "polytask/models/workspace.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace polytask {

/// The tasks of a model, in their order, and where the numbers of their heads are among the model's. Apart from
/// MultiTaskModel so that models which share in different ways, as a comparison has them, compile it once.
template <Scalar S, class... Tasks>
class TaskHeads {
 public:
  static constexpr std::size_t count = sizeof...(Tasks);
  static constexpr std::array<std::string_view, count> names{Tasks::name.view()...};
  static constexpr bool couple_samples = (decltype(Tasks::head)::couples_samples || ...);

  TaskHeads() = default;
  explicit TaskHeads(std::tuple<Tasks...> tasks) : tasks_(std::move(tasks)) {}

  const std::tuple<Tasks...>& tasks() const { return tasks_; }

  /// Infers the heads' widths and lays out their numbers, behind those that the layouts have already.
  /// @param widths of each task's representation
  /// @throws ArgumentError naming the task whose loss does not suit its label columns
  std::vector<TaskShape> connect(Span<const Index> widths, const Features& features, Layout& layout, Layout& running) {
    std::vector<TaskShape> shapes;
    parameters_[0] = layout.size();
    statistics_[0] = running.size();
    for_each(*this, [&](std::size_t place, auto& task) {
      const auto owner = static_cast<Index>(place);
      const std::string prefix = std::string(names[place]) + "/";
      try {
        task.connect(widths[place], static_cast<Index>(features.class_names(task.labels.front()).size()));
      } catch (const ArgumentError& error) {
        fail<ArgumentError>({"task '", names[place], "': ", error.what()});
      }
      task.head.parameters([&](const std::string& segment, Index rows, Index columns) {
        layout.add(prefix + segment, owner, rows, columns);
      });
      task.head.statistics([&](const std::string& segment, Index rows, Index columns) {
        running.add(prefix + segment, owner, rows, columns);
      });
      parameters_[place + 1] = layout.size();
      statistics_[place + 1] = running.size();
      shapes.push_back(task.shape());
    });
    return shapes;
  }

  Index first_parameter() const { return parameters_[0]; }
  Index end_of_parameters() const { return parameters_[count]; }
  Index first_statistic() const { return statistics_[0]; }

  /// @param parameters of the whole model, as in the calls below
  /// @param statistics of the whole model
  void initialize(Flat<S> parameters, Flat<S> statistics, Random& random) const {
    for_each(*this, [&](std::size_t place, const auto& task) {
      task.head.initialize(cut(parameters, parameters_, place), cut(statistics, statistics_, place), random);
    });
  }

  void size_memory(Workspace<S>& space, Index capacity) const {
    for_each(*this, [&](std::size_t place, const auto& task) {
      space.heads[place].memory.resize(static_cast<std::size_t>(task.head.memory_size(capacity)));
    });
  }

  /// From the representations to the logits of every active task.
  /// @param inputs  what each head reads
  /// @param running the statistics of the whole model
  void forward(Workspace<S>& space, Span<const ConstColumns<S>> inputs, ConstFlat<S> parameters, Flat<S> running,
               Random random, bool training) const {
    for_each(*this, [&](std::size_t place, const auto& task) {
      if (!space.active[place]) return;
      task.head.forward(Forward<S>{cut(parameters, parameters_, place), inputs[place], space.logits(place),
                                   view(space.heads[place].memory), cut(running, statistics_, place),
                                   random.stream(1 + place), training});
    });
  }

  /// From the gradients of the logits to those of the heads and of the representations.
  void backward(Workspace<S>& space, Span<const ConstColumns<S>> inputs, Span<const Columns<S>> input_gradients,
                ConstFlat<S> parameters) const {
    for_each(*this, [&](std::size_t place, const auto& task) {
      if (!space.active[place]) return;
      task.head.backward(Backward<S>{cut(parameters, parameters_, place), inputs[place],
                                     read_only<S>(space.logits(place)), space.logit_gradient(place),
                                     view(space.heads[place].memory), cut(view(space.gradient), parameters_, place),
                                     input_gradients[place]});
    });
  }

  double evaluate_loss(std::size_t task, const LossPass<S>& pass) const {
    double loss = 0;
    for_each(*this, [&](std::size_t place, const auto& one) {
      if (place == task) loss = static_cast<double>(one.loss.evaluate(pass));
    });
    return loss;
  }
  void predict_from_logits(std::size_t task, ConstColumns<S> logits, Columns<S> predictions) const {
    for_each(*this, [&](std::size_t place, const auto& one) {
      if (place == task) one.loss.predict(logits, predictions);
    });
  }
  std::string problem_with(std::size_t task, S label) const {
    std::string problem;
    for_each(*this, [&](std::size_t place, const auto& one) {
      if (place == task) problem = one.loss.problem_with(label);
    });
    return problem;
  }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    for_each(self, [&](std::size_t place, auto& task) { visit(std::string(names[place]), task); });
  }

 private:
  /// Calls function(place, task) for each task.
  template <class Self, class Function>
  static void for_each(Self& self, Function&& function) {
    [&]<std::size_t... Place>(std::index_sequence<Place...>) {
      (function(Place, std::get<Place>(self.tasks_)), ...);
    }(std::index_sequence_for<Tasks...>{});
  }

  using Offsets = std::array<Index, count + 1>;

  template <class View>
  static View cut(const View& numbers, const Offsets& offsets, std::size_t place) {
    return slice(numbers, offsets[place], offsets[place + 1] - offsets[place]);
  }

  std::tuple<Tasks...> tasks_;
  Offsets parameters_{};  ///< where the numbers of each head begin, and the last of them ends
  Offsets statistics_{};
};

}  // namespace polytask
