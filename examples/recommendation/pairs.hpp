/// @file
/// Rows of a customer and a product on a day: what is known then as features, what comes of it in eight weeks as
/// labels.
#pragma once

#include "polytask/core/random.hpp"
#include "snapshot.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

/// What a customer did with a product within the window.
struct Outcome {
  double units = 0;
  bool returned = false;
};

/// The outcomes of the eight weeks from a day on: for each customer who buys, each product bought.
using Outcomes = std::vector<std::map<std::int32_t, Outcome>>;

inline Outcomes outcomes_after(const Trade& trade, double day) {
  Outcomes found(trade.customers.size());
  for (const auto& line : trade.lines) {
    if (line.day < day || line.day >= day + window) continue;
    auto& own = found[static_cast<std::size_t>(line.customer)];
    if (line.units > 0)
      own[line.product].units += line.units;
    else if (const auto bought = own.find(line.product); bought != own.end())
      bought->second.returned = true;
  }
  return found;
}

/// Collects rows.
class PairTable {
 public:
  PairTable(const Trade& trade, const Snapshot& snapshot) : snapshot_(snapshot), country_of_(trade.country_of) {
    customers_.names = trade.customers;
    countries_.names = trade.countries;
    products_.names = histories_.names = trade.products;
  }

  /// @param outcome null: not bought
  void add(std::int32_t customer, std::int32_t product, float neighbour_score, const Outcome* outcome) {
    const auto& buyer = snapshot_.customer(customer);
    const auto& goods = snapshot_.product(product);
    const Dealing* const own = buyer.find(product);
    const double today = snapshot_.day();
    const bool known = buyer.days > 0;
    const auto weeks_since = [&](double day) { return (today - day) / 7; };
    number("times bought", own != nullptr ? own->times : 0);
    number("weeks since bought", own != nullptr ? weeks_since(own->last_day) : missing);
    number("units last bought", own != nullptr ? own->last_units : missing);
    number("times returned", own != nullptr ? own->returns : 0);
    number("share of days", own != nullptr ? own->times / buyer.days : 0);
    number("neighbour score", neighbour_score);
    number("mean neighbour score", known ? neighbour_score / static_cast<double>(buyer.dealings.size()) : 0);
    number("product buyers", goods.buyers);
    number("product buyers lately", goods.buyers_lately);
    number("product buyers before", goods.buyers_before);
    number("product price", goods.sold > 0 ? goods.price : missing);
    number("product weeks", goods.sold > 0 ? weeks_since(goods.first_day) : missing);
    number("product return share", goods.sold > 0 ? goods.returns / goods.sold : missing);
    number("customer days", buyer.days);
    number("customer products", static_cast<double>(buyer.dealings.size()));
    number("customer weeks", known ? weeks_since(buyer.first_day) : missing);
    number("customer weeks since", known ? weeks_since(buyer.last_day) : missing);
    number("customer spend a day", known ? buyer.spend / buyer.days : missing);
    labels_["buys"].push_back(outcome != nullptr ? 1 : 0);
    labels_["quantity"].push_back(outcome != nullptr ? outcome->units : missing);
    labels_["returns"].push_back(outcome != nullptr ? (outcome->returned ? 1 : 0) : missing);
    customers_.codes.push_back(customer);
    countries_.codes.push_back(country_of_[static_cast<std::size_t>(customer)]);
    products_.codes.push_back(product);
    if (customer != last_customer_) history_ = snapshot_.last_products(customer);
    last_customer_ = customer;
    histories_.codes.insert(histories_.codes.end(), history_.begin(), history_.end());
    histories_.offsets.push_back(static_cast<std::int64_t>(histories_.codes.size()));
  }

  Table take() {
    Table table("purchases");
    for (auto& [name, values] : numbers_) table.add_numbers(name, std::move(values));
    for (auto& [name, values] : labels_) table.add_numbers(name, std::move(values), Use::label);
    table.add("customer", Use::feature, std::move(customers_))
        .add("country", Use::feature, std::move(countries_))
        .add("product", Use::feature, std::move(products_))
        .add("history", Use::feature, std::move(histories_));
    return table;
  }

 private:
  void number(const char* name, double value) { numbers_[name].push_back(value); }

  const Snapshot& snapshot_;
  const std::vector<std::int32_t>& country_of_;
  std::map<std::string, std::vector<double>> numbers_, labels_;
  CategoryColumn customers_, countries_, products_;
  ListColumn histories_;
  std::vector<std::int32_t> history_;
  std::int32_t last_customer_ = -1;
};

/// Rows to learn from: of every customer who is known on the day or buys in the eight weeks after it, all candidates
/// that are bought, and a sample of those that are not.
/// @param chosen whether a customer takes part
template <class Chosen>
Table sampled_pairs(const Trade& trade, const Snapshot& snapshot, std::uint64_t seed, Chosen chosen) {
  constexpr Index negatives = 20;  // drawn for a customer, with repetition
  const auto outcomes = outcomes_after(trade, snapshot.day());
  PairTable rows(trade, snapshot);
  for (std::int32_t customer = 0; customer < static_cast<std::int32_t>(trade.customers.size()); ++customer) {
    const auto& bought = outcomes[static_cast<std::size_t>(customer)];
    if (!chosen(customer) || (bought.empty() && snapshot.customer(customer).days == 0)) continue;
    const auto scores = snapshot.neighbour_scores(customer);
    const auto candidates = snapshot.candidates(customer, scores);
    const auto add = [&](std::int32_t product) {
      const auto found = bought.find(product);
      rows.add(customer, product, scores[static_cast<std::size_t>(product)],
               found == bought.end() ? nullptr : &found->second);
    };
    for (const auto product : candidates)
      if (bought.contains(product)) add(product);
    Random random = Random(seed).stream(static_cast<std::uint64_t>(customer));
    for (Index draw = 0; draw < negatives; ++draw) {
      const auto product = candidates[static_cast<std::size_t>(random.below(candidates.size()))];
      if (!bought.contains(product)) add(product);
    }
  }
  return rows.take();
}

/// Rows to be tested on, with nothing sampled: of every customer who buys in the eight weeks after a day, all
/// candidates.
struct RankingTest {
  Table table;
  std::vector<std::int32_t> customer;  ///< of each row, numbered from 0 in the order of the table
  std::vector<Index> missed;           ///< of each customer: products bought that are no candidates
  std::vector<bool> old;               ///< of each customer: bought before `old_before`
};

inline RankingTest all_pairs(const Trade& trade, const Snapshot& snapshot, double old_before) {
  const auto outcomes = outcomes_after(trade, snapshot.day());
  PairTable rows(trade, snapshot);
  RankingTest test;
  for (std::int32_t customer = 0; customer < static_cast<std::int32_t>(trade.customers.size()); ++customer) {
    const auto& bought = outcomes[static_cast<std::size_t>(customer)];
    if (bought.empty()) continue;
    const auto scores = snapshot.neighbour_scores(customer);
    auto left = static_cast<Index>(bought.size());
    for (const auto product : snapshot.candidates(customer, scores)) {
      const auto found = bought.find(product);
      rows.add(customer, product, scores[static_cast<std::size_t>(product)],
               found == bought.end() ? nullptr : &found->second);
      test.customer.push_back(static_cast<std::int32_t>(test.missed.size()));
      left -= found == bought.end() ? 0 : 1;
    }
    test.missed.push_back(left);
    test.old.push_back(snapshot.customer(customer).days > 0 && snapshot.customer(customer).first_day < old_before);
  }
  test.table = rows.take();
  return test;
}

}  // namespace polytask::examples
