/// @file
/// What customers bought and sent back: the invoices of an online retailer (Chen, UCI data set 352), or the simulated
/// shop's.
#pragma once

#include "open_data.hpp"
#include "polytask/data/codes.hpp"
#include "polytask/data/csv.hpp"
#include "polytask/features/dates.hpp"
#include "simulation/simulation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace polytask::examples {

/// A customer buys a product, or sends it back.
struct TradeLine {
  std::int32_t customer;  ///< places in the lists of names
  std::int32_t product;
  double day;
  double units;  ///< negative: sent back
  double price;  ///< of a unit
};

struct Trade {
  std::vector<std::string> customers;
  std::vector<std::string> products;
  std::vector<std::string> countries;      ///< or cities
  std::vector<std::int32_t> country_of{};  ///< the place of each customer's
  std::vector<TradeLine> lines;            ///< in order of time
  double end = 0;                          ///< the day after the last
};

/// Lines without a customer, and those that are no goods (postage, bank charges, manual corrections), are left out: the
/// code of goods begins with five digits.
/// @throws DataError when nothing else is there
inline Trade read_online_retail(const std::filesystem::path& directory) {
  const Table table =
      parse_csv(read_data(directory, {"online_retail.csv", "online_retail.csv.xz"}), "online retail",
                {.numbers = {"Quantity", "UnitPrice"}, .keys = {"StockCode", "InvoiceDate", "CustomerID", "Country"}});
  const auto& codes = table.categories("StockCode");
  const auto& dates = table.categories("InvoiceDate");
  const auto& customers = table.categories("CustomerID");
  const auto& units = table.numbers("Quantity").values;
  const auto& prices = table.numbers("UnitPrice").values;
  std::vector<double> days;
  for (const auto& name : dates.names) {
    const auto date = parse_date(name);
    require<DataError>(date.has_value(), "online retail: column 'InvoiceDate': '", name, "' is no date");
    days.push_back(date->days());
  }
  const auto is_goods = [](std::string_view code) {
    return code.size() >= 5 && std::all_of(code.begin(), code.begin() + 5, [](char c) { return c >= '0' && c <= '9'; });
  };
  Trade trade;
  trade.customers = customers.names;
  trade.products = codes.names;
  trade.countries = table.categories("Country").names;
  trade.country_of.resize(trade.customers.size(), missing_code);
  for (Index row = 0; row < table.size(); ++row) {
    const auto place = static_cast<std::size_t>(row);
    const auto customer = customers.codes[place];
    if (customer == missing_code || !is_goods(codes.at(row)) || !(prices[place] > 0)) continue;
    trade.country_of[static_cast<std::size_t>(customer)] = table.categories("Country").codes[place];
    trade.lines.push_back({customer, codes.codes[place], days[static_cast<std::size_t>(dates.codes[place])],
                           units[place], prices[place]});
  }
  require<DataError>(!trade.lines.empty(), table.place(), "no customer bought any goods");
  std::stable_sort(trade.lines.begin(), trade.lines.end(),
                   [](const TradeLine& left, const TradeLine& right) { return left.day < right.day; });
  trade.end = std::floor(trade.lines.back().day) + 1;
  return trade;
}

/// The simulated shop's customers go through what they view in a session, and buy what appeals to them; poor goods come
/// back, from demanding customers first.
inline Trade simulated_trade(const ShopOptions& options) {
  const Shop shop = simulate_shop(options);
  Trade trade;
  for (const Customer& customer : shop.customers) {
    trade.customers.push_back(customer.name);
    trade.country_of.push_back(static_cast<std::int32_t>(customer.city));
  }
  for (const City& city : shop.cities) trade.countries.push_back(city.name);
  std::unordered_map<std::string, std::int32_t> place_of;
  for (const Product& product : shop.products) {
    place_of[product.name] = static_cast<std::int32_t>(trade.products.size());
    trade.products.push_back(product.name);
  }
  for (std::size_t visit = 0; visit < shop.visits.size(); ++visit) {
    const Session& session = shop.visits[visit];
    const Customer& customer = shop.customer_of(session);
    Random random = stream(options.seed, Purpose::baskets, static_cast<Index>(visit));
    for (const auto& name : session.viewed) {
      const std::int32_t place = place_of.at(name);
      const Product& product = shop.products[static_cast<std::size_t>(place)];
      if (!random.chance(logistic(-3 + appeal(customer, product, 0)))) continue;
      TradeLine line{static_cast<std::int32_t>(session.customer), place, 7.0 * static_cast<double>(session.week),
                     1 + draw_count(random, 0.5), product.price};
      trade.lines.push_back(line);
      line.units = -line.units;
      if (random.chance(logistic(-1.5 - product.quality + customer.tastes.demanding))) trade.lines.push_back(line);
    }
  }
  trade.end = 7.0 * static_cast<double>(options.weeks);
  return trade;
}

}  // namespace polytask::examples
