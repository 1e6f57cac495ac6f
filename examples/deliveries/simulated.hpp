/// @file
/// Parcels of the simulated shop: how late they come, and what they weigh and cost.
#pragma once

#include "simulation/simulation.hpp"

#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

/// One row a purchase, in order of time; labels as those of real deliveries.
///
/// Bulky goods (those of the categories that are complicated, more or less) come later, weigh more and cost more to
/// send. Parcels come late in the season, and where the way is long. Who sends it, the shop's own van or one of two
/// carriers, is chosen by the city; one carrier is slow with bulky goods. The freight of three parcels in ten is in the
/// price of the goods, and not known.
inline Table simulated_parcels(const ShopOptions& options) {
  static constexpr std::array<const char*, 3> carriers{"own van", "carrier A", "carrier B"};
  const Shop shop = simulate_shop(options);
  std::vector<Index> rows;
  std::vector<std::string> carrier, route;
  std::vector<double> days_late, late, freight, weight, scheduled;
  for (Index row = 0; row < shop.sessions.size(); ++row) {
    const Session& session = shop.visits[static_cast<std::size_t>(row)];
    if (!session.purchase) continue;
    const Product& product = shop.product_of(session);
    const City& city = shop.city_of(shop.customer_of(session));
    Random random = stream(options.seed, Purpose::parcels, row);
    const auto sender = static_cast<std::size_t>(shop.customer_of(session).city) % carriers.size();
    const double slowness = -0.6 + 0.5 * product.complexity * (sender == 2 ? 2.0 : 1.0) + 0.5 * season(session.week) +
                            0.4 * std::log(city.distance);
    const double days = draw_count(random, std::exp(slowness + 0.3 * random.normal())) - 1;
    const double kilograms = std::exp(0.5 + 0.9 * product.complexity + 0.3 * random.normal());
    const bool paid_with_goods = random.chance(0.3);
    rows.push_back(row);
    carrier.emplace_back(carriers[sender]);
    route.push_back(text(carriers[sender], ", ", city.name));
    days_late.push_back(days);
    late.push_back(days > 0 ? 1 : 0);
    weight.push_back(kilograms);
    freight.push_back(
        paid_with_goods ? missing : (3 + 2 * kilograms) * (1 + 0.3 * city.distance) * std::exp(0.2 * random.normal()));
    scheduled.push_back(static_cast<double>(session.week));
  }
  const Table purchases = shop.sessions.rows(rows);
  Table parcels(purchases.source());
  for (const char* name : {"price", "discount", "product_days", "stock", "delivery_days", "season", "city", "weekday",
                           "product", "brand", "category"})
    parcels.add(name, Use::feature, purchases.column(name).values);
  parcels.add_categories("carrier", carrier)
      .add_numbers("days_late", std::move(days_late), Use::label)
      .add_numbers("late", std::move(late), Use::label)
      .add_numbers("freight", std::move(freight), Use::label)
      .add_numbers("weight", std::move(weight), Use::label)
      .add_categories("route", route, Use::key)
      .add_numbers("scheduled", std::move(scheduled), Use::key);
  return parcels;
}

}  // namespace polytask::examples
