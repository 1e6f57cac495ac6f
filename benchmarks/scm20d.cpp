/// @file
/// scm20d: the mean price of 16 products twenty days ahead, from 61 numbers of a supply chain game (TAC SCM;
/// Spyromitros- Xioufis et al. 2016). Two folds, drawn anew for each seed; the measure is the relative root mean
/// squared error, against that of the training part's mean, averaged over the 16 targets and the folds. Exact linear
/// methods, whose strengths are chosen by folds of the training part, and networks that share more or less, balanced by
/// several rules, whose best epoch is chosen on a part of it.
#include "scm20d/networks.hpp"

#include "real_data.hpp"
#include "results.hpp"
#include "scores.hpp"

#include "polytask/aggregation/any_aggregation.hpp"
#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/compiled.hpp"
#include "polytask/data/csv.hpp"
#include "polytask/linear/cross_validation.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/regularization/task_covariance.hpp"
#include "polytask/training/evaluate.hpp"
#include "polytask/training/training.hpp"
#include "polytask/weighting/dwa.hpp"
#include "polytask/weighting/grad_norm.hpp"
#include "polytask/weighting/uncertainty.hpp"

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <iostream>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace benchmark {
namespace {

namespace linear = pt::linear;
using pt::Index;

constexpr Index input_count = 61;
constexpr Index seed_count = 5;
constexpr double validation_fraction = 0.15;

/// A training and a test part, inputs and labels scaled by the training part.
struct Fold {
  pt::Dataset<double> train;
  pt::Dataset<double> test;
};

/// How the runs are made.
struct Effort {
  Index seeds;
  Index epochs;
  linear::CrossValidation choice;
};

/// A row of the table: a fold and a seed -> the relative errors of the 16 targets.
struct Candidate {
  std::string name;
  std::string meaning;
  std::function<std::vector<double>(const Fold&, std::uint64_t seed)> errors;
};

/// All rows of the file as one matrix, a sample a column: inputs above, targets below.
pt::Matrix<double> read_samples(const std::string& text) {
  const std::string header = text.substr(0, text.find('\n'));
  pt::CsvColumns columns;
  for (std::size_t begin = 0; begin <= header.size();) {
    const std::size_t end = std::min(header.find(',', begin), header.size());
    columns.numbers.push_back(header.substr(begin, end - begin));
    begin = end + 1;
  }
  if (columns.numbers.back().ends_with('\r')) columns.numbers.back().pop_back();
  pt::require<pt::DataError>(static_cast<Index>(columns.numbers.size()) == input_count + scm20d_target_count,
                             "scm20d.csv has ", columns.numbers.size(), " columns, expected ",
                             input_count + scm20d_target_count);
  const auto table = pt::parse_csv(text, "scm20d.csv", columns);
  pt::Matrix<double> samples(input_count + scm20d_target_count, table.size());
  for (Index row = 0; row < samples.rows(); ++row)
    samples.row(row) =
        pt::ConstFlat<double>(table.numbers(columns.numbers[static_cast<std::size_t>(row)]).values.data(), table.size())
            .transpose();
  return samples;
}

/// The two halves of the samples, each the training part once.
std::vector<Fold> folds_of(const pt::Matrix<double>& samples, std::uint64_t seed) {
  std::vector<Index> order(static_cast<std::size_t>(samples.cols()));
  std::iota(order.begin(), order.end(), Index{0});
  pt::Random(seed).shuffle(order);
  const auto middle = order.begin() + static_cast<std::ptrdiff_t>(order.size() / 2);
  std::vector<std::vector<Index>> halves{{order.begin(), middle}, {middle, order.end()}};
  std::vector<Fold> folds;
  for (std::size_t half = 0; half < 2; ++half) {
    pt::Matrix<double> train = samples(Eigen::all, halves[half]);
    pt::Matrix<double> test = samples(Eigen::all, halves[1 - half]);
    const pt::Vector<double> means = train.rowwise().mean();
    for (auto* part : {&train, &test}) part->colwise() -= means;
    const pt::Vector<double> deviations =
        (train.rowwise().squaredNorm() / static_cast<double>(train.cols())).cwiseSqrt().cwiseMax(1e-12);
    for (auto* part : {&train, &test}) part->array().colwise() /= deviations.array();
    const auto data_of = [](const pt::Matrix<double>& part) {
      return pt::Dataset<double>::from(part.topRows(input_count), part.bottomRows(scm20d_target_count));
    };
    folds.push_back({data_of(train), data_of(test)});
  }
  return folds;
}

/// Of each target: the root of squared errors / squares of the labels, which are measured from the training part's
/// mean.
std::vector<double> relative_errors(const pt::Matrix<double>& predictions, const pt::Matrix<double>& labels) {
  std::vector<double> found;
  for (Index target = 0; target < labels.rows(); ++target)
    found.push_back((predictions.row(target) - labels.row(target)).norm() / labels.row(target).norm());
  return found;
}

Candidate exact(std::string name, std::string meaning, const linear::Method& method, const Effort& effort) {
  return {std::move(name), std::move(meaning), [method, choice = effort.choice](const Fold& fold, std::uint64_t) {
            linear::Problem problem;
            problem.add(fold.train.numbers, fold.train.labels);
            const auto solution = choose_strength(problem, method, choice).solution;
            return relative_errors(
                (solution.coefficients.transpose() * fold.test.numbers).colwise() + solution.intercepts,
                fold.test.labels);
          }};
}

pt::Dataset<float> to_float(const pt::Dataset<double>& data) {
  return pt::Dataset<float>::from(data.numbers.cast<float>(), data.labels.cast<float>());
}

Candidate network(const SharingNetwork& shared, std::string name, std::string meaning, const Effort& effort,
                  const pt::AnyWeighting& weighting = {}, const pt::AnyAggregation& aggregation = {},
                  const std::vector<pt::AnyRegularization<float>>& penalties = {}) {
  const pt::TrainingPolicies<float> policies{pt::AnyOptimizer<float>(pt::Adam{.rate = 2e-3}), weighting, aggregation,
                                             penalties};
  return {std::move(name), std::move(meaning),
          [make = shared.make, policies, epochs = effort.epochs](const Fold& fold, std::uint64_t seed) {
            const auto model = make(input_count);
            model->initialize(seed);
            const auto whole = to_float(fold.train);
            std::vector<Index> rows(static_cast<std::size_t>(whole.size()));
            std::iota(rows.begin(), rows.end(), Index{0});
            pt::Random(seed).stream(1).shuffle(rows);
            const auto held = static_cast<std::size_t>(validation_fraction * static_cast<double>(rows.size()));
            const auto validation = whole.samples(pt::Span(rows).first(held));
            const auto train = whole.samples(pt::Span(rows).subspan(held));
            pt::Training<float>(*model, policies)
                .fit(train, {.epochs = epochs, .batch = 64, .encoded_validation = &validation, .seed = seed});
            pt::Matrix<double> predictions(scm20d_target_count, fold.test.size());
            const auto evaluations = pt::evaluations<float>(*model, to_float(fold.test));
            for (Index target = 0; target < scm20d_target_count; ++target)
              predictions.row(target) = evaluations[static_cast<std::size_t>(target)].predictions;
            return relative_errors(predictions, fold.test.labels);
          }};
}

std::vector<Candidate> candidates(const Effort& effort) {
  std::vector<Candidate> rows{
      exact("ridge", "each target alone", linear::Ridge{}, effort),
      exact("lasso", "each target alone", linear::Lasso{}, effort),
      exact("l21", "the same inputs for all targets", linear::L21{}, effort),
      exact("elastic_net", "the same, and a ridge", linear::ElasticNet{}, effort),
      exact("trace_norm", "low rank", linear::TraceNorm{}, effort),
      exact("mtrl", "the targets' covariance learned", linear::Mtrl{}, effort),
      exact("mean_regularised", "each target near the mean of all", linear::MeanRegularized{}, effort),
  };
  const auto networks = scm20d_networks();
  for (const auto& one : networks)
    rows.push_back(
        network(one, "network_" + one.sharing, one.sharing == "separate" ? "a network a target" : "", effort));
  const auto& hard = networks[1];
  rows.push_back(network(hard, "network_hard_uncertainty", "weighting", effort, pt::Uncertainty{}));
  rows.push_back(network(hard, "network_hard_grad_norm", "weighting", effort, pt::GradNorm{}));
  rows.push_back(network(hard, "network_hard_dwa", "weighting", effort, pt::DynamicWeightAverage{}));
  rows.push_back(network(hard, "network_hard_pc_grad", "aggregation", effort, {}, pt::PcGrad{}));
  rows.push_back(network(hard, "network_hard_covariance", "TaskCovariance of the heads", effort, {}, {},
                         {pt::AnyRegularization<float>(pt::TaskCovariance{.strength = 1e-4})}));
  return rows;
}

void run(const Arguments& arguments) {
  const auto text = read_real_data(arguments.data, "scm20d", {"scm20d.csv", "scm20d.csv.xz"});
  if (!text) return;
  const auto samples = read_samples(*text);
  const Effort effort{.seeds = arguments.quick ? 1 : seed_count,
                      .epochs = arguments.quick ? 2 : 20,
                      .choice = {.folds = 3,
                                 .path = {.count = arguments.quick ? 4 : 16,
                                          .solver = {.tolerance = 1e-4, .iterations = arguments.quick ? 300 : 3000}}}};
  const auto rows = candidates(effort);
  std::vector<MethodScores> table;
  for (const auto& row : rows) table.push_back({row.name, row.meaning});
  std::printf("scm20d: relative root mean squared error, average over 16 targets and 2 folds, %td seeds\n\n",
              effort.seeds);
  for (Index run = 1; run <= effort.seeds; ++run) {
    const auto seed = static_cast<std::uint64_t>(run);
    const auto folds = folds_of(samples, seed);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      double score = 0;
      table[row].seconds += seconds(
          [&] {
            for (const auto& fold : folds) score += pt::mean_of(rows[row].errors(fold, seed)) / 2;
          },
          1);
      table[row].scores.push_back(score);
    }
  }
  print_scores(table, 4);
  if (!arguments.json.empty()) write_scores(arguments.json, table);
  if (!arguments.svg.empty())
    draw_scores(arguments.svg, table,
                {.title = "scm20d: prices of 16 products",
                 .subtitle = "Mean and deviation over " + std::to_string(effort.seeds) + " seeds",
                 .x_label = "average relative root mean squared error",
                 .digits = 3});
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  try {
    using benchmark::Arguments;
    benchmark::run(benchmark::arguments(
        count, words, "scm20d: 16 prices by exact linear methods and by networks that share more or less.",
        {{"--data", "DIR", "the directory of scm20d.csv or scm20d.csv.xz", nullptr, &Arguments::data},
         {"--svg", "FILE", "draws the table as a chart", nullptr, &Arguments::svg}}));
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
