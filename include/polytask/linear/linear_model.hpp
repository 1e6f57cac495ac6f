/// @file
/// A linear model of many tasks, as a Model: predicted, evaluated, saved, compared and even trained like any other.
#pragma once

#include "polytask/core/member_visitor.hpp"
#include "polytask/core/products.hpp"
#include "polytask/core/span.hpp"
#include "polytask/linear/solve.hpp"
#include "polytask/losses/binary_cross_entropy.hpp"
#include "polytask/losses/squared_error.hpp"
#include "polytask/models/model.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask {

/// One task of a linear model.
struct LinearTask {
  std::string name;
  linear::Loss loss = linear::Loss::squared;
  std::string label = {};  ///< the label column; empty: named like the task

  const std::string& column() const { return label.empty() ? name : label; }

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("name", self.name);
    visit_choice(visit, "loss", self.loss, linear::loss_names);
    visit("label", self.label);
  }
};

/// A task for every label column of a table: logistic where the labels are class names, else squared.
inline std::vector<LinearTask> linear_tasks(const Table& table) {
  std::vector<LinearTask> tasks;
  for (const auto& column : table.columns())
    if (column.use == Use::label)
      tasks.push_back({column.name, std::holds_alternative<CategoryColumn>(column.values) ? linear::Loss::logistic
                                                                                          : linear::Loss::squared});
  return tasks;
}

/// A linear model whose tasks are named when the program runs. Each task's parameters are a segment "task/weights", 1 x
/// inputs, and one "task/bias". They are 0 until they are found by fit(), or trained like those of any model.
class LinearModel final : public Model<double> {
 public:
  static constexpr std::string_view name = "linear";

  /// What a Trainer asks of a model's type: each task has parameters of its own.
  struct sharing_type {
    static constexpr bool shares_parameters = false;
  };

  /// An empty model, to be loaded from a file.
  LinearModel() = default;

  /// @throws ArgumentError naming a column that must be one_hot or left out, or a task whose loss its label does not
  /// suit
  LinearModel(Features fitted, std::vector<LinearTask> tasks)
      : Model<double>(std::make_shared<const Features>(std::move(fitted))), tasks_(std::move(tasks)) {
    connect();
  }

  const std::vector<LinearTask>& tasks() const { return tasks_; }

  /// The problem of finding the parameters for a data set with labels.
  /// @throws DataError naming a task without a label
  linear::Problem problem(const Dataset<double>& data, linear::Balance balance = linear::Balance::tasks) const {
    check(data, true);
    std::vector<std::pair<std::string, linear::Loss>> named;
    for (const auto& task : tasks_) named.emplace_back(task.name, task.loss);
    return linear::Problem::from(data, named, true, balance);
  }

  /// Finds the parameters by a method whose header is included, or by any of them, a linear::Method.
  template <class OneMethod>
  linear::Solution fit(const Dataset<double>& data, const OneMethod& method, const linear::SolverOptions& options = {},
                       linear::Balance balance = linear::Balance::tasks) {
    auto solution = solve(problem(data, balance), method, options);
    take(solution);
    return solution;
  }
  template <class OneMethod>
  linear::Solution fit(const Table& train, const OneMethod& method, const linear::SolverOptions& options = {},
                       linear::Balance balance = linear::Balance::tasks) {
    return fit(encode(train), method, options, balance);
  }

  /// Takes over a solution's coefficients and intercepts.
  void take(const linear::Solution& solution) {
    require(
        solution.coefficients.rows() == inputs() && solution.coefficients.cols() == static_cast<Index>(tasks_.size()),
        "the solution has ", solution.coefficients.rows(), " x ", solution.coefficients.cols(),
        " coefficients, the model ", inputs(), " inputs and ", tasks_.size(), " tasks");
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
      weights(parameters, task) = solution.coefficients.col(static_cast<Index>(task));
      bias(parameters, task) = solution.intercepts[static_cast<Index>(task)];
    }
  }

  /// The weights of all tasks, inputs x tasks.
  Matrix<double> coefficients() const {
    Matrix<double> found(inputs(), static_cast<Index>(tasks_.size()));
    for (std::size_t task = 0; task < tasks_.size(); ++task)
      found.col(static_cast<Index>(task)) = weights(parameters, task);
    return found;
  }

  std::unique_ptr<Model<double>> clone() const override { return std::make_unique<LinearModel>(*this); }
  Span<const std::string_view> names() const override {
    return names_ ? Span<const std::string_view>(names_->views) : Span<const std::string_view>();
  }
  std::string_view sharing_name() const override { return name; }
  bool balances_own_copies() const override { return false; }
  bool linked() const override { return false; }
  bool couples_samples() const override { return false; }

  void write_structure(MemberVisitor& visitor) const override { configuration(*this, visitor); }
  void read_structure(MemberVisitor& visitor) override { configuration(*this, visitor); }

  /// All parameters become 0, whatever the seed.
  void initialize(std::uint64_t) override { std::fill(parameters.values.begin(), parameters.values.end(), 0.0); }

  void activate_dependencies(std::vector<std::uint8_t>&) const override {}
  void last_shared_layers(const std::function<void(const std::string&)>&) const override {}

  void forward(Workspace<double>& space, Flat<double>, Random, bool) const override {
    const auto samples = space.input_views()[0];
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
      if (!space.active[task]) continue;
      auto logits = space.logits(task);
      write_product(logits, transposed(weights(parameters, task)), factor(samples));
      logits.array() += bias(parameters, task);
    }
  }

  double backward_heads(Workspace<double>& space, bool) const override {
    const auto samples = space.input_views()[0];
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
      if (!space.active[task]) continue;
      const auto gradient = space.logit_gradient(task);
      add_product(Columns<double>(space.gradient.data() + offset(task), inputs(), 1), factor(samples),
                  transposed(gradient));
      space.gradient[bias_place(task)] += gradient.sum();
    }
    return 0;
  }

  void backward_sharing(Workspace<double>&, ActiveTasks, Flat<double>, Reach, bool) const override {}

  double evaluate_loss(std::size_t task, const LossPass<double>& pass) const override {
    return tasks_[task].loss == linear::Loss::squared ? SquaredError{1}.evaluate(pass)
                                                      : BinaryCrossEntropy{}.evaluate(pass);
  }
  void predict_from_logits(std::size_t task, ConstColumns<double> logits, Columns<double> predictions) const override {
    if (tasks_[task].loss == linear::Loss::squared)
      SquaredError{1}.predict(logits, predictions);
    else
      BinaryCrossEntropy{}.predict(logits, predictions);
  }
  std::string problem_with(std::size_t task, double label) const override {
    return tasks_[task].loss == linear::Loss::squared ? SquaredError{1}.problem_with(label)
                                                      : BinaryCrossEntropy{}.problem_with(label);
  }

  bool has_own_terms() const override { return false; }
  double own_terms(Workspace<double>&) const override { return 0; }
  double penalty() const override { return 0; }
  void add_penalty_gradient(ActiveTasks, Flat<double>) const override {}

  /// Visits everything but the numbers.
  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    std::string model(name);
    visit("model", model);
    require(model == name, "the model is '", model, "', not '", name, "'");
    visit("tasks", self.tasks_);
    if constexpr (!std::is_const_v<Self>) self.connect();
  }

 private:
  /// The names, which all copies of a model share, so that views of them stay good.
  struct Names {
    std::vector<std::string> texts;
    std::vector<std::string_view> views;
  };

  bool needs_membership() const override { return false; }
  bool reads_copy(Index, ActiveTasks) const override { return true; }
  void size_memory(Workspace<double>&, Index) const override {}

  Index inputs() const { return features().number_rows(); }

  /// Where a task's weights begin in the flat buffer; the bias comes after them.
  Index offset(std::size_t task) const { return static_cast<Index>(task) * (piece_size(inputs()) + piece_size(1)); }
  Flat<double> weights(Parameters<double>& from, std::size_t task) const {
    return Flat<double>(from.values.data() + offset(task), inputs());
  }
  ConstFlat<double> weights(const Parameters<double>& from, std::size_t task) const {
    return ConstFlat<double>(from.values.data() + offset(task), inputs());
  }
  double& bias(Parameters<double>& from, std::size_t task) const { return from.values[bias_place(task)]; }
  double bias(const Parameters<double>& from, std::size_t task) const { return from.values[bias_place(task)]; }
  std::size_t bias_place(std::size_t task) const {
    return static_cast<std::size_t>(offset(task) + piece_size(inputs()));
  }

  /// Checks tasks and columns, and lays out all numbers, zero.
  void connect() {
    for (const auto* columns : {&features().categories(), &features().lists()})
      for (const auto& column : *columns)
        fail<ArgumentError>({"a linear model takes numbers: column '", column.name,
                             columns == &features().lists() ? "' holds lists, which must be left out"
                                                            : "' holds categories, which must be one_hot"});
    require(!tasks_.empty(), "a linear model needs at least one task");
    auto names = std::make_shared<Names>();
    for (const auto& task : tasks_) names->texts.push_back(task.name);
    names->views.assign(names->texts.begin(), names->texts.end());
    names_ = names;
    Layout layout;
    std::vector<TaskShape> shapes;
    for (std::size_t task = 0; task < tasks_.size(); ++task) {
      const auto& own = tasks_[task];
      const bool squared = own.loss == linear::Loss::squared;
      for (std::size_t other = 0; other < task; ++other)
        require(tasks_[other].name != own.name, "two tasks of the model have the name '", own.name, "'");
      try {
        const auto classes = static_cast<Index>(features().class_names(own.column()).size());
        if (squared)
          SquaredError{1}.connect(1, classes);
        else
          BinaryCrossEntropy{}.connect(1, classes);
      } catch (const ArgumentError& error) {
        fail<ArgumentError>({"task '", own.name, "': ", error.what()});
      }
      layout.add(own.name + "/weights", static_cast<Index>(task), 1, inputs());
      layout.add(own.name + "/bias", static_cast<Index>(task), 1, 1);
      shapes.push_back({names->views[task],
                        squared ? SquaredError::name : BinaryCrossEntropy::name,
                        squared ? SquaredError::kind : BinaryCrossEntropy::kind,
                        squared ? SquaredError::metric : BinaryCrossEntropy::metric,
                        {own.column()},
                        1,
                        1,
                        1,
                        {}});
    }
    lay_out(std::move(layout), Layout{}, 0, std::move(shapes), {shared_owner}, {""});
  }

  std::vector<LinearTask> tasks_;
  std::shared_ptr<const Names> names_;
};

}  // namespace polytask
