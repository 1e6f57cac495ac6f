/// @file
/// The training of a model, whatever its type and policies: epochs, validation, early stopping, observers.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/data/batches.hpp"
#include "polytask/metrics/metric.hpp"
#include "polytask/optimizers/schedule.hpp"
#include "polytask/regularization/relations.hpp"
#include "polytask/training/epoch_sums.hpp"
#include "polytask/training/evaluate.hpp"
#include "polytask/training/fit_options.hpp"
#include "polytask/training/history.hpp"
#include "polytask/training/observer.hpp"
#include "polytask/training/step.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace polytask {

/// The policies of a training, whatever their types.
template <Scalar S>
struct TrainingPolicies {
  AnyOptimizer<S> optimizer;
  AnyWeighting weighting = {};
  AnyAggregation aggregation = {};
  std::vector<AnyRegularization<S>> regularizations = {};
};

/// What a Trainer does once it has its policies. It is written for any model and any policies, so that a program
/// compiles it once.
template <Scalar S>
class Training {
 public:
  using Options = FitOptions<S>;

  /// The model is kept by reference and must live as long as this.
  Training(Model<S>& model, TrainingPolicies<S> policies) : model_(model), rules_(std::move(policies)) {}

  /// Trains the model. Where this is broken off by an exception, after the first step, the model has the parameters of
  /// the best epoch so far if there is one and it is to be kept, else those of the last step.
  /// @return history(), which the next fit() and resume() write over
  /// @throws DataError when a task has no label in the training data, or a classification only one class
  /// @throws TrainingError when a loss is not finite, or a parameter at the end
  const History& fit(const Dataset<S>& train, const Options& options, const std::vector<ObserverView>& observers = {}) {
    check_options(options);
    const auto trained = chosen_tasks(options);
    model_.check(train, true);
    check_labels(train, trained);
    Dataset<S> encoded;
    const Dataset<S>* validation = options.encoded_validation;
    if (options.validation != nullptr) validation = &(encoded = model_.encode(*options.validation));
    if (validation != nullptr) model_.check(*validation, true);
    const auto judged = validation == nullptr ? trained : labelled_tasks(*validation, trained);
    const auto groups = group_codes(options);
    const auto metrics = chosen_metrics(options);
    Workers workers(options.threads);

    FitSettings settings{.rows = train.size(),
                         .batch = options.batch,
                         .epoch_steps = options.epoch_steps,
                         .seed = options.seed,
                         .shuffle = options.shuffle,
                         .validated = validation != nullptr,
                         .keep_best = options.keep_best,
                         .clip_norm = options.clip_norm,
                         .combine_embeddings = options.combine_embeddings,
                         .stop_on = options.stop_on,
                         .only = options.only,
                         .metrics = names_of(metrics),
                         .group = options.group};
    const StepPolicies<S> policies{.optimizer = rules_.optimizer,
                                   .weighting = rules_.weighting.needs(),
                                   .aggregation = rules_.aggregation.needs(),
                                   .clip_norm = options.clip_norm,
                                   .combine_embeddings = options.combine_embeddings,
                                   .record_gradients = options.record_gradients};
    Step<S>::check(model_, policies);
    if (resumed_) {
      const std::string other = difference(run_.settings, settings);
      require(other.empty(), "training cannot go on from the checkpoint with other settings: ", other);
    } else {
      run_ = begun(metrics);
    }
    run_.settings = std::move(settings);
    options_ = options;
    run_.history.stopped_early = false;
    Rows rows{train, batches_of(train, trained, options)};
    Step<S> step(model_, *run_.weighting, *run_.aggregation, policies, run_.memory, workers,
                 (std::min)(options.batch, rows.batches.rows()), trained, run_.regularizations);
    resumed_ = false;  // nothing is refused from here on
    for (const auto& observer : observers) observer.training_started(run_.history);

    Index without_better = run_.history.best_epoch > 0 ? epochs_done() - run_.history.best_epoch : 0;
    bool stop = options.patience > 0 && validation != nullptr && without_better >= options.patience;
    try {
      for (Index epoch = epochs_done() + 1; epoch <= options.epochs && !stop; ++epoch) {
        for (const auto& observer : observers) observer.epoch_started(epoch);
        EpochReport report = take_steps(step, rows, epoch, observers);
        if (validation != nullptr) {
          judge(report, evaluate(model_, *validation, metrics, groups, trained), judged, metrics, options);
          without_better = report.best ? 0 : without_better + 1;
          stop = options.patience > 0 && without_better >= options.patience;
        }
        run_.history.seconds += report.seconds;
        run_.history.steps = run_.memory.step;
        run_.history.epochs.push_back(std::move(report));
        for (const auto& observer : observers) stop = observer.epoch_ended(run_.history.epochs.back()) || stop;
        if (stop && epoch < options.epochs) run_.history.stopped_early = true;
      }
    } catch (...) {
      if (options.keep_best) end_with_best(true);
      throw;
    }
    if (options.keep_best) end_with_best(run_.history.best_epoch < epochs_done());
    check_parameters();
    for (const auto& observer : observers) observer.training_ended(run_.history);
    return run_.history;
  }

  const Model<S>& model() const { return model_; }
  const TrainingPolicies<S>& rules() const { return rules_; }
  const History& history() const { return run_.history; }

  /// The options of the last fit. Its validation data are still the caller's: they are referred to, not kept.
  const Options& options() const { return options_; }

  /// The weights that the tasks' losses have now.
  /// @throws ArgumentError when no training has begun
  Span<const double> weights() const {
    require(run_.weighting.has_value(), "there are no weights before the first fit()");
    return run_.weighting->weights();
  }

  /// The relations between the tasks as a regularization (TaskCovariance) has learnt them in the last fit(), with the
  /// tasks' names. They belong to the last steps: task_relations() gives those of the model as it stands.
  /// @param which of the regularizations that learn relations, in their order
  /// @throws ArgumentError when there are not so many, or no training has begun
  TaskRelations relations(std::size_t which = 0) const {
    std::size_t count = 0;
    for (const auto& regularization : run_.regularizations)
      if (const auto* found = regularization.relations(); found != nullptr && count++ == which)
        return {run_.history.tasks, *found};
    fail<ArgumentError>({"relations ", which, " were asked for (from 0 on), but ", count,
                         " regularizations of the training run learn any, as TaskCovariance does"});
  }

  /// The parameters of the best epoch so far, kept while training goes on.
  struct Best {
    Buffer<S> parameters;
    Buffer<S> statistics;
    std::vector<Buffer<S>> tables;
  };

  /// Everything a training run remembers beside the model.
  struct Run {
    History history;
    OptimizerMemory<S> memory;
    std::optional<AnyWeightingState> weighting;         ///< empty before the first fit()
    std::optional<AnyAggregationState<S>> aggregation;  ///< empty before the first fit()
    std::vector<AnyRegularizationState<S>> regularizations;
    std::optional<Best> best;
    FitSettings settings;
    bool ended_with_best = false;  ///< the model holds the parameters of the best epoch, not of the last
  };

  /// The run of the last fit(), or of the one that goes on, for checkpoints.
  const Run& run() const { return run_; }

  /// A run that has not begun, its memory zero, to be filled from a checkpoint.
  Run fresh_run(bool has_best) const {
    Run run = begun(default_metrics(model_));
    allocate(run.memory, model_, rules_.optimizer.memory_per_parameter);
    if (has_best) keep(run.best.emplace());
    return run;
  }

  /// Takes up a run; the next fit() goes on from there.
  void resume(Run run) {
    run_ = std::move(run);
    resumed_ = true;
  }

 private:
  void check_options(const Options& options) const {
    require(options.epochs >= 1, "epochs must be at least 1, not ", options.epochs);
    require(options.batch >= 1, "batch must be at least 1, not ", options.batch);
    require(options.epoch_steps >= 0, "epoch_steps must be at least 0, not ", options.epoch_steps);
    require(options.patience >= 0, "patience must be at least 0, not ", options.patience);
    require(options.clip_norm >= 0, "clip_norm must be at least 0, not ", options.clip_norm);
    require(options.validation == nullptr || options.encoded_validation == nullptr,
            "validation and encoded_validation are both given");
    require(options.patience == 0 || options.validation != nullptr || options.encoded_validation != nullptr,
            "patience needs validation data");
    require(options.group.empty() || options.validation != nullptr, "group '", options.group,
            "' needs a table of validation data");
    if (options.stop_on == "mean") return;
    model_.place_of(options.stop_on, "stop_on");
    require(options.only.empty() ||
                std::find(options.only.begin(), options.only.end(), options.stop_on) != options.only.end(),
            "stop_on names '", options.stop_on, "', which is not among the tasks of only");
  }

  std::vector<std::uint8_t> chosen_tasks(const Options& options) const {
    std::vector<std::uint8_t> chosen(model_.size(), options.only.empty() ? 1 : 0);
    for (const auto& task : options.only) chosen[model_.place_of(task, "only")] = 1;
    return chosen;
  }

  std::vector<Metric> chosen_metrics(const Options& options) const {
    auto metrics = default_metrics(model_);
    for (const auto& [task, metric] : options.metrics) metrics[model_.place_of(task, "metrics")] = metric;
    return metrics;
  }

  static std::vector<std::string> names_of(const std::vector<Metric>& metrics) {
    std::vector<std::string> names;
    for (const auto& metric : metrics) names.push_back(std::string(metric.name));
    return names;
  }

  static std::vector<std::int32_t> group_codes(const Options& options) {
    return options.group.empty() ? options.encoded_groups : options.validation->categories(options.group).codes;
  }

  void check_labels(const Dataset<S>& train, const std::vector<std::uint8_t>& trained) const {
    require<DataError>(train.size() > 0, "there are no rows to train on");
    for (std::size_t place = 0; place < model_.size(); ++place)
      if (trained[place]) check_learnable(train, model_.shapes()[place], model_.label_offsets()[place]);
  }

  /// The state of a run that begins.
  Run begun(const std::vector<Metric>& metrics) const {
    std::vector<LossKind> kinds(model_.size());
    for (std::size_t place = 0; place < kinds.size(); ++place) kinds[place] = model_.shapes()[place].kind;
    Run run;
    run.weighting.emplace(rules_.weighting.begin(WeightedTasks{model_.names(), kinds}));
    run.aggregation.emplace(
        rules_.aggregation.template begin<S>(AggregatedTasks{model_.names(), model_.sharing_size()}));
    for (const auto& regularization : rules_.regularizations)
      run.regularizations.push_back(regularization.begin(regularized(model_)));
    run.history.tasks.assign(model_.names().begin(), model_.names().end());
    run.history.metrics = names_of(metrics);
    return run;
  }

  /// What the steps of a training run go through.
  struct Rows {
    const Dataset<S>& data;
    Batches batches;
    Index pass = 0;  ///< how many times the rows have been gone through, the pass at hand included
  };

  /// The steps of an epoch, by the options of this fit().
  EpochReport take_steps(Step<S>& step, Rows& rows, Index epoch, const std::vector<ObserverView>& observers) {
    const auto begin = std::chrono::steady_clock::now();
    auto& [data, batches, pass] = rows;
    const Random random(options_.seed);
    const Index epoch_steps = options_.epoch_steps > 0 ? options_.epoch_steps : batches.count();
    EpochReport report;
    report.epoch = epoch;
    EpochSums sums(model_.size());
    for (Index count = 0; count < epoch_steps; ++count) {
      const Index number = run_.memory.step + 1;
      if (const Index now = run_.memory.step / batches.count() + 1; now != pass) {
        pass = now;
        Random order = random.stream(1).stream(static_cast<std::uint64_t>(pass));
        if (options_.shuffle) batches.shuffle(order);
      }
      const double rate = rules_.optimizer.rate * options_.schedule(number, options_.epochs * epoch_steps);
      require(std::isfinite(rate) && rate >= 0, "the learning rate of step ", number, " is ", rate,
              ": the optimizer's, ", rules_.optimizer.rate, ", times what the schedule says");
      const auto& taken = step(data, batches[run_.memory.step % batches.count()], epoch,
                               random.stream(2).stream(static_cast<std::uint64_t>(number)), rate);
      sums.add(taken);
      report.rate = rate;
      for (const auto& observer : observers) observer.step_taken(taken);
    }
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    sums.mean(report);
    report.penalty = step.penalty();
    return report;
  }

  /// Rows that have a label of a trained task.
  Batches batches_of(const Dataset<S>& train, const std::vector<std::uint8_t>& trained, const Options& options) const {
    if (options.only.empty()) return Batches(train.size(), options.batch);
    std::vector<Index> rows;
    for (Index sample = 0; sample < train.size(); ++sample) {
      bool labelled = false;
      for (std::size_t place = 0; place < model_.size(); ++place)
        labelled = labelled || (trained[place] && model_.has_label(train, sample, place));
      if (labelled) rows.push_back(sample);
    }
    return Batches(std::move(rows), options.batch);
  }

  /// Those of the tasks that have a label in a data set.
  std::vector<std::uint8_t> labelled_tasks(const Dataset<S>& data, std::vector<std::uint8_t> tasks) const {
    for (std::size_t place = 0; place < tasks.size(); ++place) {
      bool labelled = false;
      for (Index sample = 0; sample < data.size() && !labelled; ++sample)
        labelled = model_.has_label(data, sample, place);
      if (!labelled) tasks[place] = 0;
    }
    return tasks;
  }

  /// What a task's validation losses are compared with: the first that is finite.
  double first_loss(std::size_t place, double last) const {
    for (const auto& epoch : run_.history.epochs)
      if (std::isfinite(epoch.validation_losses[place])) return epoch.validation_losses[place];
    return last;
  }

  /// Fills in what validation found, and keeps the parameters if they are the best.
  /// @param judged the tasks whose losses count: a loss that is not finite makes this epoch worse than any other
  void judge(EpochReport& report, const std::vector<TaskScore>& scores, const std::vector<std::uint8_t>& judged,
             const std::vector<Metric>& metrics, const Options& options) {
    for (const auto& score : scores) {
      report.validation_losses.push_back(score.loss);
      report.metrics.push_back(score.value);
    }
    if (options.stop_on == "mean") {
      double sum = 0;
      int count = 0;
      for (std::size_t place = 0; place < model_.size(); ++place) {
        if (!judged[place]) continue;
        const double loss = scores[place].loss;
        const double first = first_loss(place, loss);
        // a loss may be negative (a log density), or start near 0, which must not make it the only one that counts
        sum += std::isfinite(loss) ? (loss - first) / (std::max)(std::abs(first), 0.1)
                                   : std::numeric_limits<double>::infinity();
        ++count;
      }
      require<DataError>(count > 0, "the validation data have no label of a trained task");
      report.score = -sum / count;
    } else {
      const std::size_t place = model_.place_of(options.stop_on, "stop_on");
      require<DataError>(std::isfinite(scores[place].value), "stop_on: the ", metrics[place].name, " of task '",
                         options.stop_on, "' is not defined on the validation data");
      report.score = metrics[place].higher_is_better ? scores[place].value : -scores[place].value;
    }
    report.best = run_.history.best_epoch == 0 ||
                  report.score > run_.history.epochs[static_cast<std::size_t>(run_.history.best_epoch - 1)].score;
    if (!report.best) return;
    run_.history.best_epoch = report.epoch;
    if (!options.keep_best) return;
    if (!run_.best) run_.best.emplace();
    keep(*run_.best);
  }

  /// Gives the model the parameters of the best epoch, if any is kept.
  /// @param left the parameters that the training run would go on from are others
  void end_with_best(bool left) {
    if (!run_.best) return;
    model_.parameters.values = run_.best->parameters;
    model_.statistics.values = run_.best->statistics;
    for (std::size_t table = 0; table < model_.embeddings.size(); ++table)
      model_.embeddings[table].values = run_.best->tables[table];
    run_.ended_with_best = left;
  }

  /// The last step is followed by no loss that would tell.
  void check_parameters() const {
    const auto check = [](const Buffer<S>& numbers) {
      require<TrainingError>(
          std::all_of(numbers.begin(), numbers.end(), [](S number) { return std::isfinite(number); }),
          "training ends with parameters that are not finite; a smaller rate or clip_norm may help");
    };
    check(model_.parameters.values);
    for (const auto& table : model_.embeddings) check(table.values);
  }

  void keep(Best& best) const {
    best.parameters = model_.parameters.values;
    best.statistics = model_.statistics.values;
    best.tables.resize(model_.embeddings.size());
    for (std::size_t table = 0; table < model_.embeddings.size(); ++table)
      best.tables[table] = model_.embeddings[table].values;
  }

  Index epochs_done() const { return static_cast<Index>(run_.history.epochs.size()); }

  Model<S>& model_;
  TrainingPolicies<S> rules_;
  Options options_;
  bool resumed_ = false;
  Run run_;  ///< at one place, since fit() and observers are given references to what it holds
};

}  // namespace polytask
