/// @file
/// The toy of the GradNorm paper (Chen, Badrinarayanan, Lee, Rabinovich, ICML 2018, section 4): regressions that differ
/// in the size of their labels, learned through one network by equal weights, uncertainty weighting and GradNorm, and a
/// picture of test losses and weights. Takes about six minutes on one core.
///
/// Task i is s_i tanh((B + E_i) x) for x of 250 numbers and 100 outputs, with B ~ N(0, 10) for all tasks, E_i ~
/// N(0, 3.5) for each and s_i its size; a trunk of four layers of 100 ReLUs, one linear layer a task, squared error.
/// What counts is the sum over the tasks of L_i(t) / L_i(0) on test data. The paper shows curves only, and leaves open
/// what is as in re-implementations of it: 10 and 3.5 are standard deviations, x is drawn in a cube and brought to
/// length 1, batches of 100, Adam 5e-4 for every rule. Every rule has the same 20 000 samples, first parameters and
/// order of samples for one seed.
///
/// GradNorm and uncertainty weighting take plain gradient steps on their own numbers, so that the rate of these depends
/// on the unit of the losses. It is chosen, for each rule and each set of tasks, by the loss on held-out samples of one
/// more data set, which no row of the table uses.
#include "picture_arguments.hpp"

#include "polytask/losses/squared_error.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/report/chart_grid.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/training/trainer.hpp"
#include "polytask/weighting/any_weighting.hpp"
#include "polytask/weighting/grad_norm.hpp"
#include "polytask/weighting/uncertainty.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <limits>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace benchmark {
namespace {

namespace pt = polytask;
using pt::Index;

constexpr Index input_count = 250;
constexpr Index output_count = 100;
constexpr Index train_count = 20'000;
constexpr Index held_out_count = 1'000;
constexpr Index batch = 100;
constexpr double rate = 5e-4;
constexpr std::uint64_t choosing_seed = 1'000'000;  ///< of the data set on which rates are chosen

/// A weighting whose numbers have a rate of their own, one of these.
struct Rule {
  std::string_view name;
  pt::AnyWeighting (*with_rate)(double own_rate);
  std::vector<double> rates;
};

const std::array<Rule, 3> rules{
    {{"equal", [](double) { return pt::AnyWeighting(); }, {0}},
     {"uncertainty",
      [](double own_rate) { return pt::AnyWeighting(pt::Uncertainty{.rate = own_rate}); },
      {1e-2, 1e-1, 1}},
     {"GradNorm",
      [](double own_rate) { return pt::AnyWeighting(pt::GradNorm{.alpha = 0.12, .rate = own_rate}); },
      {3e-4, 1e-3, 3e-3, 1e-2, 3e-2}}}};

struct Problem {
  pt::Dataset<float> train;
  pt::Dataset<float> held_out;
};

Problem problem(const std::vector<double>& sizes, std::uint64_t seed) {
  pt::Random random = pt::Random(seed).stream(0);
  const auto normal = [&](double deviation) {
    pt::Matrix<double> drawn(output_count, input_count);
    for (double& value : drawn.reshaped()) value = deviation * random.normal();
    return drawn;
  };
  const pt::Matrix<double> common = normal(10);
  std::vector<pt::Matrix<double>> own;
  for (std::size_t task = 0; task < sizes.size(); ++task) own.push_back(common + normal(3.5));

  const auto samples = [&](Index count) {
    pt::Matrix<double> inputs(input_count, count);
    for (double& value : inputs.reshaped()) value = random.uniform(-1, 1);
    inputs.colwise().normalize();
    pt::Matrix<double> labels(output_count * static_cast<Index>(sizes.size()), count);
    for (std::size_t task = 0; task < sizes.size(); ++task)
      labels.middleRows(output_count * static_cast<Index>(task), output_count) =
          sizes[task] * (own[task] * inputs).array().tanh();
    return pt::Dataset<float>::from(inputs.cast<float>(), labels.cast<float>());
  };
  Problem made;
  made.train = samples(train_count);
  made.held_out = samples(held_out_count);
  return made;
}

template <pt::Name TaskName>
auto outputs() {
  std::vector<std::string> labels;
  for (Index place = 1; place <= output_count; ++place)
    labels.push_back(std::string(TaskName.view()) + "_" + std::to_string(place));
  return pt::task<TaskName>(pt::SquaredError{}, std::move(labels));
}

template <pt::Name... TaskNames>
auto network() {
  return pt::multi_task_model(pt::Features::dense(input_count), pt::HardSharing{pt::mlp({100, 100, 100, 100})},
                              outputs<TaskNames>()...);
}

/// What one training showed, before it and after each epoch.
struct Run {
  std::vector<double> sums;                  ///< of held-out loss / first held-out loss over the tasks
  std::vector<std::vector<double>> weights;  ///< of the tasks, mean of each epoch; brought to a sum of one a task
};

template <class ModelType>
Run train(ModelType& model, const Problem& with, const pt::AnyWeighting& weighting, Index epochs, std::uint64_t seed) {
  model.initialize(seed);
  const auto first = pt::evaluate(model, with.held_out);
  pt::Trainer trainer{model, weighting, pt::Adam{.rate = rate}};
  const auto& history = trainer.fit(
      with.train,
      {.epochs = epochs, .batch = batch, .encoded_validation = &with.held_out, .keep_best = false, .seed = seed});
  Run run{{static_cast<double>(first.size())}, {}};
  for (const auto& epoch : history.epochs) {
    double sum = 0;
    for (std::size_t task = 0; task < first.size(); ++task) sum += epoch.validation_losses[task] / first[task].loss;
    run.sums.push_back(sum);
    auto& weights = run.weights.emplace_back(epoch.weights);
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (double& weight : weights) weight *= static_cast<double>(weights.size()) / total;
  }
  return run;
}

struct Spread {
  double mean;
  double deviation;  ///< 0 for one number
};

Spread spread(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  const double mean = std::accumulate(values.begin(), values.end(), 0.0) / count;
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return {mean, values.size() > 1 ? std::sqrt(squares / (count - 1)) : 0};
}

/// The rate of the rule's own numbers that ends lowest on the data set for choosing.
template <class ModelType>
double chosen_rate(const Rule& rule, ModelType& model, const Problem& with, Index epochs) {
  double best = rule.rates.front();
  if (rule.rates.size() == 1) return best;
  double lowest = std::numeric_limits<double>::infinity();
  std::printf("%-12s", std::string(rule.name).c_str());
  for (const double own_rate : rule.rates) {
    const double sum = train(model, with, rule.with_rate(own_rate), epochs, choosing_seed).sums.back();
    std::printf("   %g: %.3f", own_rate, sum);
    std::fflush(stdout);
    if (sum < lowest) best = own_rate;
    lowest = std::min(lowest, sum);
  }
  std::printf("\n");
  return best;
}

/// Trains tasks of these sizes by every rule, prints a table and adds to the picture.
template <class ModelType>
void compare(ModelType model, const std::vector<double>& sizes, Index epochs, Index seeds, pt::ChartGrid& grid) {
  std::printf("%zu tasks: sum at the end on the data set for choosing, by the rate of the rule's own numbers\n\n",
              sizes.size());
  std::array<pt::AnyWeighting, rules.size()> weightings;
  const Problem choosing = problem(sizes, choosing_seed);
  for (std::size_t rule = 0; rule < rules.size(); ++rule)
    weightings[rule] = rules[rule].with_rate(chosen_rate(rules[rule], model, choosing, epochs));

  std::array<std::vector<Run>, rules.size()> runs;
  for (Index seed = 1; seed <= seeds; ++seed) {
    const auto number = static_cast<std::uint64_t>(seed);
    const Problem with = problem(sizes, number);
    for (std::size_t rule = 0; rule < rules.size(); ++rule)
      runs[rule].push_back(train(model, with, weightings[rule], epochs, number));
  }

  const Index steps = train_count / batch;
  std::printf(
      "\n%zu tasks: sum of test loss / first test loss, mean and deviation over %td seeds, after steps\n\n%-12s",
      sizes.size(), seeds, "");
  const std::vector<Index> shown{(epochs + 9) / 10, (epochs + 3) / 4, (epochs + 1) / 2, epochs};
  for (const Index epoch : shown) std::printf(" %15td", epoch * steps);
  std::printf("   below equal weights at the end\n");
  const auto at = [&](std::size_t rule, std::size_t seed, Index epoch) {
    return runs[rule][seed].sums[static_cast<std::size_t>(epoch)];
  };
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    std::printf("%-12s", std::string(rules[rule].name).c_str());
    for (const Index epoch : shown) {
      std::vector<double> values;
      for (std::size_t seed = 0; seed < runs[rule].size(); ++seed) values.push_back(at(rule, seed, epoch));
      const Spread found = spread(values);
      std::printf(" %8.3f +-%5.3f", found.mean, found.deviation);
    }
    int below = 0;
    for (std::size_t seed = 0; seed < runs[rule].size(); ++seed) below += at(rule, seed, epochs) < at(0, seed, epochs);
    if (rule > 0) std::printf("   %d of %td seeds", below, seeds);
    std::printf("\n");
  }
  std::printf("\nmean weights of the last epoch, brought to a sum of %zu\n\n%-12s", sizes.size(), "size");
  for (const double size : sizes) std::printf(" %7g", size);
  std::printf("\n");
  // means over the seeds
  const auto weight = [&](std::size_t rule, std::size_t epoch, std::size_t task) {
    double sum = 0;
    for (const Run& run : runs[rule]) sum += run.weights[epoch][task];
    return sum / static_cast<double>(seeds);
  };
  for (std::size_t rule = 1; rule < rules.size(); ++rule) {
    std::printf("%-12s", std::string(rules[rule].name).c_str());
    for (std::size_t task = 0; task < sizes.size(); ++task)
      std::printf(" %7.4f", weight(rule, static_cast<std::size_t>(epochs - 1), task));
    std::printf("\n");
  }
  std::printf("\n");
  std::fflush(stdout);

  pt::LineChart losses;
  losses.title = std::to_string(sizes.size()) + " tasks: test loss";
  losses.x_label = "steps";
  losses.y_label = "sum of L(t) / L(0)";
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    auto& line = losses.lines.emplace_back();
    line.name = rules[rule].name;
    for (Index epoch = 0; epoch <= epochs; ++epoch) {
      double sum = 0;
      for (std::size_t seed = 0; seed < runs[rule].size(); ++seed) sum += at(rule, seed, epoch);
      line.points.push_back({static_cast<double>(epoch * steps), sum / static_cast<double>(seeds)});
    }
  }
  pt::LineChart weights;
  weights.title = std::to_string(sizes.size()) + " tasks: GradNorm's weights by size";
  weights.x_label = "steps";
  weights.y_label = "weight";
  weights.y_logarithmic = true;
  weights.named_at_ends = true;
  for (std::size_t task = 0; task < sizes.size(); ++task) {
    auto& line = weights.lines.emplace_back();
    line.name = std::to_string(static_cast<int>(sizes[task]));
    line.points.push_back({0, 1});
    for (Index epoch = 1; epoch <= epochs; ++epoch)
      line.points.push_back(
          {static_cast<double>(epoch * steps), weight(rules.size() - 1, static_cast<std::size_t>(epoch - 1), task)});
  }
  for (auto* chart : {&losses, &weights}) {
    chart->marks = pt::LineChart::Marks::none;
    chart->plot_height = 220;
    grid.charts.push_back(std::move(*chart));
  }
}

void run(const PictureArguments& arguments, Index seeds) {
  const auto begin = std::chrono::steady_clock::now();
  if (arguments.quick) seeds = 1;
  pt::ChartGrid grid;
  grid.title = "The toy of the GradNorm paper";
  grid.subtitle = "Regressions of labels of different sizes; means over " + std::to_string(seeds) + " seeds";
  grid.columns = 2;
  std::printf(
      "%td inputs, %td outputs a task, %td samples; trunk of 4 x 100; Adam %g, batch %td; GradNorm alpha 0.12\n\n",
      input_count, output_count, train_count, rate, batch);
  compare(network<"1", "2">(), {1, 100}, arguments.quick ? 1 : 30, seeds, grid);
  compare(network<"1", "2", "3", "4", "5", "6", "7", "8", "9", "10">(), {48, 3, 54, 16, 9, 30, 52, 26, 47, 81},
          arguments.quick ? 1 : 30, seeds, grid);
  if (!arguments.svg.empty()) pt::write_svg(arguments.svg, grid);
  std::printf("%.0f seconds\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  try {
    polytask::Index seeds = 5;
    const auto arguments = benchmark::picture_arguments(
        count, words, "The toy of the GradNorm paper: tasks whose losses differ in size, by three weightings.",
        {{"--seeds", "   data sets and first parameters", &seeds}});
    benchmark::run(arguments, seeds);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
