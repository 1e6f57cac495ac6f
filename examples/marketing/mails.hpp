/// @file
/// Which mail to whom, when not everybody can get one.
#pragma once

#include "campaign.hpp"
#include "decision.hpp"

#include <array>
#include <string>
#include <vector>

namespace polytask::examples {

/// The decision for the customers of a table: those with the highest predicted uplift get the mail that lifts them
/// most, until the budget is spent.
class Mails {
 public:
  /// @param budget share of the customers who can get a mail
  /// @param customers must outlive this
  Mails(const Campaign& campaign, const Table& customers, double budget);

  Decision decision() const;

 private:
  using Chances = std::array<std::vector<double>, 3>;  ///< of the outcome under each arm, one a customer

  Chances predicted(const Predictor& predict) const;

  /// The arm of each customer when a share of them gets a mail.
  std::vector<Index> chosen(const Chances& chances, double share) const;

  /// The outcomes of 1,000 customers who get these mails: the true ones where they are known, else by inverse
  /// propensity.
  double value(const std::vector<Index>& arms) const;
  double value_by_propensity(const std::vector<Index>& arms, const std::string& outcome, Span<const Index> rows) const;

  /// One mail to a share of the customers that is drawn by lot.
  double value_by_lot(Index arm, double share) const;

  std::vector<Measure> measures(const std::vector<Index>& arms) const;
  std::vector<Measure> judge(const Predictor& predict) const;
  std::vector<LineChart> curves(const std::vector<NamedPredictor>& predictors) const;

  Campaign campaign_;  ///< without its customers
  const Table* customers_;
  double budget_;
  std::vector<Index> given_;
  std::vector<double> propensities_;
  bool truth_;  ///< whether the true chances are known
};

}  // namespace polytask::examples
