/// @file
/// Is learning the tasks together worth it? One call trains each task alone, too, and sets the results side by side.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/data/split.hpp"
#include "polytask/metrics/delta_m.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/training/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace polytask {

/// Mean of some numbers.
inline double mean_of(Span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

/// Standard deviation of a sample (divided by n - 1); 0 of one number.
inline double deviation_of(Span<const double> values) {
  if (values.size() < 2) return 0;
  const double mean = mean_of(values);
  double sum = 0;
  for (const double value : values) sum += (value - mean) * (value - mean);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

/// One way of learning the tasks: what it reaches on the test data and what it costs. Vectors have one number a seed.
struct ComparisonSide {
  std::string sharing;
  std::string weighting;
  std::string aggregation;
  Index parameters = 0;
  std::vector<std::string> tasks;
  std::vector<Metric> metrics;              ///< one a task
  std::vector<std::vector<double>> scores;  ///< of each task: its metric on the test data
  std::vector<double> training_seconds;
  std::vector<double> step_seconds;        ///< a training step
  std::vector<double> prediction_seconds;  ///< all tasks, all rows of the test data
};

/// One task of a comparison; vectors have one number a seed.
struct ComparisonRow {
  std::string task;
  Metric metric;
  std::vector<double> multi;   ///< the metric on the test data, all tasks learnt together
  std::vector<double> single;  ///< the same, the task learnt alone
  std::vector<double> gains;   ///< relative gain in per cent, positive is better: see metrics/delta_m.hpp
};

struct Comparison {
  std::vector<ComparisonRow> rows;
  ComparisonSide multi;
  ComparisonSide single;
  std::vector<double> gains;  ///< the mean gain over the tasks (delta m), one a seed
};

struct ComparisonOptions {
  Index seeds = 1;  ///< runs, each with its own start, shuffles and split
  std::uint64_t first_seed = 1;
  double validation_fraction = 0.15;  ///< of the training rows, split off anew for each seed
  std::string validation_group = {};  ///< a column whose values are not divided by that split: whole customers
  const Table* validation = nullptr;  ///< validation data of your own, instead
  Index threads = 1;                  ///< seeds that are run at the same time
};

/// A model that was trained for a comparison.
template <Scalar S>
struct TrainedModel {
  std::unique_ptr<Model<S>> model;
  double seconds;
  Index steps;
};

/// Trains a model of a start of its own: (options, data) -> the model.
template <Scalar S>
using TrainOne = std::function<TrainedModel<S>(const FitOptions<S>&, const Dataset<S>&)>;

/// Is told the model of each run, numbered from 0, when it has been trained. With several threads it is told from each.
template <Scalar S>
using TellTrained = std::function<void(Index run, const Model<S>& model)>;

/// Trains with several seeds, the best epoch chosen on validation data, and scores on the test data.
/// @param fit   how to train; its validation data are replaced
/// @param tell  called with the model of each seed
template <Scalar S>
ComparisonSide train_seeds(const Model<S>& original, const Table& train, const Table& test, FitOptions<S> fit,
                           const ComparisonOptions& options, const TrainOne<S>& train_one,
                           const TellTrained<S>& tell = {}) {
  require(options.seeds >= 1, "a comparison needs at least one seed, not ", options.seeds);
  const std::string group = fit.group;  // groups, for metrics within them, come from the tables
  const auto groups_of = [&](const Table& table) {
    return group.empty() ? std::vector<std::int32_t>{} : table.categories(group).codes;
  };
  fit.validation = nullptr;
  fit.group.clear();
  fit.only.clear();
  const auto count = static_cast<std::size_t>(options.seeds);
  ComparisonSide side;
  side.sharing = original.sharing_name();
  side.parameters = original.parameter_count();
  side.tasks.assign(original.names().begin(), original.names().end());
  side.metrics = default_metrics(original);
  for (std::size_t task = 0; task < original.size(); ++task)
    if (const auto* found = fit.metrics.find(side.tasks[task]); found != nullptr) side.metrics[task] = *found;
  side.scores = std::vector<std::vector<double>>(original.size(), std::vector<double>(count));
  side.training_seconds.resize(count);
  side.step_seconds.resize(count);
  side.prediction_seconds.resize(count);

  const Dataset<S> training_data = original.encode(train);
  const Dataset<S> test_data = original.encode(test);
  const Dataset<S> given_validation =
      options.validation == nullptr ? Dataset<S>{} : original.encode(*options.validation);
  const auto training_groups = groups_of(train);
  const auto test_groups = groups_of(test);

  Workers workers((std::min)(options.threads, options.seeds));
  workers.run([&](Index worker) {
    for (auto run = static_cast<std::size_t>(worker); run < count; run += static_cast<std::size_t>(workers.count())) {
      FitOptions<S> own = fit;
      own.seed = options.first_seed + run;
      if (workers.count() > 1) own.threads = 1;
      Dataset<S> own_learning;
      Dataset<S> own_validation;
      if (options.validation == nullptr) {
        const auto rows = split_rows(
            train, {.test_fraction = options.validation_fraction, .seed = own.seed, .group = options.validation_group});
        own_learning = training_data.samples(rows.first);
        own_validation = training_data.samples(rows.second);
        own.encoded_groups.clear();
        for (const Index row : rows.second)
          if (!training_groups.empty()) own.encoded_groups.push_back(training_groups[static_cast<std::size_t>(row)]);
      } else {
        own.encoded_groups = groups_of(*options.validation);
      }
      own.encoded_validation = options.validation == nullptr ? &own_validation : &given_validation;
      const auto trained = train_one(own, options.validation == nullptr ? own_learning : training_data);
      side.training_seconds[run] = trained.seconds;
      side.step_seconds[run] = trained.seconds / static_cast<double>(trained.steps);

      const auto begin = std::chrono::steady_clock::now();
      const auto found = evaluations(*trained.model, test_data, {}, nullptr, test_groups);
      side.prediction_seconds[run] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      for (std::size_t task = 0; task < original.size(); ++task)
        side.scores[task][run] = side.metrics[task].evaluate(found[task]);
      if (tell) tell(static_cast<Index>(run), *trained.model);
    }
  });
  return side;
}

/// Trains a model anew by the given policies, once a seed. The model is left as it is.
///
/// @param train the validation data are split off from these rows, unless options.validation says otherwise
/// @param test  not looked at before the end
/// @param fit   epochs, batch and so on; its validation data are replaced
template <Scalar S>
ComparisonSide train_together(const Model<S>& model, const TrainingPolicies<S>& policies, const Table& train,
                              const Table& test, const FitOptions<S>& fit, const ComparisonOptions& options = {},
                              const TellTrained<S>& tell = {}) {
  auto side = train_seeds<S>(
      model, train, test, fit, options,
      [&](const auto& own, const auto& data) {
        auto trained = model.clone();
        trained->initialize(own.seed);
        Training<S> training(*trained, policies);
        const History& history = training.fit(data, own);
        return TrainedModel<S>{std::move(trained), history.seconds, history.steps};
      },
      tell);
  side.weighting = policies.weighting.name;
  side.aggregation = policies.aggregation.name;
  return side;
}

/// The same with each task alone, on the rows that have its label, with the same optimizer and budget, epochs of as
/// many steps, and the same regularisations but for those that tie tasks together.
/// @param separate a model whose tasks share nothing
template <Scalar S>
ComparisonSide train_alone(const Model<S>& separate, const TrainingPolicies<S>& policies, const Table& train,
                           const Table& test, const FitOptions<S>& fit, const ComparisonOptions& options = {},
                           const TellTrained<S>& tell = {}) {
  TrainingPolicies<S> own_policies{policies.optimizer};
  for (const auto& one : policies.regularizations)
    if (!one.relates) own_policies.regularizations.push_back(one);
  auto side = train_seeds<S>(
      separate, train, test, fit, options,
      [&](const auto& own, const auto& data) {
        TrainedModel<S> trained{separate.clone(), 0, 0};
        trained.model->initialize(own.seed);
        for (const auto task : separate.names()) {
          auto one = own;
          // as many steps as all tasks together have, however few rows have this label
          if (one.epoch_steps == 0) one.epoch_steps = (data.size() + own.batch - 1) / own.batch;
          one.only = {std::string(task)};
          if (one.stop_on != "mean") one.stop_on = one.only.front();
          Training<S> training(*trained.model, own_policies);
          const History& history = training.fit(data, one);
          trained.seconds += history.seconds;
          trained.steps += history.steps;
        }
        return trained;
      },
      tell);
  side.weighting = own_policies.weighting.name;
  side.aggregation = own_policies.aggregation.name;
  return side;
}

/// Trains the trainer's model anew with its policies, once a seed.
template <class ModelType, class... Policies>
ComparisonSide train_together(const Trainer<ModelType, Policies...>& trainer, const Table& train, const Table& test,
                              const FitOptions<typename ModelType::scalar>& fit,
                              const ComparisonOptions& options = {}) {
  return train_together<typename ModelType::scalar>(trainer.model(), trainer.rules(), train, test, fit, options);
}

/// Trains each task of the trainer's model alone, in a network of the same widths.
template <class ModelType, class... Policies>
ComparisonSide train_alone(const Trainer<ModelType, Policies...>& trainer, const Table& train, const Table& test,
                           const FitOptions<typename ModelType::scalar>& fit, const ComparisonOptions& options = {}) {
  using S = typename ModelType::scalar;
  const auto& model = trainer.model();
  return std::apply(
      [&]<class... Tasks>(const Tasks&... task) {
        const MultiTaskModel<S, decltype(model.sharing().baseline()), NoLink, Tasks...> separate(
            model.shared_features(), model.sharing().baseline(), NoLink{}, task...);
        return train_alone<S>(separate, trainer.rules(), train, test, fit, options);
      },
      model.tasks());
}

/// Sets two ways of learning the same tasks side by side, seed by seed.
/// @throws ArgumentError when tasks or seeds are not the same
inline Comparison compare(ComparisonSide multi, ComparisonSide single) {
  require(multi.tasks == single.tasks && multi.training_seconds.size() == single.training_seconds.size(),
          "only runs of the same tasks and seeds can be compared");
  Comparison result;
  const std::size_t count = multi.training_seconds.size();
  for (std::size_t task = 0; task < multi.tasks.size(); ++task) {
    ComparisonRow row{multi.tasks[task], multi.metrics[task], multi.scores[task], single.scores[task], {}};
    for (std::size_t run = 0; run < count; ++run)
      row.gains.push_back(relative_gain(row.metric, row.multi[run], row.single[run]));
    result.rows.push_back(std::move(row));
  }
  for (std::size_t run = 0; run < count; ++run) {
    std::vector<double> gains;
    for (const auto& row : result.rows) gains.push_back(row.gains[run]);
    result.gains.push_back(delta_m(gains));
  }
  result.multi = std::move(multi);
  result.single = std::move(single);
  return result;
}

/// Trains the trainer's model anew with its policies and the options of its last fit, the defaults before any, and each
/// task alone: see train_together() and train_alone(). On both sides the best epoch is chosen on validation data, and
/// the metrics are those of the test data. Validation data that the last fit was given must still be there.
template <class ModelType, class... Policies>
Comparison compare_with_single_task(const Trainer<ModelType, Policies...>& trainer, const Table& train,
                                    const Table& test, const ComparisonOptions& options = {}) {
  return compare(train_together(trainer, train, test, trainer.options(), options),
                 train_alone(trainer, train, test, trainer.options(), options));
}

}  // namespace polytask
