/// @file
/// Customers and what they did after a mail that was drawn by lot: the e-mail test of Hillstrom (2008), or a simulated
/// one.
#pragma once

#include "open_data.hpp"
#include "polytask/data/csv.hpp"
#include "simulation/simulation.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

/// The three arms, as the tasks call them.
inline constexpr std::array<const char*, 3> arm_names{"none", "first", "second"};

struct Campaign {
  Table customers;  ///< with the labels visit_none .. spend_second, and keys visit, conversion, spend, arm
  std::array<std::string, 3> mails;  ///< what the arms are
  std::string outcome;               ///< that is to be raised: visit or conversion
  std::string best_by;               ///< the column by which a shop without a model would choose its best customers
  std::string group = {};            ///< rows of one customer, which must not be parted; empty: one row a customer
};

/// The campaign of a table that has the three outcomes and the arm.
/// @param arm the column with the mails' names
inline Table with_arms(const Table& from, const std::string& arm, const std::array<std::string, 3>& mails,
                       const std::array<std::string, 3>& outcomes) {
  static constexpr std::array<const char*, 3> names{"visit", "conversion", "spend"};
  Table customers(from.source());
  for (const auto& column : from.columns())
    if (column.use != Use::label && column.name != arm) customers.add(column.name, column.use, column.values);
  const auto& given = from.categories(arm);
  std::vector<double> arms;
  for (Index row = 0; row < from.size(); ++row) {
    const auto found = std::find(mails.begin(), mails.end(), given.at(row));
    require<DataError>(found != mails.end(), from.place(), "there is no mail '", given.at(row), "'");
    arms.push_back(static_cast<double>(found - mails.begin()));
  }
  for (std::size_t which = 0; which < names.size(); ++which) {
    const auto& values = from.numbers(outcomes[which]).values;
    customers.add_numbers(names[which], values, Use::key);
    for (std::size_t own = 0; own < arm_names.size(); ++own) {
      auto labels = values;
      for (std::size_t row = 0; row < labels.size(); ++row)
        if (arms[row] != static_cast<double>(own)) labels[row] = missing;
      customers.add_numbers(text(names[which], "_", arm_names[own]), std::move(labels), Use::label);
    }
  }
  return customers.add_numbers("arm", std::move(arms), Use::key);
}

inline Campaign read_campaign(const std::filesystem::path& directory) {
  const Table customers = parse_csv(read_data(directory, {"hillstrom.csv", "hillstrom.csv.xz"}), "hillstrom.csv",
                                    {.numbers = {"recency", "history", "mens", "womens", "newbie"},
                                     .categories = {"history_segment", "zip_code", "channel"},
                                     .labels = {"visit", "conversion", "spend"},
                                     .keys = {"segment"}});
  const std::array<std::string, 3> mails{"No E-Mail", "Mens E-Mail", "Womens E-Mail"};
  return {with_arms(customers, "segment", mails, {"visit", "conversion", "spend"}), mails, "visit", "history"};
}

/// Sessions of the simulated shop after no letter, one with a discount, or one with news. Keys true_none, true_first
/// and true_second are the chances of a purchase under each arm.
inline Campaign simulate_campaign() {
  Table sessions = simulate_shop({.sessions = 24000, .seed = 5}).sessions;
  const std::array<std::string, 3> mails{"none", "discount", "news"};
  const auto& given = sessions.categories("mail");
  const auto& chances = sessions.numbers("true_purchase").values;
  std::array<std::vector<double>, 3> truth;
  for (std::size_t row = 0; row < chances.size(); ++row) {
    const double discount = sessions.numbers("true_uplift_discount").values[row];
    const double news = sessions.numbers("true_uplift_news").values[row];
    const auto mail = given.at(static_cast<Index>(row));
    const double none = chances[row] - (mail == "discount" ? discount : mail == "news" ? news : 0);
    truth[0].push_back(none);
    truth[1].push_back(none + discount);
    truth[2].push_back(none + news);
  }
  for (std::size_t arm = 0; arm < truth.size(); ++arm)
    sessions.add_numbers(text("true_", arm_names[arm]), std::move(truth[arm]), Use::key);
  return {with_arms(sessions, "mail", mails, {"click", "purchase", "spend"}), mails, "conversion", "past_orders",
          "customer"};
}

}  // namespace polytask::examples
