/// @file
/// How a model is to be trained: what the trainer's fit() takes.
#pragma once

#include "polytask/core/by_name.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/views.hpp"
#include "polytask/data/table.hpp"
#include "polytask/features/dataset.hpp"
#include "polytask/metrics/metric.hpp"
#include "polytask/optimizers/schedule.hpp"

#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace polytask {

/// How long and on what to train.
template <Scalar S>
struct FitOptions {
  Index epochs = 10;
  Index batch = 256;
  Index epoch_steps = 0;                           ///< steps of an epoch; 0: as many as visit every row once
  const Table* validation = nullptr;               ///< data on which the best epoch is chosen
  const Dataset<S>* encoded_validation = nullptr;  ///< the same, encoded already
  Index patience = 0;                              ///< stop after that many epochs without a better one; 0: never
  std::string stop_on = "mean";  ///< a task, judged by its metric; or "mean": the mean over the tasks of the relative
                                 ///< change of the validation loss since the first epoch
  bool keep_best = true;         ///< end with the parameters of the best epoch, not of the last
  double clip_norm = 0;          ///< shorten gradients to this norm; 0: never
  Schedule schedule = ConstantRate{};
  std::uint64_t seed = 1;  ///< of the shuffles and of dropout
  bool shuffle = true;
  Index threads = 1;
  bool combine_embeddings = false;  ///< whether embedding tables that tasks share take part in the aggregation
  bool record_gradients = false;    ///< whether norms and cosines of the tasks' gradients are in the history; without
                                    ///< an aggregation that needs them it costs a way back a task
  std::vector<std::string> only = {};             ///< train these tasks alone, on rows with a label of theirs;
                                                  ///< with a link, what they depend on is moved, too
  ByName<Metric> metrics = {};                    ///< a task's metric, if not its loss's: {"spend", metrics::mae}
  std::vector<std::int32_t> encoded_groups = {};  ///< one group a row of encoded_validation, for such metrics
  std::string group = {};                         ///< key or category column of `validation` for metrics in groups
};

/// The settings of a training run that must not change when it goes on from a checkpoint.
struct FitSettings {
  Index rows = 0;  ///< of the training data
  Index batch = 0;
  Index epoch_steps = 0;
  std::uint64_t seed = 0;
  bool shuffle = true;
  bool validated = false;  ///< there are validation data
  bool keep_best = true;
  double clip_norm = 0;
  bool combine_embeddings = false;
  std::string stop_on = {};
  std::vector<std::string> only = {};
  std::vector<std::string> metrics = {};  ///< one a task
  std::string group = {};

  bool operator==(const FitSettings&) const = default;

  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("rows", self.rows);
    visit("batch", self.batch);
    visit("epoch_steps", self.epoch_steps);
    visit("seed", self.seed);
    visit("shuffle", self.shuffle);
    visit("validated", self.validated);
    visit("keep_best", self.keep_best);
    visit("clip_norm", self.clip_norm);
    visit("combine_embeddings", self.combine_embeddings);
    visit("stop_on", self.stop_on);
    visit("only", self.only);
    visit("metrics", self.metrics);
    visit("group", self.group);
  }
};

/// In what the settings of two runs differ: "batch (64 then, 32 now), ..."; empty when they do not.
inline std::string difference(const FitSettings& then, const FitSettings& now) {
  std::vector<std::string> keys;
  const auto texts_of = [&keys](const FitSettings& settings) {
    std::vector<std::string> texts;
    keys.clear();
    FitSettings::configuration(settings, [&](const char* key, const auto& value) {
      std::string all;
      if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::vector<std::string>>) {
        for (const auto& one : value) all += (all.empty() ? "" : " ") + one;
        if (all.empty()) all = "none";
      } else {
        all = text(value);
      }
      keys.push_back(key);
      texts.push_back(std::move(all));
    });
    return texts;
  };
  const auto before = texts_of(then);
  const auto after = texts_of(now);
  std::string found;
  for (std::size_t which = 0; which < keys.size(); ++which)
    if (before[which] != after[which])
      found += text(found.empty() ? "" : ", ", keys[which], " (", before[which], " then, ", after[which], " now)");
  return found;
}

}  // namespace polytask
