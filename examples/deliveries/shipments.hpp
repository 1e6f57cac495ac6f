/// @file
/// Deliveries of health goods, one row a line of an order, as it was when the delivery was scheduled: USAID's Supply
/// Chain Management System, 2006 to 2015.
#pragma once

#include "open_data.hpp"
#include "polytask/data/csv.hpp"
#include "polytask/features/dates.hpp"

#include <cmath>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace polytask::examples {

/// What is known of a line when its delivery is scheduled. Insurance, weight and freight come later, and the numbers of
/// documents tell nothing of lines to come.
inline const std::vector<std::string> shipment_categories{
    "Project Code",     "Country",          "Managed By",         "Fulfill Via",
    "Vendor INCO Term", "Shipment Mode",    "Product Group",      "Sub Classification",
    "Vendor",           "Item Description", "Molecule/Test Type", "Brand",
    "Dosage",           "Dosage Form",      "Manufacturing Site", "First Line Designation"};

inline const std::vector<std::string> shipment_numbers{"Unit of Measure (Per Pack)", "Line Item Quantity",
                                                       "Line Item Value", "Pack Price", "Unit Price"};

/// Days since 1970 of a text; missing where it is no date: "N/A - From RDC", "Date Not Captured", "Pre-PQ Process".
inline double day_of(std::string_view text) {
  const auto date = parse_date(text);
  return date ? date->days() : missing;
}

/// A number; missing where a text stands for it: "See ASN-93 (ID#:1281)", "Freight Included in Commodity Cost".
inline double amount_of(std::string_view text) {
  double amount = 0;
  return parse_number(text, amount) ? amount : missing;
}

/// All lines, in the order of the file.
/// @param today days since 1970: of the lines that were scheduled before, the outcome is missing if they are not
/// delivered
///              on that day; those scheduled later have all their labels, to be tested on
inline Table read_shipments(const std::filesystem::path& directory, double today) {
  const std::string bytes = read_data(
      directory, {"SCMS_Delivery_History_Dataset.csv", "scms_delivery_history.csv", "scms_delivery_history.csv.xz"});
  Table table = parse_csv(bytes, "scms_delivery",
                          {.numbers = shipment_numbers,
                           .categories = shipment_categories,
                           .keys = {"PQ First Sent to Client Date", "PO Sent to Vendor Date", "Scheduled Delivery Date",
                                    "Delivered to Client Date", "Weight (Kilograms)", "Freight Cost (USD)"}});
  const auto text_of = [&](const char* column) {
    return [&values = table.categories(column)](Index row) { return values.at(row); };
  };
  const auto quoted = text_of("PQ First Sent to Client Date");
  const auto ordered = text_of("PO Sent to Vendor Date");
  const auto scheduled = text_of("Scheduled Delivery Date");
  const auto delivered = text_of("Delivered to Client Date");
  const auto weight = text_of("Weight (Kilograms)");
  const auto freight = text_of("Freight Cost (USD)");
  const auto country = text_of("Country");
  const auto source = text_of("Fulfill Via");
  std::vector<double> quote_days, lead_days, days, days_late, late, weights, freights;
  std::vector<std::string> weekdays, months, routes;
  for (Index row = 0; row < table.size(); ++row) {
    const auto date = parse_date(scheduled(row));
    require<DataError>(date.has_value(), "scms_delivery: row ", row,
                       " (counted from 0): 'Scheduled Delivery Date' is '", scheduled(row),
                       "', which is no date like 2-Jun-06");
    const double due = date->days();
    const double arrived = day_of(delivered(row));
    const bool known = !std::isnan(arrived) && (due >= today || arrived < today);
    quote_days.push_back(due - day_of(quoted(row)));
    lead_days.push_back(due - day_of(ordered(row)));
    weekdays.emplace_back(weekday_names[static_cast<std::size_t>(date->weekday())]);
    months.emplace_back(month_names[static_cast<std::size_t>(date->month - 1)]);
    routes.push_back(text(source(row), ", ", country(row)));
    days.push_back(due);
    days_late.push_back(known ? arrived - due : missing);
    late.push_back(known ? (arrived > due ? 1 : 0) : missing);
    weights.push_back(known ? amount_of(weight(row)) : missing);
    freights.push_back(known ? amount_of(freight(row)) : missing);
  }
  table.add_numbers("days since quote", std::move(quote_days))
      .add_numbers("days since order", std::move(lead_days))
      .add_categories("weekday", weekdays)
      .add_categories("month", months)
      .add_numbers("days_late", std::move(days_late), Use::label)
      .add_numbers("late", std::move(late), Use::label)
      .add_numbers("freight", std::move(freights), Use::label)
      .add_numbers("weight", std::move(weights), Use::label)
      .add_categories("route", routes, Use::key)
      .add_numbers("scheduled", std::move(days), Use::key);
  return table;
}

}  // namespace polytask::examples
