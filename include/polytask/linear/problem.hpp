/// @file
/// What a linear multi-task model is fitted to: samples, labels and a loss for each task.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/views.hpp"
#include "polytask/features/dataset.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask::linear {

/// The loss of a task, on z = w'x + b.
enum class Loss {
  squared,  ///< (z - y)^2 / 2
  logistic  ///< log(1 + exp(z)) - y z, with y 0 or 1
};

inline constexpr std::array<std::string_view, 2> loss_names{"squared", "logistic"};

/// What the tasks' losses are divided by. Where all tasks have as many samples of weight 1 it makes no difference.
enum class Balance {
  tasks,   ///< each task's sum by its own sum of weights: every task counts the same (MTRL's 1 / n_i)
  samples  ///< every sum by the mean of these sums over the tasks: every sample counts the same
};

/// Inputs with weights. Tasks that are measured on the same samples hold the same object, which is worked through once.
struct Samples {
  Matrix<double> inputs;   ///< features x samples
  Vector<double> weights;  ///< one a sample
};

struct ProblemTask {
  std::string name;
  Loss loss = Loss::squared;
  std::shared_ptr<const Samples> samples = {};
  Vector<double> labels = {};  ///< one a sample
};

/// The tasks of a linear model. With coefficients W, features x tasks, and intercepts b, which no penalty touches, what
/// is minimised is
///
///     sum over tasks of 1/N_t sum over samples of weight * loss(label, w_t'x + b_t)  +  penalty(W),
///
/// N_t as Balance says. For tasks on the same n samples and squared loss that is scikit-learn's
/// 1/(2n) ||Y - XW||^2 + penalty. Features are taken as they are: Features scales them.
class Problem {
 public:
  bool intercepts = true;
  Balance balance = Balance::tasks;

  /// Adds tasks that are measured on the same samples.
  /// @param inputs  features x samples
  /// @param labels  tasks x samples; where one is missing (NaN), that sample is left out of that task
  /// @param weights one a sample, or empty for 1; a sample of weight 0 is left out
  /// @param names   one a task; empty: "0", "1", ...
  /// @throws DataError naming the task, or the feature and sample, of what is wrong
  Problem& add(const Matrix<double>& inputs, const Matrix<double>& labels, Loss loss = Loss::squared,
               const Vector<double>& weights = {}, const std::vector<std::string>& names = {}) {
    require<DataError>(labels.cols() == inputs.cols(), "there are ", inputs.cols(), " samples of inputs and ",
                       labels.cols(), " of labels");
    require<DataError>(weights.size() == 0 || weights.size() == inputs.cols(), "there are ", inputs.cols(),
                       " samples and ", weights.size(), " weights");
    require(names.empty() || static_cast<Index>(names.size()) == labels.rows(), "there are ", names.size(),
            " names for ", labels.rows(), " tasks");
    Matrix<double> weight_of(labels.rows(), labels.cols());
    for (Index sample = 0; sample < labels.cols(); ++sample)
      for (Index row = 0; row < labels.rows(); ++row)
        weight_of(row, sample) = std::isnan(labels(row, sample)) ? 0 : weights.size() > 0 ? weights[sample] : 1;
    std::vector<std::pair<std::string, Loss>> tasks;
    for (Index row = 0; row < labels.rows(); ++row)
      tasks.emplace_back(
          names.empty() ? std::to_string(tasks_.size() + tasks.size()) : names[static_cast<std::size_t>(row)], loss);
    add_rows(inputs, labels, weight_of, tasks);
    return *this;
  }

  /// The tasks of an encoded data set: label row r is that of tasks[r], name and loss.
  /// @throws DataError when there are categories or lists, which a linear model takes as one_hot numbers only
  static Problem from(const Dataset<double>& data, const std::vector<std::pair<std::string, Loss>>& tasks,
                      bool intercepts = true, Balance balance = Balance::tasks) {
    require<DataError>(data.categories.rows() == 0 && data.lists.empty(),
                       "a linear model takes numbers; encode categories with the option one_hot, and leave lists out");
    require<DataError>(data.labels.rows() == static_cast<Index>(tasks.size()) && data.labels.cols() == data.size(),
                       "there are ", tasks.size(), " tasks, the data set has ", data.labels.rows(), " labels a sample");
    Problem problem;
    problem.intercepts = intercepts;
    problem.balance = balance;
    problem.add_rows(data.numbers, data.labels, data.weights, tasks);
    return problem;
  }

  Index features() const { return features_; }
  Index size() const { return static_cast<Index>(tasks_.size()); }  ///< number of tasks
  const std::vector<ProblemTask>& tasks() const { return tasks_; }

  /// The same tasks on some of their samples.
  /// @param chosen for each task the positions among its samples; tasks on the same samples with the same positions
  ///               stay together
  Problem part(const std::vector<std::vector<Index>>& chosen) const {
    require(chosen.size() == tasks_.size(), "there are ", tasks_.size(), " tasks, positions are given for ",
            chosen.size());
    Problem problem;
    problem.intercepts = intercepts;
    problem.balance = balance;
    problem.features_ = features_;
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
      const auto& from = tasks_[task];
      const auto& places = chosen[task];
      require<DataError>(!places.empty(), "task '", from.name, "' is left without a sample");
      ProblemTask to{from.name, from.loss, nullptr, from.labels(places)};
      for (std::size_t other = 0; other < task && !to.samples; ++other)
        if (tasks_[other].samples == from.samples && chosen[other] == places)
          to.samples = problem.tasks_[other].samples;
      if (!to.samples)
        to.samples = std::make_shared<const Samples>(
            Samples{from.samples->inputs(Eigen::all, places), from.samples->weights(places)});
      problem.tasks_.push_back(std::move(to));
    }
    return problem;
  }

 private:
  /// Adds one task a row of labels; rows with the same weights share their samples.
  void add_rows(const Matrix<double>& inputs, const Matrix<double>& labels, const Matrix<double>& weights,
                const std::vector<std::pair<std::string, Loss>>& names) {
    require<DataError>(inputs.rows() > 0, "there is no feature");
    require<DataError>(tasks_.empty() || inputs.rows() == features_, "the tasks so far have ", features_,
                       " features, these have ", inputs.rows());
    for (Index sample = 0; sample < inputs.cols(); ++sample)
      for (Index row = 0; row < inputs.rows(); ++row)
        require<DataError>(std::isfinite(inputs(row, sample)), "feature ", row, " of sample ", sample, " is ",
                           inputs(row, sample), ", not a finite number");
    std::vector<ProblemTask> added;        // all of them or, after an exception, none
    std::vector<std::vector<Index>> kept;  // samples of each
    for (Index row = 0; row < labels.rows(); ++row) {
      const auto& [name, loss] = names[static_cast<std::size_t>(row)];
      for (const auto* tasks : {&tasks_, &added})
        for (const auto& other : *tasks) require(other.name != name, "there are two tasks named '", name, "'");
      std::vector<Index> present;
      for (Index sample = 0; sample < labels.cols(); ++sample) {
        const double weight = weights(row, sample);
        require<DataError>(weight >= 0 && std::isfinite(weight), "task '", name, "', sample ", sample,
                           ": the weight is ", weight, ", not a finite number of at least 0");
        if (weight == 0) continue;
        const double label = labels(row, sample);
        require<DataError>(std::isfinite(label), "task '", name, "', sample ", sample, ": the label is ", label,
                           ", not a finite number");
        require<DataError>(loss != Loss::logistic || label == 0 || label == 1, "task '", name, "', sample ", sample,
                           ": the label is ", label, ", but must be 0 or 1");
        present.push_back(sample);
      }
      require<DataError>(!present.empty(), "task '", name, "' has no sample with a label");
      ProblemTask task{name, loss, nullptr, labels.row(row)(present).transpose()};
      const Vector<double> own_weights = weights.row(row)(present).transpose();
      for (std::size_t other = 0; other < added.size() && !task.samples; ++other)
        if (kept[other] == present && added[other].samples->weights == own_weights) task.samples = added[other].samples;
      if (!task.samples)
        task.samples = std::make_shared<const Samples>(Samples{inputs(Eigen::all, present), own_weights});
      added.push_back(std::move(task));
      kept.push_back(std::move(present));
    }
    features_ = inputs.rows();
    for (auto& task : added) tasks_.push_back(std::move(task));
  }

  Index features_ = 0;
  std::vector<ProblemTask> tasks_;
};

}  // namespace polytask::linear
