/// @file
/// The gradients of single tasks, for rules that look at them or combine them.
#pragma once

#include "polytask/aggregation/aggregation.hpp"
#include "polytask/core/runs.hpp"
#include "polytask/core/span.hpp"
#include "polytask/models/model.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace polytask {

/// How much of the way back is taken for each task by itself.
enum class Separation {
  none,        ///< one way back for all tasks together
  last_layer,  ///< the last shared layers' gradients alone
  whole        ///< the gradients of all that tasks share
};

/// One gradient a task that is balanced, for each worker; these tasks are numbered anew in their order. A
/// gradient is as long as the sharing policy's part of the parameter buffer. Embedding tables take part if asked for.
/// After it is made it allocates nothing.
template <Scalar S>
class SeparateGradients {
 public:
  SeparateGradients(const Model<S>& model, Separation separation, bool tables, Index workers, Index batch)
      : model_(model), separation_(separation), tables_(tables && separation == Separation::whole) {
    if (separation == Separation::none) return;
    const auto tasks = static_cast<Index>(model.size());
    model.last_shared_layers([&](const std::string& layer) {
      for (const bool weights : {true, false}) {
        const Segment& segment = model.parameters.layout.segment(layer + (weights ? "/weights" : "/bias"));
        layers_.push_back({segment.offset, piece_size(segment.size()), weights});
      }
    });
    workers_ = std::vector<Worker>(static_cast<std::size_t>(workers));
    for (auto& worker : workers_) {
      worker.gradients.setZero(model.sharing_size(), tasks);
      for (std::size_t task = 0; tables_ && task < model.size(); ++task)
        for (auto& table : model.row_gradients(batch)) worker.tables.push_back(std::move(table));
    }
    if (separation != Separation::whole) return;
    gram_.resize(tasks * tasks);
    block_.resize(together, tasks);
    coefficients_.resize(tasks);
    direction_.resize(model.sharing_size());
  }

  Separation separation() const { return separation_; }
  bool has_tables() const { return tables_; }

  /// Forgets the gradients of so many tasks.
  void begin(std::size_t worker, Index tasks) {
    auto& own = workers_[worker];
    each_run(tasks, [&](Index task, Index begin, Index size) {
      std::fill_n(own.gradients.col(task).data() + begin, size, S(0));
    });
    for (auto& table : own.tables) table.clear();
  }

  Flat<S> gradient(std::size_t worker, Index task) { return column(workers_[worker].gradients, task); }
  Span<RowGradients<S>> tables(std::size_t worker, Index task) {
    const std::size_t tables = tables_ ? model_.embeddings.size() : 0;
    return Span(workers_[worker].tables).subspan(static_cast<std::size_t>(task) * tables, tables);
  }

  /// Sums all workers' gradients, in their order.
  void add_up(Index tasks) {
    auto& total = workers_.front();
    for (std::size_t worker = 1; worker < workers_.size(); ++worker) {
      const auto& part = workers_[worker];
      each_run(tasks, [&](Index task, Index begin, Index size) {
        add_run(size, part.gradients.col(task).data() + begin, total.gradients.col(task).data() + begin);
      });
      for (std::size_t table = 0; table < part.tables.size(); ++table) total.tables[table].add(part.tables[table]);
    }
  }

  /// Norm of a task's gradient in the weights of the last shared layers.
  double last_layer_norm(Index task) const {
    double square = 0;
    for (const auto& layer : layers_)
      if (layer.weights)
        square += squared_norm(ConstFlat<S>(workers_.front().gradients.col(task).data() + layer.begin, layer.size));
    return std::sqrt(square);
  }

  /// Adds the sum of the gradients to the last shared layers' part of a gradient.
  void add_last_layers(Flat<S> gradient, Index tasks) const {
    for (const auto& layer : layers_)
      for (Index task = 0; task < tasks; ++task)
        add_run(layer.size, workers_.front().gradients.col(task).data() + layer.begin, gradient.data() + layer.begin);
  }

  /// Moves what belongs to one task alone, such as a gate, to the gradient of all; what remains is shared.
  void hand_over(std::size_t owner, Index begin, Index end, Flat<S> gradient, Index tasks) {
    end = (std::min)(end, model_.sharing_size());
    if (owner == 0 || begin >= end) return;
    for (Index task = 0; task < tasks; ++task) {
      S* const own = workers_.front().gradients.col(task).data() + begin;
      add_run(end - begin, own, gradient.data() + begin);
      std::fill_n(own, end - begin, S(0));
    }
  }

  /// Inner products of the tasks' gradients over all that takes part, summed in double.
  ConstColumns<double> gram(Index tasks) {
    Columns<double> gram(gram_.data(), tasks, tasks);
    std::fill_n(gram.data(), gram.size(), 0.0);
    const auto each_pair = [&](auto&& product) {
      for (Index one = 0; one < tasks; ++one)
        for (Index other = 0; other <= one; ++other) gram(one, other) += product(one, other);
    };
    const auto& gradients = workers_.front().gradients;
    for (Index begin = 0; begin < gradients.rows(); begin += together) {
      const Index count = (std::min)(together, gradients.rows() - begin);
      for (Index task = 0; task < tasks; ++task) {
        const S* const from = gradients.col(task).data() + begin;
        double* const to = block_.col(task).data();
        for (Index place = 0; place < count; ++place) to[place] = static_cast<double>(from[place]);
      }
      each_pair([&](Index one, Index other) {
        return inner_product(count, block_.col(one).data(), block_.col(other).data());
      });
    }
    each_shared_table([&](std::size_t table) {
      // the rows that a batch touches, and their order, are the same for all tasks
      each_pair([&](Index one, Index other) {
        const auto left = rows(table, one);
        const auto right = rows(table, other);
        double sum = 0;
        for (Index i = 0; i < left.size(); ++i) sum += static_cast<double>(left[i]) * static_cast<double>(right[i]);
        return sum;
      });
    });
    for (Index one = 0; one < tasks; ++one)
      for (Index other = 0; other < one; ++other) gram(other, one) = gram(one, other);
    return read_only<double>(gram);
  }

  /// Combines the gradients to direction(), by a rule.
  /// @return the coefficients, one a task
  template <class AggregationState>
  ConstFlat<double> combine(AggregationState& rule, const StepGradients& step) {
    Flat<double> coefficients(coefficients_.data(), step.size());
    const auto& gradients = workers_.front().gradients;
    rule.combine(step, ConstColumns<S>(gradients.data(), gradients.rows(), step.size()), coefficients,
                 Flat<S>(direction_.data(), direction_.size()));
    return read_only<double>(coefficients);
  }

  /// The sum of the gradients as direction().
  /// @return coefficients of 1
  ConstFlat<double> sum(Index tasks) {
    std::fill_n(direction_.data(), direction_.size(), S(0));
    for (Index task = 0; task < tasks; ++task)
      add_run(direction_.size(), workers_.front().gradients.col(task).data(), direction_.data());
    std::fill_n(coefficients_.data(), tasks, 1.0);
    return ConstFlat<double>(coefficients_.data(), tasks);
  }

  const Vector<S>& direction() const { return direction_; }

  /// Adds the direction to the gradient of all, and tables of the tasks' by the coefficients.
  void add_direction(Workspace<S>& total, Index tasks) const {
    add_run(direction_.size(), direction_.data(), total.gradient.data());
    for (std::size_t table = 0; tables_ && table < total.row_gradients.size(); ++table)
      for (Index task = 0; task < tasks; ++task)
        total.row_gradients[table].add(table_of(table, task), model_.embeddings[table].owner == shared_owner
                                                                  ? static_cast<S>(coefficients_[task])
                                                                  : S(1));
  }

 private:
  /// A run of parameters of a last shared layer.
  struct LastLayer {
    Index begin;
    Index size;
    bool weights;  ///< not the bias
  };

  struct Worker {
    Matrix<S> gradients;                  ///< sharing_size() x tasks
    std::vector<RowGradients<S>> tables;  ///< task after task, if tables take part
  };

  /// Calls function(task, begin, size) for what is kept of the tasks' gradients.
  template <class Function>
  void each_run(Index tasks, Function&& function) const {
    for (Index task = 0; task < tasks; ++task)
      if (separation_ == Separation::whole)
        function(task, Index{0}, model_.sharing_size());
      else
        for (const auto& layer : layers_) function(task, layer.begin, layer.size);
  }

  static Flat<S> column(Matrix<S>& gradients, Index task) {
    return Flat<S>(gradients.col(task).data(), gradients.rows());
  }

  /// A task's gradient of a table, summed over the workers.
  const RowGradients<S>& table_of(std::size_t table, Index task) const {
    return workers_.front().tables[static_cast<std::size_t>(task) * model_.embeddings.size() + table];
  }

  ConstFlat<S> rows(std::size_t table, Index task) const {
    const auto& gradient = table_of(table, task);
    return ConstFlat<S>(gradient.gradient(0), static_cast<Index>(gradient.rows().size()) * gradient.width());
  }

  template <class Function>
  void each_shared_table(Function&& function) const {
    for (std::size_t table = 0; tables_ && table < model_.embeddings.size(); ++table)
      if (model_.embeddings[table].owner == shared_owner) function(table);
  }

  static constexpr Index together = 256;  ///< rows of the gradients that are multiplied at a time

  const Model<S>& model_;
  Separation separation_;
  bool tables_;
  std::vector<LastLayer> layers_;
  std::vector<Worker> workers_;
  Vector<double> gram_;
  Matrix<double> block_;  ///< rows of the gradients
  Vector<double> coefficients_;
  Vector<S> direction_;
};

}  // namespace polytask
