/// @file
/// Tickets of the simulated shop: what becomes of its complaints.
#pragma once

#include "simulation/simulation.hpp"

#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

/// Hours in which the simulated shop promises to resolve a complaint.
inline constexpr double promised_hours = 24;

/// One row a complaint, in order of time; columns as those of real tickets.
///
/// The desk gives a ticket its priority by the product's price. It is raised when the customer is demanding and has no
/// patience. Tickets about complicated products are reassigned more often.
inline Table simulated_tickets(const ShopOptions& options) {
  const Shop shop = simulate_shop(options);
  std::vector<Index> rows;
  std::vector<std::string> opening_priority, priority;
  std::vector<double> breach, reassigned, hours, opened;
  for (Index row = 0; row < shop.sessions.size(); ++row) {
    const Session& session = shop.visits[static_cast<std::size_t>(row)];
    if (!session.complaint) continue;
    const Customer& customer = shop.customer_of(session);
    const Product& product = shop.product_of(session);
    Random random = stream(options.seed, Purpose::tickets, row);
    const int given = product.price > 150 ? 1 : product.price > 50 ? 2 : 3;
    const bool raised = random.chance(logistic(-1.5 + customer.tastes.demanding - customer.tastes.patience));
    rows.push_back(row);
    opening_priority.push_back(std::to_string(given));
    priority.push_back(std::to_string(raised && given > 1 ? given - 1 : given));
    reassigned.push_back(random.chance(logistic(-0.7 + 0.9 * product.complexity + 0.4 * customer.tastes.demanding)));
    hours.push_back(session.hours);
    breach.push_back(session.hours > promised_hours ? 1 : 0);
    opened.push_back(static_cast<double>(session.week));
  }
  const Table complaints = shop.sessions.rows(rows);
  Table tickets(complaints.source());
  for (const auto& column : complaints.columns())
    if (column.use == Use::feature) tickets.add(column.name, Use::feature, column.values);
  tickets.add_categories("opening_priority", opening_priority)
      .add_numbers("breach", std::move(breach), Use::label)
      .add_categories("priority", priority, Use::label)
      .add_numbers("reassigned", std::move(reassigned), Use::label)
      .add_numbers("hours", std::move(hours), Use::label)
      .add_numbers("opened", std::move(opened), Use::key);
  return tickets;
}

}  // namespace polytask::examples
