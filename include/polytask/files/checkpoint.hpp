/// @file
/// Checkpoints: a model in the middle of its training, and all that the training remembers.
#pragma once

#include "polytask/files/model.hpp"
#include "polytask/training/trainer.hpp"

#include <filesystem>
#include <string>
#include <type_traits>
#include <utility>

namespace polytask {

namespace files {

/// Long runs of numbers that rules remember, as tensors.
template <class Tensors>
class RunsInFile final : public LongRuns {
 public:
  explicit RunsInFile(Tensors& tensors) : tensors_(tensors) {}

  void write(const std::string& name, const Buffer<float>& values) override { add(name, values); }
  void write(const std::string& name, const Buffer<double>& values) override { add(name, values); }
  void read(const std::string& name, Buffer<float>& values) const override { take(name, values); }
  void read(const std::string& name, Buffer<double>& values) const override { take(name, values); }

 private:
  template <class S>
  void add([[maybe_unused]] const std::string& name, [[maybe_unused]] const Buffer<S>& values) {
    if constexpr (!std::is_const_v<Tensors>)
      tensors_.add("rules/" + name, {static_cast<Index>(values.size())}, values.data());
  }
  template <class S>
  void take([[maybe_unused]] const std::string& name, [[maybe_unused]] Buffer<S>& values) const {
    if constexpr (std::is_const_v<Tensors>)
      tensors_.read("rules/" + name, {static_cast<Index>(values.size())}, values.data());
  }

  Tensors& tensors_;
};

/// Calls function(name, buffer) for every buffer that a training run remembers beside the model.
template <class Model, class Run, class Function>
void each_run_buffer(const Model& model, Run& run, Function&& function) {
  const auto memory = [&](auto& runs, const std::string& name) {
    for (std::size_t which = 0; which < runs.size(); ++which)
      if (!runs[which].empty()) function("optimizer/" + std::to_string(which) + "/" + name, runs[which]);
  };
  memory(run.memory.parameters, "parameters");
  for (std::size_t table = 0; table < run.memory.tables.size(); ++table)
    memory(run.memory.tables[table], model.embeddings[table].name);
  if (!run.best) return;
  function("best/parameters", run.best->parameters);
  function("best/statistics", run.best->statistics);
  for (std::size_t table = 0; table < run.best->tables.size(); ++table)
    function("best/" + model.embeddings[table].name, run.best->tables[table]);
}

/// Visits what regularizations remember, under their numbers.
template <class States>
void each_regularization(States& states, MemberVisitor& visit) {
  for (std::size_t which = 0; which < states.size(); ++which)
    visit("regularization " + std::to_string(which), states[which]);
}

/// What must be the same for training to go on: the policies with their settings.
template <class Trainer>
Json policies_to_json(const Trainer& trainer) {
  Json regularizations = Json::array();
  std::apply([&](const auto&... regularization) { (regularizations.push_back(to_json(regularization)), ...); },
             trainer.regularizations());
  return {{"optimizer", to_json(trainer.optimizer())},
          {"weighting", std::string(trainer.weighting().name)},
          {"aggregation", std::string(trainer.aggregation().name)},
          {"regularizations", std::move(regularizations)}};
}

/// A file may say anything: what training relies on is checked before it is taken.
template <class Run>
void check_run(const Run& run, std::size_t task_count, const std::string& place) {
  const auto fits = [&](const std::vector<double>& values) { return values.empty() || values.size() == task_count; };
  bool sound = run.weighting->weights().size() == task_count && run.memory.step >= 0 &&
               run.memory.steps.size() == task_count + 1 && run.history.best_epoch >= 0 &&
               run.history.best_epoch <= static_cast<Index>(run.history.epochs.size()) &&
               run.history.tasks.size() == task_count && run.history.metrics.size() == task_count;
  for (const Index steps : run.memory.steps) sound = sound && steps >= 0 && steps <= run.memory.step;
  for (const auto& epoch : run.history.epochs)
    sound = sound && fits(epoch.validation_losses) && fits(epoch.metrics) && fits(epoch.training_losses) &&
            fits(epoch.weights) && fits(epoch.gradient_norms) && fits(epoch.coefficients) &&
            epoch.validation_losses.size() == run.history.epochs.front().validation_losses.size();
  require<FileError>(sound, place, ": the state of the training is not one that training can have");
}

}  // namespace files

/// Saves where a training run stands: the model, the optimizer's memory, the state of weighting, aggregation and
/// regularizations, the best parameters and the history. Random numbers follow from seed and step, which are among
/// them. To be called while training goes on, from an observer's epoch_ended(report, trainer), or after a fit() that
/// did not put back an earlier epoch.
/// @throws FileError when the file cannot be written; a file that was there before is left as it was
/// @throws ArgumentError when there is no training run, it ended by an exception, or the model no longer stands where
/// it stands
template <class Trainer>
void save_checkpoint(const std::filesystem::path& path, const Trainer& trainer) {
  const auto& run = trainer.run();
  const auto& model = trainer.model();
  require(run.weighting.has_value(), "there is no training run to save");
  require(!run.ended_with_best,
          "the model holds the parameters of the best epoch, not those with which training would ",
          "go on: save checkpoints while it goes on (epoch_ended), or train with keep_best = false");
  require(run.memory.step == run.history.steps, "training ended in the middle of epoch ", run.history.epochs.size() + 1,
          " by an exception: there is no epoch's end to go on from");
  TensorWriter writer;
  files::each_run_buffer(model, run, [&](const std::string& name, const auto& buffer) {
    writer.add(name, {static_cast<Index>(buffer.size())}, buffer.data());
  });
  auto weighting = *run.weighting;  // visitors may write
  auto aggregation = *run.aggregation;
  files::RunsInFile<TensorWriter> runs(writer);
  JsonWriter states(&runs);
  states("weighting", weighting);
  states("aggregation", aggregation);
  auto regularizations = run.regularizations;
  files::each_regularization(regularizations, states);
  using S = typename Trainer::S;
  Dataset<S> none;
  none.numbers.resize(model.features().number_rows(), 0);
  none.categories.resize(static_cast<Index>(model.features().categories().size()), 0);
  none.lists.resize(model.features().lists().size());
  const Json state = {{"policies", files::policies_to_json(trainer)},
                      {"states", states.json()},
                      {"step", run.memory.step},
                      {"steps", to_json(run.memory.steps)},
                      {"has_best", run.best.has_value()},
                      {"history", to_json(run.history)},
                      {"settings", to_json(run.settings)}};
  files::save<S>(path, model, none, Json::array(), "checkpoint", {{"run", state.dump()}}, writer);
}

/// Takes up a training run where save_checkpoint() left it. The trainer must have been made with a model of the same
/// structure and the same policies; the next fit(), with the same data, schedule and options (epochs may be more), goes
/// on from there to the same numbers, bit for bit, as if it had never stopped.
/// @throws FileError naming what differs; trainer and model are then as they were
template <class Trainer, class Model>
void load_checkpoint(const std::filesystem::path& path, Trainer& trainer, Model& model) {
  require(&trainer.model() == &model, "the trainer was made for another model");
  files::guarded(path, [&] {
    const auto reader = files::open(path, "checkpoint");
    const auto same = [&](const Json& file, const Json& program, const std::string& what) {
      const std::string differs = difference(file, program, what);
      require<FileError>(differs.empty(), reader.name(), ": ", differs);
    };
    same(reader.metadata_json("structure"), files::structure_of<typename Trainer::S>(model), "model");
    const Json state = reader.metadata_json("run");
    const auto entry = [&](const char* key) -> const Json& {
      require<FileError>(state.is_object() && state.contains(key), reader.name(), ": the checkpoint has no '", key,
                         "'");
      return state[key];
    };
    same(entry("policies"), files::policies_to_json(trainer), "training");

    Model loaded = model;
    files::load_numbers<typename Trainer::S>(reader, loaded);
    auto run = trainer.fresh_run(entry("has_best") == true);
    const files::RunsInFile<const TensorReader> runs(reader);
    JsonReader states(entry("states"), reader.name() + ": states", &runs);
    states.placed([&] {
      states("weighting", *run.weighting);
      states("aggregation", *run.aggregation);
      files::each_regularization(run.regularizations, states);
    });
    from_json(entry("step"), run.memory.step, reader.name() + ": step");
    from_json(entry("steps"), run.memory.steps, reader.name() + ": steps");
    from_json(entry("history"), run.history, reader.name() + ": history");
    from_json(entry("settings"), run.settings, reader.name() + ": settings");
    files::check_run(run, model.size(), reader.name());
    files::each_run_buffer(loaded, run, [&](const std::string& name, auto& buffer) {
      reader.read(name, {static_cast<Index>(buffer.size())}, buffer.data());
    });
    model = std::move(loaded);
    trainer.resume(std::move(run));
  });
}

}  // namespace polytask
