/// @file
/// Matrices of gradients, one row a task, and the properties that aggregation rules claim of them.
#pragma once

#include "catch.hpp"
#include "polytask/aggregation/aggregation.hpp"
#include "polytask/core/random.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace polytask::aggregation_checks {

/// Gradients, rows = tasks, columns = parameters.
using Gradients = Matrix<double>;

/// The gradients (a, b) and (c, d) of two tasks.
inline Gradients rows(double a, double b, double c, double d) {
  Gradients gradients(2, 2);
  gradients << a, b, c, d;
  return gradients;
}

/// What a rule made of gradients.
struct Combined {
  Vector<double> direction;     ///< one number a parameter
  Vector<double> coefficients;  ///< one number a task
};

/// What a step is told besides the gradients.
struct StepFacts {
  std::vector<double> losses = {};  ///< default: 1 for each task
  Index step = 1;
  std::vector<Index> tasks = {};  ///< the tasks' numbers in the model; default: 0, 1, 2, ...
  double precision = std::numeric_limits<double>::epsilon();
};

/// The names of `count` tasks: "task0", ...
inline std::vector<std::string> task_names(Index count) {
  std::vector<std::string> names;
  for (Index task = 0; task < count; ++task) names.push_back("task" + std::to_string(task));
  return names;
}

/// The state of a rule for a model with so many tasks and shared parameters.
template <class Rule>
auto begin_rule(const Rule& rule, Index tasks, Index parameters) {
  const auto names = task_names(tasks);
  const std::vector<std::string_view> views(names.begin(), names.end());
  const AggregatedTasks aggregated{views, parameters};
  if constexpr (requires { rule.begin(aggregated); }) {
    return rule.begin(aggregated);
  } else {
    return rule.template begin<double>(aggregated);
  }
}

/// One step of a state: a rule of Gram rows through weigh(), a rule of gradients through combine().
template <class State>
Combined step_state(State& state, const Gradients& gradients, const StepFacts& facts = {}) {
  const Index size = gradients.rows();
  std::vector<Index> tasks = facts.tasks;
  if (tasks.empty()) {
    tasks.resize(static_cast<std::size_t>(size));
    std::iota(tasks.begin(), tasks.end(), Index(0));
  }
  std::vector<double> losses = facts.losses;
  if (losses.empty()) losses.assign(static_cast<std::size_t>(size), 1.0);
  const Matrix<double> columns = gradients.transpose();
  const Matrix<double> gram = columns.transpose() * columns;
  const StepGradients step{tasks, losses, ConstColumns<double>(gram.data(), size, size), facts.step, facts.precision};
  const double unwritten = std::nan("");
  Combined combined{Vector<double>::Constant(gradients.cols(), unwritten), Vector<double>::Constant(size, unwritten)};
  Flat<double> coefficients(combined.coefficients.data(), size);
  if constexpr (requires { state.weigh(step, coefficients); }) {
    state.weigh(step, coefficients);
    combined.direction = columns * combined.coefficients;
  } else {
    state.combine(step, ConstColumns<double>(columns.data(), columns.rows(), columns.cols()), coefficients,
                  Flat<double>(combined.direction.data(), columns.rows()));
  }
  return combined;
}

/// The first step of a fresh state of the rule.
template <class Rule>
Combined combine(const Rule& rule, const Gradients& gradients, const StepFacts& facts = {}) {
  auto state = begin_rule(rule, gradients.rows(), gradients.cols());
  return step_state(state, gradients, facts);
}

// --- matrices -------------------------------------------------------------------------------------------------------

inline Gradients normal_gradients(Index tasks, Index parameters, std::uint64_t seed = 1) {
  Random random(seed);
  Gradients gradients(tasks, parameters);
  for (Index column = 0; column < parameters; ++column)
    for (Index row = 0; row < tasks; ++row) gradients(row, column) = random.normal();
  return gradients;
}

/// Tasks of which positive weights give 0: the rows minus their combination by those weights.
inline Gradients strongly_stationary_gradients(Index tasks, Index parameters, std::uint64_t seed = 2) {
  Random random(seed);
  Vector<double> weights(tasks);
  for (Index task = 0; task < tasks; ++task) weights[task] = random.uniform(0.2, 1);
  const Gradients gradients = normal_gradients(tasks, parameters, seed + 100);
  return gradients - weights * (weights.transpose() * gradients) / weights.squaredNorm();
}

/// Tasks of which weights that are not negative give 0, but positive ones do not: two rows are opposite, and the rest
/// have a positive number where those have 0.
inline Gradients weakly_stationary_gradients(Index tasks, Index parameters, std::uint64_t seed = 3) {
  Gradients gradients = normal_gradients(tasks, parameters, seed);
  gradients.col(0) = gradients.col(0).cwiseAbs().array() + 0.5;
  gradients(0, 0) = 0;
  gradients.row(1) = -2 * gradients.row(0);
  return gradients;
}

inline Gradients rank_deficient_gradients(Index tasks, Index parameters, Index rank, std::uint64_t seed = 4) {
  return normal_gradients(tasks, rank, seed) * normal_gradients(rank, parameters, seed + 100);
}

struct Sample {
  std::string name;
  Gradients gradients;
};

/// Independent rows: no positive weights make them 0.
inline std::vector<Sample> independent_samples() {
  return {{"two tasks", normal_gradients(2, 3)},   {"three tasks", normal_gradients(3, 5)},
          {"five tasks", normal_gradients(5, 50)}, {"sixteen tasks", normal_gradients(16, 40)},
          {"64 tasks", normal_gradients(64, 300)}, {"one task", normal_gradients(1, 7)}};
}

/// Weakly, not strongly stationary.
inline std::vector<Sample> weakly_stationary_samples() {
  return {{"weakly stationary, three tasks", weakly_stationary_gradients(3, 5)},
          {"weakly stationary, nine tasks", weakly_stationary_gradients(9, 12)}};
}

/// Every kind of matrix that a rule must answer.
inline std::vector<Sample> all_samples() {
  std::vector<Sample> samples = independent_samples();
  for (Sample& sample : weakly_stationary_samples()) samples.push_back(std::move(sample));
  samples.push_back({"strongly stationary, three tasks", strongly_stationary_gradients(3, 5)});
  samples.push_back({"strongly stationary, nine tasks", strongly_stationary_gradients(9, 20)});
  samples.push_back({"more tasks than parameters", normal_gradients(7, 3)});
  samples.push_back({"64 tasks of 5 parameters", normal_gradients(64, 5)});
  samples.push_back({"of rank 1", rank_deficient_gradients(5, 9, 1)});
  samples.push_back({"of rank 3", rank_deficient_gradients(5, 9, 3)});
  samples.push_back({"64 tasks of rank 10", rank_deficient_gradients(64, 100, 10)});
  Gradients zero_row = normal_gradients(4, 6);
  zero_row.row(2).setZero();
  samples.push_back({"a zero row", zero_row});
  zero_row.row(0).setZero();
  zero_row.row(1).setZero();
  samples.push_back({"all rows but one zero", zero_row});
  samples.push_back({"all zero", Gradients::Zero(3, 4)});
  samples.push_back({"one task, zero", Gradients::Zero(1, 4)});
  Gradients parallel = normal_gradients(3, 6);
  parallel.row(1) = parallel.row(0);
  samples.push_back({"two equal rows", parallel});
  parallel.row(2) = 3 * parallel.row(0);
  samples.push_back({"all rows parallel", parallel});
  parallel.row(1) = -parallel.row(0);
  samples.push_back({"two parallel and an opposite row", parallel});
  Gradients opposite(2, 3);
  opposite << 1, 2, 3, -1, -2, -3;
  samples.push_back({"two opposite rows", opposite});
  samples.push_back({"two rows of one parameter", Gradients(opposite.leftCols(1))});
  return samples;
}

inline constexpr std::array scales{1e-15, 1e-10, 1.0, 1e3, 1e10, 1e15};

/// Rows times 1e-15, 1, 1e15, 1e-10, 1e10, 1e-15, ...
inline Gradients mixed_scales(const Gradients& gradients) {
  constexpr std::array mixed{1e-15, 1.0, 1e15, 1e-10, 1e10};
  Gradients scaled = gradients;
  for (Index row = 0; row < scaled.rows(); ++row)
    scaled.row(row) *= mixed[static_cast<std::size_t>(row) % mixed.size()];
  return scaled;
}

// --- properties -----------------------------------------------------------------------------------------------------

/// Finite numbers in two steps of training in float: gradients of float, inner products and coefficients in double.
template <class Rule>
void check_finite_floats(const Rule& rule, const Gradients& gradients) {
  const Index size = gradients.rows();
  const Matrix<float> columns = gradients.transpose().cast<float>();
  const Matrix<double> gram = columns.cast<double>().transpose() * columns.cast<double>();
  const auto names = task_names(size);
  const std::vector<std::string_view> views(names.begin(), names.end());
  const AggregatedTasks aggregated{views, columns.rows()};
  std::vector<Index> tasks(static_cast<std::size_t>(size));
  std::iota(tasks.begin(), tasks.end(), Index(0));
  const std::vector<double> losses(tasks.size(), 1.0);
  const auto check = [&](auto state) {
    for (Index number = 1; number <= 2; ++number) {
      CAPTURE(number);
      const StepGradients step{tasks, losses, ConstColumns<double>(gram.data(), size, size), number,
                               std::numeric_limits<float>::epsilon()};
      Vector<double> coefficients(size);
      Vector<float> direction(columns.rows());
      const Flat<double> written(coefficients.data(), size);
      if constexpr (requires { state.weigh(step, written); }) {
        state.weigh(step, written);
        direction = columns * coefficients.cast<float>();
      } else {
        state.combine(step, ConstColumns<float>(columns.data(), columns.rows(), size), written,
                      Flat<float>(direction.data(), direction.size()));
      }
      CHECK(coefficients.cast<float>().allFinite());
      CHECK(direction.allFinite());
    }
  };
  if constexpr (requires { rule.begin(aggregated); })
    check(rule.begin(aggregated));
  else
    check(rule.template begin<float>(aggregated));
}

/// Finite numbers for every matrix at every scale, the rows' scales mixed as well, in two steps of one state.
template <class Rule>
void check_finite(const Rule& rule) {
  const auto check = [&](const Gradients& gradients) {
    check_finite_floats(rule, gradients);
    auto state = begin_rule(rule, gradients.rows(), gradients.cols());
    for (Index step = 1; step <= 2; ++step) {
      CAPTURE(step);
      const Combined combined = step_state(state, gradients, {.step = step});
      CHECK(combined.coefficients.allFinite());
      CHECK(combined.direction.allFinite());
    }
  };
  for (const Sample& sample : all_samples()) {
    CAPTURE(sample.name);
    for (const double scale : scales) {
      CAPTURE(scale);
      check(scale * sample.gradients);
    }
    INFO("mixed scales");
    check(mixed_scales(sample.gradients));
  }
}

/// No task's loss grows along the direction: g_i d >= -tolerance |g_i| |d|, or less than rounding of the largest row.
template <class Rule>
void check_non_conflicting(const Rule& rule, double tolerance = 1e-7) {
  for (const Sample& sample : all_samples()) {
    CAPTURE(sample.name);
    for (const double scale : {1e-10, 1.0, 1e10}) {
      CAPTURE(scale);
      const Gradients gradients = scale * sample.gradients;
      const Combined combined = combine(rule, gradients);
      const Vector<double> change = gradients * combined.direction;
      const double largest = gradients.rowwise().norm().maxCoeff();
      const double rounding = 1e-9 * largest * largest * combined.coefficients.cwiseAbs().maxCoeff();
      for (Index task = 0; task < gradients.rows(); ++task) {
        CAPTURE(task);
        CHECK(change[task] >= -tolerance * gradients.row(task).norm() * combined.direction.norm() - rounding);
      }
    }
  }
}

/// The order of the tasks does not matter.
template <class Rule>
void check_permutation_invariant(const Rule& rule, double tolerance = 1e-8) {
  Random random(17);
  for (const Sample& sample : all_samples()) {
    CAPTURE(sample.name);
    const Combined straight = combine(rule, sample.gradients);
    std::vector<Index> order(static_cast<std::size_t>(sample.gradients.rows()));
    std::iota(order.begin(), order.end(), Index(0));
    for (int repeat = 0; repeat < 5; ++repeat) {
      random.shuffle(order);
      Gradients permuted = sample.gradients;
      for (std::size_t row = 0; row < order.size(); ++row)
        permuted.row(static_cast<Index>(row)) = sample.gradients.row(order[row]);
      const Combined combined = combine(rule, permuted);
      const double size = straight.coefficients.cwiseAbs().dot(sample.gradients.rowwise().norm());
      CHECK((combined.direction - straight.direction).norm() <= tolerance * size);
    }
  }
}

/// A(diag(a c1 + b c2) J) = a A(diag(c1) J) + b A(diag(c2) J) for positive numbers.
template <class Rule>
void check_linear_under_scaling(const Rule& rule, double tolerance = 1e-7) {
  Random random(23);
  for (const Sample& sample : all_samples()) {
    CAPTURE(sample.name);
    for (int repeat = 0; repeat < 2; ++repeat) {
      Vector<double> first(sample.gradients.rows());
      Vector<double> second(sample.gradients.rows());
      for (Index task = 0; task < first.size(); ++task) {
        first[task] = random.uniform(0.1, 2);
        second[task] = random.uniform(0.1, 2);
      }
      const double a = random.uniform(0.1, 3);
      const double b = random.uniform(0.1, 3);
      const Gradients mixed = (a * first + b * second).asDiagonal() * sample.gradients;
      const Vector<double> left = combine(rule, mixed).direction;
      const Vector<double> right = a * combine(rule, first.asDiagonal() * sample.gradients).direction +
                                   b * combine(rule, second.asDiagonal() * sample.gradients).direction;
      CHECK((left - right).norm() <= tolerance * (1e-300 + mixed.rowwise().norm().sum()));
    }
  }
}

/// While some direction helps a task and hurts none the rule moves: the direction is not 0 for gradients that are not
/// strongly stationary. A rule that stops at weakly stationary points (MGDA) says so.
template <class Rule>
void check_not_stationary(const Rule& rule, bool stops_when_weakly_stationary = false, double least = 5e-3) {
  std::vector<Sample> samples = independent_samples();
  if (!stops_when_weakly_stationary)
    for (Sample& sample : weakly_stationary_samples()) samples.push_back(std::move(sample));
  for (const Sample& sample : samples) {
    CAPTURE(sample.name);
    CHECK(combine(rule, sample.gradients).direction.norm() > least);
  }
}

/// A(k J) = k^power A(J).
template <class Rule>
void check_scales_with(const Rule& rule, double power, double tolerance = 1e-7) {
  for (const Sample& sample : all_samples()) {
    CAPTURE(sample.name);
    const Combined plain = combine(rule, sample.gradients);
    const double size = plain.coefficients.cwiseAbs().dot(sample.gradients.rowwise().norm());
    for (const double scale : {1e-15, 1e-3, 2.0, 1e8, 1e15}) {
      CAPTURE(scale);
      const Combined scaled = combine(rule, scale * sample.gradients);
      CHECK((scaled.direction / std::pow(scale, power) - plain.direction).norm() <= tolerance * size);
    }
  }
}

/// One task's direction is a positive multiple of its gradient, at every scale.
template <class Rule>
void check_one_task(const Rule& rule) {
  const Gradients gradient = normal_gradients(1, 7);
  for (const double scale : scales) {
    CAPTURE(scale);
    const Combined combined = combine(rule, scale * gradient);
    CHECK(combined.coefficients[0] > 0);
    const double cosine = gradient.row(0).dot(combined.direction) / gradient.norm() / combined.direction.norm();
    CHECK(cosine == Approx(1).epsilon(1e-12));
  }
}

/// J = [[-4, 1, 1], [6, 1, 1]], of which the reference values are known.
inline Gradients gold_gradients() {
  Gradients gradients(2, 3);
  gradients << -4, 1, 1, 6, 1, 1;
  return gradients;
}

/// A first step on the gold matrix gives these numbers.
template <class Rule>
void expect_gold(const Rule& rule, std::array<double, 2> coefficients, std::array<double, 3> direction,
                 double tolerance = 1e-6) {
  const Combined combined = combine(rule, gold_gradients());
  for (std::size_t task = 0; task < 2; ++task) {
    CAPTURE(task);
    CHECK(combined.coefficients[static_cast<Index>(task)] == Approx(coefficients[task]).epsilon(0).margin(tolerance));
  }
  for (std::size_t place = 0; place < 3; ++place) {
    CAPTURE(place);
    CHECK(combined.direction[static_cast<Index>(place)] == Approx(direction[place]).epsilon(0).margin(tolerance));
  }
}

// --- states ---------------------------------------------------------------------------------------------------------

/// What a state remembers, by key.
using Remembered =
    std::map<std::string, std::variant<bool, double, Index, std::uint64_t, std::string, std::vector<double>,
                                       std::vector<Index>, Buffer<float>, Buffer<double>>>;

/// Copies what a state remembers into a map, or, the other way round, from it.
class RememberingVisitor final : public MemberVisitor {
 public:
  enum class Way { save, restore };

  RememberingVisitor(Remembered& remembered, Way way) : remembered_(remembered), way_(way) {}

  void visit(std::string_view key, bool& value) override { copy(key, value); }
  void visit(std::string_view key, double& value) override { copy(key, value); }
  void visit(std::string_view key, Index& value) override { copy(key, value); }
  void visit(std::string_view key, std::uint64_t& value) override { copy(key, value); }
  void visit(std::string_view key, std::string& value) override { copy(key, value); }
  void visit(std::string_view key, std::vector<double>& value) override { copy(key, value); }
  void visit(std::string_view key, Buffer<float>& value) override { copy(key, value); }
  void visit(std::string_view key, Buffer<double>& value) override { copy(key, value); }
  void enter(std::string_view key, std::string_view) override { path_.push_back(std::string(key)); }
  std::size_t enter_list(std::string_view key, std::size_t size) override {
    auto count = static_cast<std::uint64_t>(size);
    copy(std::string(key) + ".size", count);
    path_.push_back(std::string(key));
    return static_cast<std::size_t>(count);
  }
  void leave() override { path_.pop_back(); }

 private:
  template <class T>
  void copy(std::string_view key, T& value) {
    std::string whole;
    for (const std::string& part : path_) whole += part + "/";
    whole += key;
    CAPTURE(whole);
    if (way_ == Way::save) {
      REQUIRE(remembered_.emplace(whole, value).second);  // no key twice
    } else {
      REQUIRE(remembered_.count(whole) == 1);
      value = std::get<T>(remembered_.at(whole));
    }
  }

  Remembered& remembered_;
  Way way_;
  std::vector<std::string> path_;
};

/// What the state remembers.
template <class State>
Remembered remember(State& state) {
  Remembered remembered;
  RememberingVisitor visitor(remembered, RememberingVisitor::Way::save);
  State::configuration(state, static_cast<MemberVisitor&>(visitor));
  return remembered;
}

/// Gives the state what another remembered.
template <class State>
void restore(State& state, Remembered remembered) {
  RememberingVisitor visitor(remembered, RememberingVisitor::Way::restore);
  State::configuration(state, static_cast<MemberVisitor&>(visitor));
}

/// A state that is saved after four steps and restored into a new one goes on as if it had not stopped, bit for bit;
/// some steps lack a task.
template <class Rule>
void check_resumes(const Rule& rule) {
  constexpr Index tasks = 4;
  constexpr Index parameters = 6;
  const auto take = [](auto& state, Index step) {
    const auto seed = static_cast<std::uint64_t>(step);
    Gradients gradients = normal_gradients(tasks, parameters, 100 + seed);
    StepFacts facts{
        .losses = {1.0 + 1.0 / static_cast<double>(step), 0.5, 2.0, 3.0}, .step = step, .tasks = {0, 1, 2, 3}};
    if (step % 3 == 2) {  // task 1 has no label
      gradients.row(1) = gradients.row(2);
      gradients.row(2) = gradients.row(3);
      gradients.conservativeResize(3, parameters);
      facts.losses.erase(facts.losses.begin() + 1);
      facts.tasks.erase(facts.tasks.begin() + 1);
    }
    return step_state(state, gradients, facts);
  };
  auto state = begin_rule(rule, tasks, parameters);
  for (Index step = 1; step <= 4; ++step) take(state, step);
  auto resumed = begin_rule(rule, tasks, parameters);
  restore(resumed, remember(state));
  CHECK(remember(resumed) == remember(state));
  for (Index step = 5; step <= 9; ++step) {
    CAPTURE(step);
    const Combined through = take(state, step);
    const Combined again = take(resumed, step);
    CHECK((through.coefficients.array() == again.coefficients.array()).all());
    CHECK((through.direction.array() == again.direction.array()).all());
  }
}

/// A state that is given what the rule with another setting remembered throws, and says which setting it is.
template <class Rule>
void check_setting_must_agree(const Rule& rule, const Rule& other, const std::string& key) {
  auto state = begin_rule(rule, 3, 5);
  auto wrong = begin_rule(other, 3, 5);
  CHECK_THROWS_WITH(restore(wrong, remember(state)), containing("another setting of '" + key + "'"));
}

}  // namespace polytask::aggregation_checks
