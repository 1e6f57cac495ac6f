/// @file
/// The School data (Inner London Education Authority, 15,362 pupils of 139 schools): the exam score of a pupil, one
/// linear regression a school. Ten random divisions of every school's pupils, 75 to 25; the measure is the variance
/// explained over all pupils of the test part together, in per cent (Argyriou et al. 2008). Inputs are scaled, and
/// strengths and settings are chosen by folds, on the training part alone.
#include "real_data.hpp"
#include "results.hpp"
#include "scores.hpp"

#include "polytask/data/csv.hpp"
#include "polytask/data/tasks_by.hpp"
#include "polytask/linear/cross_validation.hpp"
#include "polytask/linear/linear_model.hpp"
#include "polytask/metrics/explained_variance.hpp"
#include "polytask/training/evaluate.hpp"

#include <cstdint>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace benchmark {
namespace {

namespace linear = pt::linear;
using pt::Index;

/// x28 of the file is 1 everywhere: an intercept, which the models have by themselves.
constexpr Index input_count = 27;
constexpr Index split_count = 10;

/// A row of the table: methods of which one is chosen, with its strength.
struct Candidate {
  std::string name;
  std::string meaning;
  std::vector<linear::Method> methods;
  bool one_task = false;  ///< whether all schools are one task
};

/// One method with several values of a setting.
template <class Method, class Value>
std::vector<linear::Method> with(Value Method::*setting, const std::vector<Value>& values) {
  std::vector<linear::Method> methods;
  for (const Value value : values) {
    Method method;
    method.*setting = value;
    methods.emplace_back(method);
  }
  return methods;
}

std::vector<Candidate> candidates() {
  using namespace linear;
  return {
      {"ridge", "each school alone", {Ridge{}}},
      {"lasso", "each school alone", {Lasso{}}},
      {"pooled", "all schools as one", {Ridge{}}, true},
      {"pooled_own_intercepts", "all schools as one, but for the intercepts", {Pooled{}}},
      {"l21", "the same inputs for all schools", {L21{}}},
      {"elastic_net", "the same, and a ridge", with(&ElasticNet::ratio, {0.1, 0.5})},
      {"dirty", "inputs of all schools, and inputs of one", with(&Dirty::own, {0.05, 0.2})},
      {"trace_norm", "low rank", {TraceNorm{}}},
      {"robust", "low rank, but for schools apart", with(&Robust::own, {0.5, 0.75})},
      {"clustered", "groups of schools", with(&Clustered::clusters, {1, 3, 10})},
      {"go_mtl", "combinations of a few latent schools", with(&GoMtl::latent, {1, 2, 4})},
      {"mtrl", "the schools' covariance learned", {Mtrl{}}},
      {"mean_regularised", "each school near the mean of all", {MeanRegularized{}}},
  };
}

/// Chooses and fits a row's model on training data.
linear::ChosenStrength choose(const Candidate& row, const pt::LinearModel& model, const pt::Dataset<double>& train,
                              const linear::CrossValidation& options) {
  if (!row.one_task) return choose_strength(model.problem(train, linear::Balance::samples), row.methods, options);
  linear::Problem problem;
  problem.add(train.numbers, train.labels.colwise().sum());  // a pupil's labels of all other schools are 0
  auto chosen = choose_strength(problem, row.methods, options);
  const auto tasks = static_cast<Index>(model.size());
  chosen.solution.coefficients = chosen.solution.coefficients.col(0).replicate(1, tasks).eval();
  chosen.solution.intercepts = pt::Vector<double>::Constant(tasks, chosen.solution.intercepts[0]);
  return chosen;
}

void run(const Arguments& arguments) {
  const auto text = read_real_data(arguments.data, "school_ilea", {"school.csv", "school.csv.xz"});
  if (!text) return;
  pt::CsvColumns columns{.labels = {"exam_score"}, .keys = {"school"}};
  for (Index input = 1; input <= input_count; ++input) columns.numbers.push_back("x" + std::to_string(input));
  const auto pupils = pt::parse_csv(*text, "school.csv", columns);
  const auto schools = pt::tasks_by(pupils, "exam_score", "school");

  const bool quick = arguments.quick;
  const Index splits = quick ? 1 : split_count;
  const linear::CrossValidation options{
      .folds = quick ? 2 : 5,
      .path = {.count = quick ? 6 : 16, .solver = {.tolerance = 1e-5, .iterations = quick ? 300 : 3000}}};
  std::printf("School: variance explained on the test part in per cent, %td divisions, strengths by %td folds\n\n",
              splits, options.folds);
  const auto rows = candidates();
  std::vector<MethodScores> table;
  for (const auto& row : rows) table.push_back({row.name, row.meaning});
  std::vector<Index> stopped(rows.size());
  for (Index split = 1; split <= splits; ++split) {
    const auto seed = static_cast<std::uint64_t>(split);
    const auto places = pt::split_rows(pupils, {.test_fraction = 0.25, .seed = seed, .stratify = "school"});
    const auto train_table = schools.rows(places.first);
    pt::LinearModel model(pt::features(train_table), pt::linear_tasks(train_table));
    const auto train = model.encode(train_table);
    const auto test = model.encode(schools.rows(places.second));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      linear::ChosenStrength chosen;
      table[row].seconds += seconds([&] { chosen = choose(rows[row], model, train, options); }, 1);
      stopped[row] += !chosen.solution.converged;
      model.take(chosen.solution);
      table[row].scores.push_back(100 * pt::explained_variance(pt::evaluations<double>(model, test)));
    }
  }
  print_scores(table, 2);
  for (std::size_t row = 0; row < rows.size(); ++row)
    if (stopped[row] > 0)
      std::printf("\n%s: %td of %td solutions were stopped after %td iterations\n", rows[row].name.c_str(),
                  stopped[row], splits, options.path.solver.iterations);
  if (!arguments.json.empty()) write_scores(arguments.json, table);
  if (!arguments.svg.empty())
    draw_scores(arguments.svg, table,
                {.title = "School: 139 regressions",
                 .subtitle = "Mean and deviation over " + std::to_string(splits) + " divisions",
                 .x_label = "variance explained in per cent"});
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  try {
    using benchmark::Arguments;
    benchmark::run(benchmark::arguments(
        count, words, "The School data: 139 regressions, alone, as one, and together by every linear method.",
        {{"--data", "DIR", "the directory of school.csv or school.csv.xz", nullptr, &Arguments::data},
         {"--svg", "FILE", "draws the table as a chart", nullptr, &Arguments::svg}}));
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
