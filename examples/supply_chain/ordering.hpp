/// @file
/// How much to have when too much and too little cost differently, and what a number of such orders has cost.
#pragma once

#include "decision.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace polytask::examples {

/// What it costs to be wrong by one unit.
struct OrderCosts {
  double holding = 1;   ///< of a unit that was there and not needed
  double shortage = 3;  ///< of a unit that was needed and not there

  /// The least cost is expected when so much is ordered that it suffices with this probability (Arrow, Harris, Marschak
  /// 1951: the newsvendor).
  double service_level() const { return shortage / (holding + shortage); }

  /// @throws ArgumentError when a cost is not above 0, or their service level is outside those that are predicted
  void check(Span<const double> levels) const {
    require(holding > 0 && shortage > 0 && std::isfinite(holding + shortage), "the costs are ", holding, " and ",
            shortage, "; both must be above 0");
    require(service_level() >= levels.front() && service_level() <= levels.back(), "the costs ask for the quantile of ",
            service_level(), "; those from ", levels.front(), " to ", levels.back(), " are predicted");
  }

  double of(double ordered, double needed) const {
    return ordered > needed ? holding * (ordered - needed) : shortage * (needed - ordered);
  }
};

/// The quantile of any level between those that were predicted, on straight lines.
/// @param known the levels of the quantiles, ascending
/// @param level within them
inline double quantile_at(Span<const float> quantiles, Span<const double> known, double level) {
  std::size_t above = 1;
  while (above + 1 < known.size() && known[above] < level) ++above;
  const double share = (level - known[above - 1]) / (known[above] - known[above - 1]);
  return quantiles[above - 1] + share * (quantiles[above] - quantiles[above - 1]);
}

/// The sum of the costs of some orders, a mean of one order.
class CostSum {
 public:
  explicit CostSum(OrderCosts costs) : costs_(costs) {}

  void add(double ordered, double needed) {
    cost_ += costs_.of(ordered, needed);
    short_ += needed > ordered ? 1 : 0;
    ++orders_;
  }

  double mean() const { return cost_ / orders_; }

  /// Per cent of the orders that sufficed.
  double sufficed() const { return 100 * (1 - short_ / orders_); }

 private:
  OrderCosts costs_;
  double cost_ = 0;
  double short_ = 0;
  double orders_ = 0;
};

}  // namespace polytask::examples
