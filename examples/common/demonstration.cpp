#include "demonstration.hpp"

#include "polytask/files/model.hpp"
#include "polytask/training/comparison_table.hpp"
#include "polytask/training/progress.hpp"

#include <filesystem>
#include <iostream>
#include <utility>

#include <unistd.h>

namespace polytask::examples {

Demonstration demonstrate(const Experiment& experiment, const Trial& trial) {
  const auto& arguments = experiment.arguments;
  auto model = trial.policy->make(experiment.features);
  std::cout << "Training on " << experiment.train.size() << " rows, " << model->parameter_count()
            << " parameters, sharing " << trial.policy->name << ", weighting " << trial.weighting.name
            << ", aggregation " << trial.aggregation.name << "." << std::endl;
  auto fit = experiment.fit;
  const auto rows = split(experiment.train, {.test_fraction = 0.15, .seed = 1, .group = experiment.group});
  fit.validation = experiment.validation != nullptr ? experiment.validation : &rows.test;
  fit.record_gradients = !arguments.report.empty() && trial.policy->shares;
  const Dataset<float> data = model->encode(experiment.validation != nullptr ? experiment.train : rows.train);
  Training<float> training(*model, {trial.optimizer, trial.weighting, trial.aggregation, {}});
  Progress progress(std::cerr, experiment.name);
  History history = training.fit(data, fit, {ObserverView(progress, training)});
  std::cout << counted(static_cast<Index>(history.epochs.size()), "epoch") << " in " << text(history.seconds)
            << " s, the best was epoch " << history.best_epoch << ".\n";
  const bool kept = !arguments.save.empty();
  const auto file = kept ? arguments.save
                         : std::filesystem::temp_directory_path() /
                               text("polytask_", experiment.name, "_", ::getpid(), ".safetensors");
  save(file, *model, experiment.test);
  const auto loaded = trial.policy->make(experiment.features);
  load_into(file, *loaded);
  std::cout << "The model was saved (" << (kept ? file.string() + ", " : "") << std::filesystem::file_size(file) / 1024
            << " KiB) and loaded again.\n";
  if (!kept) std::filesystem::remove(file);
  if (experiment.tell) {
    const Index few[] = {0, experiment.test.size() / 2, experiment.test.size() - 1};
    std::cout << "It says of three rows it has not seen:\n";
    experiment.tell(*loaded, experiment.test.rows(few));
  }
  return {std::move(model), std::move(history)};
}

}  // namespace polytask::examples
