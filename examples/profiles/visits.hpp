/// @file
/// Visits to a shop: real ones (Online Shoppers Purchasing Intention, Sakar et al. 2018) or simulated ones.
#pragma once

#include "open_data.hpp"
#include "polytask/data/csv.hpp"
#include "simulation/simulation.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

/// Adds the number of a visit's month, by which it is split; the file has no year and no day.
inline Table with_month(Table visits) {
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "June",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto& names = visits.categories("Month");
  std::vector<double> time;
  for (Index row = 0; row < visits.size(); ++row) {
    const auto found = std::find(months.begin(), months.end(), names.at(row));
    require<DataError>(found != months.end(), visits.place(), "there is no month '", names.at(row), "'");
    time.push_back(static_cast<double>(found - months.begin()));
  }
  return visits.add_numbers("time", std::move(time), Use::key);
}

/// The file of the UCI repository. The value of the pages is what a visit turns out to be worth: a label, no input.
inline Table read_visits(const std::filesystem::path& directory) {
  const auto bytes = read_data(directory, {"online_shoppers_intention.csv"});
  return with_month(
      parse_csv(bytes, "online_shoppers_intention.csv",
                {.numbers = {"Administrative", "Administrative_Duration", "Informational", "Informational_Duration",
                             "ProductRelated", "ProductRelated_Duration", "BounceRates", "ExitRates", "SpecialDay"},
                 .categories = {"OperatingSystems", "Browser", "Region", "TrafficType", "Weekend"},
                 .labels = {"Revenue", "PageValues"},
                 .classes = {"VisitorType"},
                 .keys = {"Month"}}));
}

/// Sessions of the simulated shop under the same names: the segment is the type of the visitor, the spend the value.
inline Table simulate_visits() {
  const Table sessions = simulate_shop({.sessions = 16000, .seed = 3}).sessions;
  Table visits("the simulated shop");
  for (const auto& column : sessions.columns())
    if (column.use == Use::feature) visits.add(column.name, Use::feature, column.values);
  visits.add("Revenue", Use::label, sessions.numbers("purchase"));
  visits.add("VisitorType", Use::label, sessions.categories("segment"));
  visits.add("PageValues", Use::label, sessions.numbers("spend"));
  visits.add("time", Use::key, sessions.numbers("week"));
  return visits;
}

}  // namespace polytask::examples
