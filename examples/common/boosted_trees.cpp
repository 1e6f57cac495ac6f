#ifdef POLYTASK_WITH_XGBOOST

#include "boosted_trees.hpp"

#include "polytask/core/errors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <string_view>

namespace polytask::examples {

namespace {

constexpr unsigned most_rounds = 400;
constexpr unsigned patience = 20;

/// @throws Error with what XGBoost says
void succeed(int status) { require(status == 0, "XGBoost: ", XGBGetLastError()); }

void set(BoosterHandle booster, const char* name, const std::string& value) {
  succeed(XGBoosterSetParam(booster, name, value.c_str()));
}

std::string objective_of(const TaskShape& task) {
  if (task.prediction_rows == 1 && task.kind == LossKind::classification) return "binary:logistic";
  if (task.kind == LossKind::classification) return "multi:softprob";
  return task.loss == "poisson" ? "count:poisson" : "reg:squarederror";
}

std::shared_ptr<void> make_booster(const TreeRows& rows, const TreeRows& validation, const std::string& objective,
                                   std::uint64_t seed, Index threads) {
  const std::array<DMatrixHandle, 2> both{rows.handle(), validation.handle()};
  BoosterHandle made = nullptr;
  succeed(XGBoosterCreate(both.data(), both.size(), &made));
  std::shared_ptr<void> booster(made, XGBoosterFree);
  set(made, "objective", objective);
  set(made, "tree_method", "hist");
  set(made, "max_depth", "6");
  set(made, "learning_rate", "0.1");
  set(made, "subsample", "0.8");
  set(made, "colsample_bytree", "0.8");
  set(made, "seed", std::to_string(seed));
  set(made, "nthread", std::to_string(threads));
  return booster;
}

/// Outputs x rows.
Matrix<float> output(BoosterHandle booster, const TreeRows& rows, unsigned rounds, bool sum_of_trees) {
  const std::string config =
      text(R"({"type": )", sum_of_trees ? 1 : 0, R"(, "training": false, "iteration_begin": 0, "iteration_end": )",
           rounds, R"(, "strict_shape": true})");
  const bst_ulong* shape = nullptr;
  bst_ulong dimensions = 0;
  const float* values = nullptr;
  succeed(XGBoosterPredictFromDMatrix(booster, rows.handle(), config.c_str(), &shape, &dimensions, &values));
  const auto outputs = static_cast<Index>(dimensions > 1 ? shape[1] : 1);
  return Eigen::Map<const Matrix<float>>(values, outputs, rows.size());
}

/// Counts the rounds without a better loss.
class Patience {
 public:
  /// Whether to go on.
  bool wait(double loss, unsigned round) {
    if (loss < best_) {
      best_ = loss;
      best_round_ = round;
    }
    return round - best_round_ < patience;
  }
  unsigned best_round() const { return best_round_; }

 private:
  double best_ = std::numeric_limits<double>::infinity();
  unsigned best_round_ = 0;
};

/// Rounds of the objective that the booster has; returns the best number of them.
unsigned boost(BoosterHandle booster, const TreeRows& rows, const TreeRows& validation) {
  Patience waiting;
  for (unsigned round = 1; round <= most_rounds; ++round) {
    succeed(XGBoosterUpdateOneIter(booster, static_cast<int>(round) - 1, rows.handle()));
    DMatrixHandle judged = validation.handle();
    const char* name = "validation";
    const char* said = nullptr;
    succeed(XGBoosterEvalOneIter(booster, static_cast<int>(round), &judged, &name, 1, &said));
    const std::string words = said;  // "[3]\tvalidation-logloss:0.4"
    if (!waiting.wait(std::stod(words.substr(words.rfind(':') + 1)), round)) break;
  }
  return waiting.best_round();
}

/// Rounds of a quantile's loss, on labels of mean 0 and deviation 1.
unsigned boost_quantile(BoosterHandle booster, const TreeRows& rows, const TreeRows& validation, double level,
                        double middle, double unit) {
  const auto scaled = [&](float label) { return (static_cast<double>(label) - middle) / unit; };
  std::vector<float> slopes(rows.labels().size());
  std::vector<float> curvatures(slopes.size(), 1.0F);
  Patience waiting;
  for (unsigned round = 1; round <= most_rounds; ++round) {
    const auto reached = output(booster, rows, 0, true);
    for (std::size_t row = 0; row < slopes.size(); ++row)
      slopes[row] =
          static_cast<float>(scaled(rows.labels()[row]) > reached(0, static_cast<Index>(row)) ? -level : 1 - level);
    succeed(XGBoosterBoostOneIter(booster, rows.handle(), slopes.data(), curvatures.data(), slopes.size()));
    const auto judged = output(booster, validation, 0, true);
    double loss = 0;
    for (std::size_t row = 0; row < validation.labels().size(); ++row) {
      const double over = scaled(validation.labels()[row]) - judged(0, static_cast<Index>(row));
      loss += (std::max)(level * over, (level - 1) * over);
    }
    if (!waiting.wait(loss, round)) break;
  }
  return waiting.best_round();
}

}  // namespace

TreeRows::TreeRows(const Model<float>& tasks, const Dataset<float>& data) {
  std::vector<Index> all(static_cast<std::size_t>(data.size()));
  std::iota(all.begin(), all.end(), Index{0});
  make(tasks, data, all);
}

TreeRows::TreeRows(const Model<float>& tasks, const Dataset<float>& data, std::size_t task) {
  const Index label = tasks.label_offsets()[task];
  std::vector<Index> chosen;
  std::vector<float> weights;
  for (Index row = 0; row < data.size(); ++row) {
    if (data.weights(label, row) <= 0) continue;
    chosen.push_back(row);
    labels_.push_back(data.labels(label, row));
    weights.push_back(data.weights(label, row));
  }
  make(tasks, data, chosen);
  succeed(XGDMatrixSetFloatInfo(matrix_.get(), "label", labels_.data(), labels_.size()));
  succeed(XGDMatrixSetFloatInfo(matrix_.get(), "weight", weights.data(), weights.size()));
}

void TreeRows::make(const Model<float>& tasks, const Dataset<float>& data, const std::vector<Index>& chosen) {
  const auto& features = tasks.features();
  const Index numbers = data.numbers.rows();
  auto width = static_cast<std::size_t>(numbers);
  std::vector<std::size_t> first_columns;  // of each category, then of each list
  const auto add_table = [&](Index table) {
    first_columns.push_back(width);
    width += static_cast<std::size_t>(features.tables()[static_cast<std::size_t>(table)].vocabulary.size());
  };
  for (const auto& category : features.categories()) add_table(category.table);
  for (const auto& list : features.lists()) add_table(list.table);

  std::vector<std::size_t> begins{0};
  std::vector<unsigned> columns;
  std::vector<float> values;
  const auto add = [&](std::size_t column, float value) {
    columns.push_back(static_cast<unsigned>(column));
    values.push_back(value);
  };
  const auto categories = static_cast<std::size_t>(data.categories.rows());
  std::map<std::int32_t, float> counts;
  for (const Index row : chosen) {
    for (Index number = 0; number < numbers; ++number) add(static_cast<std::size_t>(number), data.numbers(number, row));
    for (std::size_t category = 0; category < categories; ++category)
      add(first_columns[category] + static_cast<std::size_t>(data.categories(static_cast<Index>(category), row)), 1);
    for (std::size_t list = 0; list < data.lists.size(); ++list) {
      counts.clear();
      for (const auto entry : data.lists[list].at(row)) ++counts[entry];
      for (const auto& [entry, count] : counts)
        add(first_columns[categories + list] + static_cast<std::size_t>(entry), count);
    }
    begins.push_back(values.size());
  }
  DMatrixHandle made = nullptr;
  succeed(XGDMatrixCreateFromCSREx(begins.data(), columns.data(), values.data(), begins.size(), values.size(), width,
                                   &made));
  matrix_ = std::shared_ptr<void>(made, XGDMatrixFree);
  size_ = static_cast<Index>(chosen.size());
}

void BoostedTrees::fit(const TreeRows& rows, const TreeRows& validation, const TaskShape& task, std::uint64_t seed,
                       Index threads) {
  require(task.label_rows == 1, "boosted trees are for tasks with one label; '", std::string(task.name), "' has ",
          task.label_rows);
  require<DataError>(rows.size() > 0, "boosted trees of task '", std::string(task.name), "' need a label");
  ensembles_.clear();
  outputs_ = task.levels.empty() ? task.prediction_rows : 1;
  if (task.levels.empty()) {
    Ensemble one{make_booster(rows, validation, objective_of(task), seed, threads)};
    if (outputs_ > 1) set(one.booster.get(), "num_class", std::to_string(outputs_));
    one.rounds = boost(one.booster.get(), rows, validation);
    ensembles_.push_back(std::move(one));
    return;
  }
  double sum = 0;
  double squares = 0;
  for (const double label : rows.labels()) {
    sum += label;
    squares += label * label;
  }
  const double middle = sum / static_cast<double>(rows.size());
  const double unit = std::sqrt((std::max)(squares / static_cast<double>(rows.size()) - middle * middle, 1e-12));
  for (const double level : task.levels) {
    Ensemble one{make_booster(rows, validation, "reg:squarederror", seed, threads), 0, middle, unit};
    set(one.booster.get(), "base_score", "0");
    one.rounds = boost_quantile(one.booster.get(), rows, validation, level, middle, unit);
    ensembles_.push_back(std::move(one));
  }
}

Matrix<float> BoostedTrees::predict(const TreeRows& rows) const {
  Matrix<float> predictions(outputs_ * static_cast<Index>(ensembles_.size()), rows.size());
  for (std::size_t which = 0; which < ensembles_.size(); ++which) {
    const auto& one = ensembles_[which];
    const auto found = output(one.booster.get(), rows, one.rounds, false);
    predictions.middleRows(static_cast<Index>(which) * outputs_, outputs_) =
        (found.array() * static_cast<float>(one.unit) + static_cast<float>(one.middle)).matrix();
  }
  return predictions;
}

Index BoostedTrees::rounds() const {
  Index count = 0;
  for (const auto& one : ensembles_) count += one.rounds;
  return count;
}

Index BoostedTrees::nodes() const {
  Index count = 0;
  for (const auto& one : ensembles_) {
    bst_ulong trees = 0;
    const char** dumps = nullptr;
    succeed(XGBoosterDumpModel(one.booster.get(), "", 0, &trees, &dumps));
    const auto kept = (std::min)(trees, static_cast<bst_ulong>(one.rounds) * static_cast<bst_ulong>(outputs_));
    for (bst_ulong tree = 0; tree < kept; ++tree)
      count += std::count(dumps[tree], dumps[tree] + std::string_view(dumps[tree]).size(), '\n');
  }
  return count;
}

}  // namespace polytask::examples

#endif
