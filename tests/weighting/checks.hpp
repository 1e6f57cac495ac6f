/// @file
/// What the tests of all weightings share: three tasks, steps with the signals that a trainer gives, and a state that
/// is saved and resumed.
#pragma once

#include "catch.hpp"
#include "polytask/core/member_visitor.hpp"
#include "polytask/weighting/weighting.hpp"

#include <any>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weighting_checks {

using polytask::Index;
using polytask::StepSignals;

inline constexpr double none = std::numeric_limits<double>::quiet_NaN();
inline constexpr double infinity = std::numeric_limits<double>::infinity();

using Three = std::array<double, 3>;

inline constexpr std::array<std::string_view, 3> names{"spend", "click", "visits"};
inline constexpr std::array<polytask::LossKind, 3> kinds{
    polytask::LossKind::regression, polytask::LossKind::classification, polytask::LossKind::regression};
inline constexpr polytask::WeightedTasks tasks{names, kinds};

/// A training run of a state, as the trainer takes its steps.
template <class State>
struct Run {
  State state;
  Index step = 0;
  Three weights_used{};

  /// The weights with which a step with those losses is taken.
  Three prepare(const Three& losses, Index epoch = 1) {
    ++step;
    if constexpr (requires(StepSignals signals) { state.prepare(signals); })
      state.prepare(StepSignals{.losses = losses, .step = step, .epoch = epoch});
    return weights_used = weights();
  }

  void update(const Three& losses, Index epoch = 1, const Three& after = {1, 1, 1},
              const Three& raw_norms = {1, 1, 1}) {
    Three norms = raw_norms;
    for (std::size_t task = 0; task < 3; ++task) norms[task] *= weights_used[task];
    state.update(StepSignals{.losses = losses,
                             .weights = weights_used,
                             .gradient_norms = norms,
                             .losses_after = after,
                             .step = step,
                             .epoch = epoch});
  }

  Three take(const Three& losses, Index epoch = 1, const Three& after = {1, 1, 1}) {
    const Three used = prepare(losses, epoch);
    update(losses, epoch, after);
    return used;
  }

  Three weights() const { return {state.weights()[0], state.weights()[1], state.weights()[2]}; }
};

template <class Rule>
auto run(const Rule& rule) {
  return Run<decltype(rule.begin(tasks))>{rule.begin(tasks)};
}

inline double sum(const Three& weights) { return weights[0] + weights[1] + weights[2]; }

inline void same(const Three& found, const Three& expected, double tolerance = 1e-12) {
  for (std::size_t task = 0; task < 3; ++task) {
    INFO(names[task]);
    CHECK(found[task] == Approx(expected[task]).epsilon(tolerance).margin(1e-300));
  }
}

/// Keeps what is visited, or brings it back.
class Saved final : public polytask::MemberVisitor {
 public:
  bool restoring = false;

  void visit(std::string_view key, bool& value) override { one(key, value); }
  void visit(std::string_view key, double& value) override { one(key, value); }
  void visit(std::string_view key, Index& value) override { one(key, value); }
  void visit(std::string_view key, std::uint64_t& value) override { one(key, value); }
  void visit(std::string_view key, std::string& value) override { one(key, value); }
  void visit(std::string_view key, std::vector<double>& value) override { one(key, value); }
  void visit(std::string_view key, polytask::Buffer<float>& value) override { one(key, value); }
  void visit(std::string_view key, polytask::Buffer<double>& value) override { one(key, value); }
  void enter(std::string_view key, std::string_view) override { place_ += std::string(key) + "/"; }
  std::size_t enter_list(std::string_view key, std::size_t size) override {
    auto count = static_cast<std::uint64_t>(size);
    one(std::string(key) + ".size", count);
    place_ += std::string(key) + "/";
    return static_cast<std::size_t>(count);
  }
  void leave() override { place_.erase(place_.find_last_of('/', place_.size() - 2) + 1); }

  std::size_t size() const { return values_.size(); }

 private:
  template <class T>
  void one(std::string_view key, T& value) {
    const std::string name = place_ + std::string(key);
    if (restoring) {
      REQUIRE(values_.count(name) == 1);
      value = std::any_cast<T>(values_.at(name));
    } else {
      REQUIRE(values_.count(name) == 0);
      values_[name] = value;
    }
  }

  std::string place_;
  std::map<std::string, std::any> values_;
};

template <class State>
Saved save(State state) {
  Saved saved;
  State::configuration(state, saved);
  return saved;
}

template <class State>
void restore(Saved saved, State& state) {
  saved.restoring = true;
  State::configuration(state, saved);
}

/// Losses of some step, all above 0; every fifth step has no label of one task.
inline Three some_losses(Index step) {
  const auto number = static_cast<double>(step);
  Three losses{3 / (1 + number), 0.5 + 0.1 * std::sin(number), 20 - number};
  if (step % 5 == 0) losses[static_cast<std::size_t>(step / 5 % 3)] = none;
  return losses;
}

/// Stopping after 7 of 15 steps in 5 epochs and resuming in a new state equals running through, bit for bit; and a new
/// state begins as the first did.
template <class Rule>
void resumes(const Rule& rule) {
  const auto take = [](auto& run, Index step) {
    Three after = some_losses(step);
    for (double& loss : after) loss *= 0.75 + 0.01 * static_cast<double>(step);
    return run.take(some_losses(step), 1 + (step - 1) / 3, after);
  };
  auto through = run(rule);
  std::vector<Three> weights;
  for (Index step = 1; step <= 15; ++step) weights.push_back(take(through, step));
  auto first = run(rule);
  for (Index step = 1; step <= 7; ++step) CHECK(take(first, step) == weights[static_cast<std::size_t>(step - 1)]);
  auto second = run(rule);
  restore(save(first.state), second.state);
  second.step = first.step;
  for (Index step = 8; step <= 15; ++step) CHECK(take(second, step) == weights[static_cast<std::size_t>(step - 1)]);
  CHECK(second.weights() == through.weights());
}

}  // namespace weighting_checks
