/// @file
/// One task's gradient-boosted trees, by XGBoost. For examples that are built with it.
#pragma once

#include "polytask/models/model.hpp"

#include <xgboost/c_api.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace polytask::examples {

/// Rows in the sparse form that XGBoost takes: the numbers, one column a category of each text (1 where
/// the row has it), and the count of each entry of a list.
class TreeRows {
 public:
  /// Rows to predict for.
  TreeRows(const Model<float>& tasks, const Dataset<float>& data);

  /// Rows that have a label of a task.
  TreeRows(const Model<float>& tasks, const Dataset<float>& data, std::size_t task);

  DMatrixHandle handle() const { return matrix_.get(); }
  const std::vector<float>& labels() const { return labels_; }
  Index size() const { return size_; }

 private:
  void make(const Model<float>& tasks, const Dataset<float>& data, const std::vector<Index>& chosen);

  std::shared_ptr<void> matrix_;
  std::vector<float> labels_;
  Index size_ = 0;
};

/// The trees; for quantiles one ensemble each.
class BoostedTrees {
 public:
  void fit(const TreeRows& rows, const TreeRows& validation, const TaskShape& task, std::uint64_t seed, Index threads);

  /// Prediction rows x rows, in the label's own units.
  Matrix<float> predict(const TreeRows& rows) const;

  Index rounds() const;  ///< of all ensembles
  Index nodes() const;   ///< of all trees

 private:
  struct Ensemble {
    std::shared_ptr<void> booster;
    unsigned rounds = 0;
    double middle = 0;  ///< predictions are this and `unit` times the trees' sum; for quantiles
    double unit = 1;
  };

  std::vector<Ensemble> ensembles_;
  Index outputs_ = 1;  ///< of one ensemble
};

}  // namespace polytask::examples
