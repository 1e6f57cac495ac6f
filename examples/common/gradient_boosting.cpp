#include "gradient_boosting.hpp"

#include "polytask/core/errors.hpp"

#ifndef POLYTASK_WITH_XGBOOST

namespace polytask::examples {

ComparisonSide train_boosted(const Model<float>&, const Table&, const Table&, const FitOptions<float>&,
                             const ComparisonOptions&, const TellBoosted&) {
  throw ArgumentError(
      "--with-xgboost: the examples were built without XGBoost. Install it (Debian and Ubuntu: apt-get install "
      "libxgboost-dev) and build them anew; examples/run does both.");
}

}  // namespace polytask::examples

#else

#include "boosted_trees.hpp"

#include "polytask/data/split.hpp"
#include "polytask/training/evaluate.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <string>

namespace polytask::examples {

namespace {

/// The trees of all tasks, and how a table is encoded for them.
struct Forest {
  std::unique_ptr<Model<float> > tasks;
  std::map<std::string, BoostedTrees, std::less<> > trees;

  Matrix<float> predict(std::string_view task, const Dataset<float>& data) const {
    return trees.at(std::string(task)).predict(TreeRows(*tasks, data));
  }
};

}  // namespace

ComparisonSide train_boosted(const Model<float>& tasks, const Table& train, const Table& test,
                             const FitOptions<float>& fit, const ComparisonOptions& options, const TellBoosted& tell) {
  const auto count = static_cast<std::size_t>(options.seeds);
  ComparisonSide side;
  side.sharing = "xgboost";
  side.weighting = side.aggregation = "none";
  side.tasks.assign(tasks.names().begin(), tasks.names().end());
  side.metrics = default_metrics(tasks);
  for (std::size_t task = 0; task < tasks.size(); ++task)
    if (const auto* found = fit.metrics.find(side.tasks[task]); found != nullptr) side.metrics[task] = *found;
  side.scores.assign(tasks.size(), std::vector<double>(count));

  const Dataset<float> training_data = tasks.encode(train);
  const Dataset<float> test_data = tasks.encode(test);
  const auto groups = fit.group.empty() ? std::vector<std::int32_t>{} : test.categories(fit.group).codes;
  for (std::size_t run = 0; run < count; ++run) {
    const std::uint64_t seed = options.first_seed + run;
    const auto rows = split_rows(
        train, {.test_fraction = options.validation_fraction, .seed = seed, .group = options.validation_group});
    const bool own_validation = options.validation != nullptr;
    const Dataset<float> learnt = own_validation ? training_data : training_data.samples(rows.first);
    const Dataset<float> judged =
        own_validation ? tasks.encode(*options.validation) : training_data.samples(rows.second);
    const auto begin = std::chrono::steady_clock::now();
    auto forest = std::make_shared<Forest>();
    forest->tasks = tasks.clone();
    Index rounds = 0;
    Index nodes = 0;
    for (std::size_t task = 0; task < tasks.size(); ++task) {
      auto& trees = forest->trees.try_emplace(side.tasks[task]).first->second;
      trees.fit(TreeRows(tasks, learnt, task), TreeRows(tasks, judged, task), tasks.shapes()[task], seed,
                options.threads);
      rounds += trees.rounds();
      nodes += trees.nodes();
    }
    const auto trained = std::chrono::steady_clock::now();
    side.training_seconds.push_back(std::chrono::duration<double>(trained - begin).count());
    side.step_seconds.push_back(side.training_seconds.back() / static_cast<double>(rounds));
    side.parameters = nodes;
    auto found = evaluations(tasks, test_data, {}, nullptr, groups);  // for labels and weights
    for (std::size_t task = 0; task < tasks.size(); ++task)
      found[task].predictions = forest->predict(side.tasks[task], test_data).cast<double>();
    side.prediction_seconds.push_back(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - trained).count());
    for (std::size_t task = 0; task < tasks.size(); ++task)
      side.scores[task][run] = side.metrics[task].evaluate(found[task]);
    if (tell)
      tell(static_cast<Index>(run), [forest](std::string_view task, const Table& table) {
        return forest->predict(task, forest->tasks->encode_inputs(table));
      });
  }
  return side;
}

}  // namespace polytask::examples

#endif
