/// @file
/// What an example decides with its predictions, and what that is worth.
#pragma once

#include "arguments.hpp"
#include "polytask/models/model.hpp"
#include "polytask/report/line_chart.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace polytask::examples {

/// Predictions of a task for the rows of a table, whatever has learnt it: prediction rows x rows. Several threads may
/// call one.
using Predictor = std::function<Matrix<float>(std::string_view task, const Table& rows)>;

/// A number by which decisions are judged.
struct Measure {
  std::string name;
  double value;
};

/// The measures of a simple way to decide, which needs no model.
struct SimpleDecision {
  std::string name;
  std::vector<Measure> measures;  ///< those of the predictions, in their order; the last may be left out
};

/// A predictor and what it is called.
struct NamedPredictor {
  std::string name;
  Predictor predict;
};

/// A decision that is taken for the test rows, which stand in what is bound to the functions.
struct Decision {
  std::string question;          ///< for example "Whom to show an offer that costs 2?"
  std::string unit;              ///< of the first measure: "profit of 1,000 visits"
  bool higher_is_better = true;  ///< of the first measure
  int digits = 2;                ///< that measures are printed with
  std::vector<SimpleDecision> simple =
      {};  ///< ways to decide without a model; the best by the first measure is the baseline

  /// What decisions by these predictions are worth. The first measure is the decision's value. Several threads call it.
  std::function<std::vector<Measure>(const Predictor&)> judge = {};

  /// Charts for the report: the models of the first seed, together, alone, and boosted.
  std::function<std::vector<LineChart>(const std::vector<NamedPredictor>&)> curves = {};
  std::string explanation = {};  ///< of the charts
};

/// One line of the decision's table: all models of a way of learning, one a seed.
struct Judged {
  std::string name;
  std::vector<std::vector<Measure>> seeds;
  Predictor first;  ///< of the first seed

  /// A measure's values, one a seed.
  std::vector<double> values(std::size_t measure) const;
};

/// The simple decision that is worth most.
/// @throws ArgumentError when there is none
const SimpleDecision& baseline(const Decision& decision);

/// Whether the mean value of a way of learning is better than the best simple decision's.
bool beats_baseline(const Decision& decision, const Judged& judged);

/// The cells of the table: a head, the simple ways, then what predictions decide. What is not defined is left empty.
std::vector<std::vector<std::string>> decision_lines(const Decision& decision, const std::vector<Judged>& judged);

/// The same as text, with the question and the unit.
std::string decision_table(const Decision& decision, const std::vector<Judged>& judged);

}  // namespace polytask::examples
