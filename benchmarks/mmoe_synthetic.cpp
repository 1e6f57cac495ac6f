/// @file
/// The synthetic problem of the MMoE paper (Ma et al., KDD 2018, section 3.2): two regressions of which one says how
/// alike they are, learned by models that share more or less and have about as many parameters.
#include "polytask/losses/squared_error.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/report/line_chart.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"
#include "polytask/sharing/separate.hpp"
#include "polytask/training/trainer.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <iostream>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace benchmark {
namespace {

namespace pt = polytask;
using pt::Index;

constexpr Index input_count = 100;
constexpr Index train_count = 10'000;
constexpr Index validation_count = 1'000;
constexpr Index test_count = 1'000;
constexpr std::array<double, 5> correlations{1, 0.75, 0.5, 0.25, 0};

/// The paper does not say which waves it added; these are about as strong as the linear part.
struct Wave {
  double frequency;
  double phase;
};
constexpr double scale = 1;
constexpr std::array<Wave, 5> waves{{{0.5, 0.2}, {0.75, 1.4}, {1, 2.6}, {1.25, 3.8}, {1.5, 5}}};
constexpr double noise_deviation = 0.1;

struct Arguments {
  Index seeds = 10;
  Index epochs = 100;
  Index batch = 128;
  double rate = 1e-2;
  Index threads = 2;
  std::string svg;   ///< where the chart is written; nowhere if empty
  std::string json;  ///< where the table is written too; nowhere if empty
};

Arguments read(int count, char** words) {
  Arguments found;
  const auto help = [&](bool wanted) {
    (wanted ? std::cout : std::cerr)
        << "The synthetic problem of the MMoE paper: what sharing costs as two tasks grow apart.\n\nUsage: " << words[0]
        << " [OPTION...]\n"
        << "  --quick        one seed and two epochs, to see that it works\n"
        << "  --seeds N      data sets and models drawn for each correlation (" << found.seeds << ")\n"
        << "  --epochs N     of each training run; the best is chosen on validation data (" << found.epochs << ")\n"
        << "  --batch N      samples of a step (" << found.batch << ")\n"
        << "  --rate NUMBER  learning rate of Adam (" << found.rate << ")\n"
        << "  --threads N    training runs at a time (" << found.threads << ")\n"
        << "  --svg FILE     draws the table as a chart\n"
        << "  --json FILE    writes the table to a file as well\n";
    std::exit(wanted ? 0 : 2);
  };
  for (int place = 1; place < count; ++place) {
    const std::string_view word = words[place];
    if (word == "--help" || word == "-h") help(true);
    if (word == "--quick") {
      found.seeds = 1;
      found.epochs = 2;
      continue;
    }
    if (place + 1 == count) help(false);
    const std::string value = words[++place];
    const auto positive = [&] {
      const double number = std::atof(value.c_str());
      if (!(number > 0)) help(false);
      return number;
    };
    if (word == "--svg")
      found.svg = value;
    else if (word == "--json")
      found.json = value;
    else if (word == "--rate")
      found.rate = positive();
    else if (word == "--seeds" || word == "--epochs" || word == "--batch" || word == "--threads")
      (word == "--seeds"    ? found.seeds
       : word == "--epochs" ? found.epochs
       : word == "--batch"  ? found.batch
                            : found.threads) = std::max<Index>(1, static_cast<Index>(positive()));
    else
      help(false);
  }
  return found;
}

struct Problem {
  pt::Dataset<float> train;
  pt::Dataset<float> validation;
  pt::Dataset<float> test;
};

/// y_k = w_k' x + sum over the waves of sin(frequency * w_k' x + phase) + noise, with x standard normal, |w_k| = scale
/// and the cosine of w_1 and w_2 the correlation of the tasks. For one seed inputs and noise are the same for every
/// correlation.
Problem problem(double correlation, std::uint64_t seed) {
  pt::Random random = pt::Random(seed).stream(0);
  pt::Matrix<double> directions(input_count, 2);
  for (double& value : directions.reshaped()) value = random.normal();
  auto first = directions.col(0);
  auto second = directions.col(1);
  first.normalize();
  second -= second.dot(first) * first;
  second.normalize();
  second = correlation * first + std::sqrt(1 - correlation * correlation) * second;
  const pt::Matrix<double> weights = scale * directions.transpose();

  const auto samples = [&](Index count) {
    pt::Matrix<double> inputs(input_count, count);
    for (double& value : inputs.reshaped()) value = random.normal();
    pt::Matrix<double> labels = weights * inputs;
    for (double& label : labels.reshaped()) {
      const double linear = label;
      for (const auto& wave : waves) label += std::sin(wave.frequency * linear + wave.phase);
      label += noise_deviation * random.normal();
    }
    return pt::Dataset<float>::from(inputs.cast<float>(), labels.cast<float>());
  };
  Problem made;
  made.train = samples(train_count);
  made.validation = samples(validation_count);
  made.test = samples(test_count);
  return made;
}

template <class Sharing>
auto network(Sharing sharing) {
  return pt::multi_task_model(pt::Features::dense(input_count), std::move(sharing),
                              pt::task<"first">(pt::SquaredError{}, pt::mlp({8})),
                              pt::task<"second">(pt::SquaredError{}, pt::mlp({8})));
}

/// One way of sharing: a row of the table.
struct Candidate {
  std::string name;
  std::string widths;
  Index parameters;
  std::function<double(const Problem&, std::uint64_t seed, const Arguments&)> test_loss;  ///< mean over the tasks
};

/// The candidate of the width at which it comes nearest to a number of parameters.
/// @param make the sharing policy of a width
template <class Make>
Candidate candidate(std::string name, const std::string& what, Index parameters, Make make) {
  const auto count = [&](Index width) { return network(make(width)).parameter_count(); };
  Index width = 1;
  while (std::abs(count(width + 1) - parameters) <= std::abs(count(width) - parameters)) ++width;
  return {std::move(name), what + std::to_string(width), count(width),
          [make, width](const Problem& with, std::uint64_t seed, const Arguments& arguments) {
            auto model = network(make(width));
            model.initialize(seed);
            pt::Trainer trainer{model, pt::Adam{.rate = arguments.rate}};
            trainer.fit(with.train, {.epochs = arguments.epochs,
                                     .batch = arguments.batch,
                                     .encoded_validation = &with.validation,
                                     .seed = seed});
            const auto scores = pt::evaluate(model, with.test);
            return (scores[0].loss + scores[1].loss) / 2;
          }};
}

std::vector<Candidate> candidates() {
  const auto experts = [](pt::MixtureGates gates) {
    return [gates](Index width) { return pt::MixtureOfExperts{pt::mlp({width}), {.experts = 8, .gates = gates}}; };
  };
  const Index parameters = network(experts(pt::MixtureGates::per_task)(16)).parameter_count();
  return {candidate("HardSharing", "", parameters, [](Index width) { return pt::HardSharing{pt::mlp({width})}; }),
          candidate("OMoE", "8 x ", parameters, experts(pt::MixtureGates::one_for_all)),
          candidate("MMoE", "8 x ", parameters, experts(pt::MixtureGates::per_task)),
          candidate("Separate", "2 x ", parameters, [](Index width) { return pt::Separate{pt::mlp({width})}; })};
}

/// Calls work(number) for each number below `count`, on several threads.
void on_threads(Index threads, Index count, const std::function<void(Index)>& work) {
  std::atomic<Index> next{0};
  std::exception_ptr failure;
  std::mutex guard;
  std::vector<std::thread> running;
  for (Index thread = 0; thread < threads; ++thread)
    running.emplace_back([&] {
      try {
        for (Index number = next++; number < count; number = next++) work(number);
      } catch (...) {
        const std::lock_guard lock(guard);
        failure = std::current_exception();
        next = count;
      }
    });
  for (auto& thread : running) thread.join();
  if (failure) std::rethrow_exception(failure);
}

struct Spread {
  double mean;
  double deviation;  ///< 0 for one number
};

Spread spread(const std::vector<double>& values) {
  const auto count = static_cast<double>(values.size());
  double sum = 0;
  for (const double value : values) sum += value;
  double squares = 0;
  for (const double value : values) squares += (value - sum / count) * (value - sum / count);
  return {sum / count, values.size() > 1 ? std::sqrt(squares / (count - 1)) : 0};
}

using Table = std::vector<std::vector<Spread>>;  ///< by candidate and correlation

void print(const std::vector<Candidate>& rows, const Table& table) {
  std::printf("%-12s %7s %10s ", "", "units", "parameters");
  for (const double correlation : correlations) std::printf("  %14.2f", correlation);
  std::printf("\n");
  for (std::size_t row = 0; row < rows.size(); ++row) {
    std::printf("%-12s %7s %10td ", rows[row].name.c_str(), rows[row].widths.c_str(), rows[row].parameters);
    for (const auto& cell : table[row]) std::printf("  %7.4f %6.4f", cell.mean, cell.deviation);
    std::printf("\n");
  }
}

void write_json(const std::string& path, const std::vector<Candidate>& rows, const Table& table) {
  std::ofstream file(path);
  file << "[";
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (std::size_t column = 0; column < correlations.size(); ++column) {
      const Spread& cell = table[row][column];
      file << (row + column == 0 ? "\n" : ",\n") << "  {\"sharing\": \"" << rows[row].name
           << "\", \"parameters\": " << rows[row].parameters << ", \"correlation\": " << correlations[column]
           << ", \"test_loss\": " << cell.mean << ", \"deviation\": " << cell.deviation << "}";
    }
  file << "\n]\n";
  if (!file.flush()) throw std::runtime_error(path + ": the file cannot be written");
}

void draw(const Arguments& arguments, const std::vector<Candidate>& rows, const Table& table) {
  pt::LineChart chart;
  chart.title = "Test loss as two tasks grow apart";
  chart.subtitle = "Synthetic problem of the MMoE paper; mean of " + std::to_string(arguments.seeds) +
                   " seeds and its standard error; models of equal size";
  chart.x_label = "correlation of the tasks";
  chart.y_label = "mean squared error on test data";
  chart.x_falls = true;
  chart.width = 480;
  chart.plot_height = 280;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    auto& line = chart.lines.emplace_back();
    line.name = rows[row].name;
    for (std::size_t column = 0; column < correlations.size(); ++column) {
      const Spread& cell = table[row][column];
      const double error = cell.deviation / std::sqrt(static_cast<double>(arguments.seeds));
      line.points.push_back({correlations[column], cell.mean, cell.mean - error, cell.mean + error});
    }
  }
  pt::write_svg(arguments.svg, chart);
}

void run(const Arguments& arguments) {
  const auto begin = std::chrono::steady_clock::now();
  const auto rows = candidates();
  const auto seeds = static_cast<std::size_t>(arguments.seeds);
  std::vector<std::vector<std::vector<double>>> losses(
      rows.size(), std::vector<std::vector<double>>(correlations.size(), std::vector<double>(seeds)));
  on_threads(arguments.threads, static_cast<Index>(correlations.size() * seeds), [&](Index number) {
    const std::size_t column = static_cast<std::size_t>(number) / seeds;
    const std::size_t seed = static_cast<std::size_t>(number) % seeds;
    const Problem with = problem(correlations[column], seed + 1);
    for (std::size_t row = 0; row < rows.size(); ++row)
      losses[row][column][seed] = rows[row].test_loss(with, seed + 1, arguments);
  });
  Table table(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (const auto& values : losses[row]) table[row].push_back(spread(values));

  std::printf("Test loss (squared error, mean of both tasks) by correlation: mean and deviation over %td seeds\n",
              arguments.seeds);
  std::printf("%td inputs, %td samples; heads of 8 units; Adam %g, batch %td, the best of %td epochs\n\n", input_count,
              train_count, arguments.rate, arguments.batch, arguments.epochs);
  print(rows, table);
  std::printf("\n%.0f seconds\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  if (!arguments.json.empty()) write_json(arguments.json, rows, table);
  if (!arguments.svg.empty()) draw(arguments, rows, table);
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  try {
    benchmark::run(benchmark::read(count, words));
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
