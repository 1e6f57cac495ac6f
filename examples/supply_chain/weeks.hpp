/// @file
/// Products and what was sold of each, week after week: the table of UCI data set 396, or the simulated shop's.
#pragma once

#include "open_data.hpp"
#include "polytask/data/csv.hpp"
#include "simulation/simulation.hpp"

#include <array>
#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

/// The history of one product.
struct ProductWeeks {
  std::string name;
  std::string category = {};           ///< empty where none is known
  std::vector<double> sold = {};       ///< units, one number a week
  std::vector<double> discounts = {};  ///< 0 to 1, one a week and known in advance; empty where there are none
};

using SalesHistory = std::vector<ProductWeeks>;

/// 811 products in 52 weeks. The file's columns MIN, MAX and "Normalized ..." are not read: they were computed from all
/// weeks, those to be predicted included.
/// @throws DataError when there is no product, or a week has no number
inline SalesHistory read_weekly_sales(const std::filesystem::path& directory) {
  constexpr int weeks = 52;
  CsvColumns columns{.keys = {"Product_Code"}};
  for (int week = 0; week < weeks; ++week) columns.numbers.push_back("W" + std::to_string(week));
  const Table table =
      parse_csv(read_data(directory, {"Sales_Transactions_Dataset_Weekly.csv"}), "weekly sales", columns);
  SalesHistory history;
  for (Index row = 0; row < table.size(); ++row) {
    ProductWeeks product{.name = std::string(table.categories("Product_Code").at(row))};
    for (const auto& name : columns.numbers) {
      product.sold.push_back(table.numbers(name).values[static_cast<std::size_t>(row)]);
      require<DataError>(!std::isnan(product.sold.back()), table.place(), "column '", name, "', ", table.row_name(row),
                         ": there are no units");
    }
    history.push_back(std::move(product));
  }
  require<DataError>(!history.empty(), table.place(), "there are no products");
  return history;
}

/// What the cities of the simulated shop order of each product.
inline SalesHistory simulated_weekly_sales(const ShopOptions& options) {
  const auto cities = make_cities(options.seed);
  SalesHistory history;
  for (Index number = 0; number < options.products; ++number) {
    const Product product = make_product(options.seed, number);
    ProductWeeks weeks{.name = product.name, .category = product.category};
    for (Index week = 0; week < options.weeks; ++week) {
      const double discount = discount_of(options.seed, number, week);
      double units = 0;
      for (std::size_t city = 0; city < cities.size(); ++city)
        units += draw_demand(options.seed, mean_demand(cities[city], product, discount, week), static_cast<Index>(city),
                             number, week);
      weeks.sold.push_back(units);
      weeks.discounts.push_back(discount);
    }
    history.push_back(std::move(weeks));
  }
  return history;
}

}  // namespace polytask::examples
