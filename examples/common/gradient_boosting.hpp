/// @file
/// Gradient-boosted trees (XGBoost), with which users of tables compare: one ensemble a task.
#pragma once

#include "decision.hpp"
#include "polytask/training/comparison.hpp"

#include <functional>

namespace polytask::examples {

/// Is told what predicts, once a seed, numbered from 0.
using TellBoosted = std::function<void(Index run, const Predictor& predict)>;

/// Trains trees for every task alone, on the rows with its label, on the same parts of the training rows as the models
/// of each seed, the number of rounds chosen on the validation rows; and scores them on the test rows.
///
/// Depth 6, rate 0.1, at most 400 rounds, stopped after 20 without a better one, 0.8 of rows and columns a tree.
/// Categories are one column a text, lists one count an entry. The objective is that of the task's loss:
/// probabilities of one class or several, counts (Poisson), quantiles (one ensemble each); all others squared error.
///
/// @param tasks a model: its tasks, losses, and how it encodes a table
/// @throws ArgumentError when the examples were built without XGBoost, saying what to install
ComparisonSide train_boosted(const Model<float>& tasks, const Table& train, const Table& test,
                             const FitOptions<float>& fit, const ComparisonOptions& options,
                             const TellBoosted& tell = {});

}  // namespace polytask::examples
