/// @file
/// Learned relations between tasks: two regressions with opposite weights and a third that is unrelated to them, from
/// few samples, each task on samples of its own. The correlations that MTRL learns exactly and that a network learns
/// with TaskCovariance on its heads, beside those of tasks that were learned alone, and what the relations are worth on
/// test data.
#include "picture_arguments.hpp"

#include "polytask/compiled.hpp"
#include "polytask/data/table.hpp"
#include "polytask/insight/task_relations.hpp"
#include "polytask/linear/mtrl.hpp"
#include "polytask/linear/ridge.hpp"
#include "polytask/losses/squared_error.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/regularization/task_covariance.hpp"
#include "polytask/report/heat_map.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/training/comparison.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace benchmark {
namespace {

namespace pt = polytask;
namespace linear = pt::linear;
using pt::Index;

constexpr Index input_count = 10;
constexpr Index task_count = 3;
constexpr double noise_deviation = 0.5;
constexpr Index test_count = 2000;

pt::Matrix<double> normal(Index rows, Index columns, pt::Random& random) {
  pt::Matrix<double> found(rows, columns);
  for (double& value : found.reshaped()) value = random.normal();
  return found;
}

/// y_t = w_t' x + noise with w_2 = -w_1, and w_3 of the same length at a right angle to both.
struct Problem {
  pt::Matrix<double> weights;  ///< inputs x tasks
  linear::Problem samples;
  pt::Dataset<float> for_network;  ///< the same samples
  pt::Matrix<double> test_inputs;
};

Problem problem(Index samples, std::uint64_t seed) {
  pt::Random random(seed);
  Problem made;
  made.weights = normal(input_count, task_count, random);
  auto first = made.weights.col(0);
  auto third = made.weights.col(2);
  first.normalize();
  third -= third.dot(first) * first;
  third.normalize();
  made.weights.col(1) = -first;
  made.weights *= 2;

  pt::Matrix<double> inputs(input_count, task_count * samples);
  pt::Matrix<double> labels = pt::Matrix<double>::Constant(task_count, task_count * samples, pt::missing);
  for (Index task = 0; task < task_count; ++task) {
    const pt::Matrix<double> own = normal(input_count, samples, random);
    inputs.middleCols(task * samples, samples) = own;
    labels.row(task).segment(task * samples, samples) =
        made.weights.col(task).transpose() * own + noise_deviation * normal(1, samples, random);
  }
  made.samples.add(inputs, labels, linear::Loss::squared, {}, {"first", "opposed", "unrelated"});
  made.for_network = pt::Dataset<float>::from(inputs.cast<float>(), labels.cast<float>());
  made.test_inputs = normal(input_count, test_count, random);
  return made;
}

/// What one way of learning finds.
struct Learned {
  pt::Matrix<double> correlations;  ///< tasks x tasks
  double error;                     ///< mean squared, of all tasks, against labels without noise
};

/// The relations that MTRL would see in coefficients that were learned without any.
pt::Matrix<double> correlations_of(const pt::Matrix<double>& coefficients) {
  return linear::correlations(linear::LearnedCovariance{}.relation(coefficients));
}

Learned exactly(const Problem& from, const linear::Solution& solution) {
  const pt::Matrix<double> errors =
      ((solution.coefficients - from.weights).transpose() * from.test_inputs).colwise() + solution.intercepts;
  return {correlations_of(solution.coefficients), errors.squaredNorm() / static_cast<double>(errors.size())};
}

/// Each task alone by the ridge that proves best on the test data, which no one knows beforehand.
Learned alone(const Problem& from) {
  const linear::Prepared prepared(from.samples);
  Learned best{{}, std::numeric_limits<double>::infinity()};
  for (const double strength : {0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0})
    if (auto found = exactly(from, solve(prepared, linear::Ridge{strength})); found.error < best.error) best = found;
  return best;
}

/// A network with one hidden layer that the tasks share.
/// @param strength of TaskCovariance on the heads
Learned by_network(const Problem& from, std::uint64_t seed, Index epochs, double strength) {
  constexpr Index hidden_count = 6;
  auto model =
      pt::multi_task_model(pt::Features::dense(input_count), pt::HardSharing{pt::mlp<pt::Tanh>({hidden_count})},
                           pt::task<"first">(pt::SquaredError{}), pt::task<"opposed">(pt::SquaredError{}),
                           pt::task<"unrelated">(pt::SquaredError{}));
  model.initialize(seed);
  pt::Trainer trainer{model, pt::Adam{.rate = 2e-2}, pt::TaskCovariance{.strength = strength}};
  trainer.fit(from.for_network, {.epochs = epochs, .batch = 15, .seed = seed});

  const pt::Matrix<double> truth = from.weights.transpose() * from.test_inputs;
  auto data = pt::Dataset<float>::from(from.test_inputs.cast<float>(), truth.cast<float>());
  double error = 0;
  for (const auto& score : pt::evaluate<float>(model, data)) error += score.loss / static_cast<double>(task_count);
  return {pt::task_relations(model).correlations(), error};
}

/// A row of the table.
struct Row {
  std::string name;
  std::vector<Learned> runs = {};

  std::vector<double> correlations(Index one, Index other) const {
    std::vector<double> found;
    for (const auto& run : runs) found.push_back(run.correlations(one, other));
    return found;
  }
  std::vector<double> errors() const {
    std::vector<double> found;
    for (const auto& run : runs) found.push_back(run.error);
    return found;
  }
};

void print(const std::vector<Row>& rows) {
  std::printf("%-38s %18s %18s %18s %16s\n", "mean and deviation", "first, opposed", "first, unrelated",
              "opposed, unrelated", "test error");
  for (const auto& row : rows) {
    std::printf("%-38s", row.name.c_str());
    for (const auto& [one, other] : {std::pair<Index, Index>{0, 1}, {0, 2}, {1, 2}}) {
      const auto values = row.correlations(one, other);
      std::printf("     %6.3f +- %.3f", pt::mean_of(values), pt::deviation_of(values));
    }
    const auto errors = row.errors();
    std::printf("   %5.3f +- %.3f\n", pt::mean_of(errors), pt::deviation_of(errors));
  }
}

/// The mean correlations that the exact and the deep form learn.
void draw(const std::string& path, const Row& exact, const Row& deep, Index samples) {
  const std::vector<std::string> names{"first", "opposed", "unrelated"};
  pt::HeatMap map{.title = "Learned correlations of three tasks",
                  .subtitle = "MTRL, and a network with TaskCovariance; " + std::to_string(samples) +
                              " samples a task, mean of " + std::to_string(exact.runs.size()) + " runs",
                  .columns = names,
                  .strongest = 1};
  for (const Row* row : {&exact, &deep})
    for (Index one = 0; one < task_count; ++one) {
      map.rows.push_back((row == &exact ? "MTRL: " : "network: ") + names[static_cast<std::size_t>(one)]);
      auto& values = map.values.emplace_back();
      for (Index other = 0; other < task_count; ++other) values.push_back(pt::mean_of(row->correlations(one, other)));
    }
  pt::write_svg(path, map);
}

void run(const PictureArguments& arguments, Index samples, Index seeds) {
  const Index runs = arguments.quick ? 2 : seeds;
  const Index epochs = arguments.quick ? 20 : 200;
  const std::vector<double> exact_strengths{0.01, 0.03, 0.1};
  const std::vector<double> network_strengths{0.01, 0.03, 0.1, 0.3};
  std::vector<Row> rows{{"ridge, each task alone"}};
  for (const double strength : exact_strengths) rows.push_back({pt::text("MTRL, strength ", strength)});
  rows.push_back({"network"});
  for (const double strength : network_strengths) rows.push_back({pt::text("network, TaskCovariance ", strength)});
  for (Index run = 0; run < runs; ++run) {
    const auto seed = static_cast<std::uint64_t>(run + 1);
    const Problem from = problem(samples, seed);
    const linear::Prepared prepared(from.samples);
    auto row = rows.begin();
    const auto add = [&](Learned learned) { (row++)->runs.push_back(std::move(learned)); };
    add(alone(from));
    for (const double strength : exact_strengths) add(exactly(from, solve(prepared, linear::Mtrl{strength})));
    add(by_network(from, seed, epochs, 0));
    for (const double strength : network_strengths) add(by_network(from, seed, epochs, strength));
  }
  std::printf("Correlations of three tasks, %td samples each of %td inputs, %td runs\n\n", samples, input_count, runs);
  print(rows);
  if (!arguments.svg.empty()) draw(arguments.svg, rows[exact_strengths.size()], rows[rows.size() - 2], samples);
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  try {
    polytask::Index samples = 30;
    polytask::Index seeds = 10;
    const auto arguments = benchmark::picture_arguments(
        count, words, "Two tasks with opposite weights and an unrelated one: the relations that are learned.",
        {{"--samples", "of each task", &samples}, {"--seeds", "problems that are drawn", &seeds}});
    benchmark::run(arguments, samples, seeds);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
