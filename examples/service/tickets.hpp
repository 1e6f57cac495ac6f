/// @file
/// Tickets of an IT service desk, one row each, as they were when they opened: the event log of Amaral, Fantinato and
/// Peres, UCI data set 498.
#pragma once

#include "arguments.hpp"
#include "open_data.hpp"
#include "polytask/data/csv.hpp"
#include "polytask/features/dates.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask::examples {

/// The columns of the file. Its own header begins some of them otherwise ("ident_state", "u_symptom"), and names two of
/// them "category".
inline const std::vector<std::string> event_columns{"number",
                                                    "state",
                                                    "active",
                                                    "reassignment_count",
                                                    "reopen_count",
                                                    "sys_mod_count",
                                                    "made_sla",
                                                    "caller_id",
                                                    "opened_by",
                                                    "opened_at",
                                                    "sys_created_by",
                                                    "sys_created_at",
                                                    "sys_updated_by",
                                                    "sys_updated_at",
                                                    "contact_type",
                                                    "location",
                                                    "category",
                                                    "subcategory",
                                                    "symptom",
                                                    "cmdb_ci",
                                                    "impact",
                                                    "urgency",
                                                    "priority",
                                                    "assignment_group",
                                                    "assigned_to",
                                                    "knowledge",
                                                    "priority_confirmation",
                                                    "notify",
                                                    "problem_id",
                                                    "rfc",
                                                    "vendor",
                                                    "caused_by",
                                                    "closed_code",
                                                    "resolved_by",
                                                    "resolved_at",
                                                    "closed_at"};

/// @throws DataError unless the first line has the log's columns
inline void check_event_header(std::string_view line) {
  const auto same = [](const std::string& column, std::string_view found) {
    return found == column || found == "u_" + column || found == "ident_" + column ||
           (column == "subcategory" && found == "category");
  };
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto names = split_names(std::string(line));
  require<DataError>(names.size() == event_columns.size(), "incident_event_log: the header has ", names.size(),
                     " columns, not ", event_columns.size());
  for (std::size_t place = 0; place < names.size(); ++place)
    require<DataError>(same(event_columns[place], names[place]), "incident_event_log: column ", place + 1, " is '",
                       names[place], "', not '", event_columns[place], "'");
}

/// What stands in a ticket when it opens. closed_code, resolved_by, resolved_at and closed_at stand in every event of
/// the log, from the first on, but are of its end.
inline const std::vector<std::string> opening_columns{
    "caller_id", "opened_by", "contact_type", "location",         "category",  "subcategory",          "symptom",
    "impact",    "urgency",   "priority",     "assignment_group", "knowledge", "priority_confirmation"};

/// First and last event of each ticket.
struct TicketEvents {
  std::vector<Index> first;
  std::vector<Index> last;
};

/// The tickets in the order of the log. Those that are resolved in their first event wait in no queue and are left out,
/// as are those whose opening is not in the log.
inline TicketEvents ticket_events(const Table& events) {
  const auto& tickets = events.categories("number");
  const auto& states = events.categories("state");
  const auto& changes = events.numbers("sys_mod_count").values;
  std::vector<Index> first(tickets.names.size(), -1);
  std::vector<Index> last(tickets.names.size(), -1);
  for (Index event = 0; event < events.size(); ++event) {
    const auto ticket = static_cast<std::size_t>(tickets.codes[static_cast<std::size_t>(event)]);
    if (first[ticket] < 0) first[ticket] = event;
    last[ticket] = event;
  }
  TicketEvents found;
  for (std::size_t ticket = 0; ticket < first.size(); ++ticket) {
    if (changes[static_cast<std::size_t>(first[ticket])] > 0 || states.at(first[ticket]) == "Resolved") continue;
    found.first.push_back(first[ticket]);
    found.last.push_back(last[ticket]);
  }
  return found;
}

/// Days since 1970 of a column of dates; missing where there is none.
inline std::vector<double> days_of(const Table& events, const std::string& column) {
  const auto& texts = events.categories(column);
  std::vector<double> days;
  for (Index row = 0; row < events.size(); ++row) {
    const auto text = texts.at(row);
    const auto date = parse_date(text, DateOrder::day_first);
    require<DataError>(text.empty() || date.has_value(), events.place(), "column '", column, "', row ", row,
                       " (counted from 0): '", text, "' is no date like 29/2/2016 01:16");
    days.push_back(date ? date->days() : missing);
  }
  return days;
}

/// What the desk knew at each ticket's opening of the tickets before it.
inline void add_past(Table& tickets, const std::vector<double>& opened, const std::vector<double>& closed,
                     const std::vector<double>& breach) {
  const auto& callers = tickets.categories("caller_id");
  std::vector<double> openings = opened;
  std::vector<double> closings = closed;
  std::sort(openings.begin(), openings.end());
  std::sort(closings.begin(), closings.end());
  const auto before = [](const std::vector<double>& sorted, double time) {
    return static_cast<double>(std::lower_bound(sorted.begin(), sorted.end(), time) - sorted.begin());
  };
  std::vector<std::vector<std::size_t>> of_caller(callers.names.size());
  std::vector<double> last_day, unclosed, earlier, earlier_breaches;
  for (std::size_t ticket = 0; ticket < opened.size(); ++ticket) {
    const double now = opened[ticket];
    last_day.push_back(before(openings, now) - before(openings, now - 1));
    unclosed.push_back(before(openings, now) - before(closings, now));
    double known = 0;
    double breached = 0;
    const auto caller = callers.codes[ticket];
    if (caller != missing_code) {
      auto& own = of_caller[static_cast<std::size_t>(caller)];
      for (const auto other : own)
        if (closed[other] < now) {
          ++known;
          breached += breach[other];
        }
      own.push_back(ticket);
    }
    earlier.push_back(known);
    earlier_breaches.push_back(known > 0 ? breached / known : missing);
  }
  tickets.add_numbers("opened_last_day", std::move(last_day))
      .add_numbers("unclosed_tickets", std::move(unclosed))
      .add_numbers("caller_tickets", std::move(earlier))
      .add_numbers("caller_breach_share", std::move(earlier_breaches));
}

/// All tickets in the order of their opening: what is known then as features, what comes of them as labels.
/// @param today days since 1970: of the tickets that opened before, the outcome is missing if they are not closed on
/// that
///              day; those that open later have all their labels, to be tested on
/// @throws DataError when the file does not have the log's columns
inline Table read_tickets(const std::filesystem::path& directory, double today) {
  std::string bytes = read_data(directory, {"incident_event_log.csv", "incident_event_log.csv.xz"});
  const std::size_t header_end = (std::min)(bytes.find('\n'), bytes.size());
  check_event_header(std::string_view(bytes).substr(0, header_end));
  bytes.erase(0, header_end + 1);
  const Table events = parse_csv(bytes, "incident_event_log",
                                 {.numbers = {"sys_mod_count", "reassignment_count"},
                                  .categories = opening_columns,
                                  .keys = {"number", "state", "made_sla", "opened_at", "resolved_at", "closed_at"}},
                                 {.header = event_columns, .missing = {"?"}});
  const auto [first, last] = ticket_events(events);
  const Table openings = events.rows(first);
  const Table endings = events.rows(last);
  const auto opened = days_of(openings, "opened_at");
  const auto resolved = days_of(endings, "resolved_at");
  const auto closed = days_of(endings, "closed_at");

  Table tickets(events.source());
  for (const auto& name : opening_columns)
    tickets.add(name == "priority" ? "opening_priority" : name, Use::feature, openings.column(name).values);
  std::vector<std::string> weekdays, hours_of_day;
  std::vector<double> breach, reassigned, hours;
  for (std::size_t ticket = 0; ticket < opened.size(); ++ticket) {
    const auto row = static_cast<Index>(ticket);
    const auto date = parse_date(openings.categories("opened_at").at(row), DateOrder::day_first);
    weekdays.emplace_back(weekday_names[static_cast<std::size_t>(date->weekday())]);
    hours_of_day.push_back(std::to_string(date->hour));
    breach.push_back(endings.categories("made_sla").at(row) == "false" ? 1 : 0);
    reassigned.push_back(endings.numbers("reassignment_count").values[ticket] > 0 ? 1 : 0);
    hours.push_back((std::max)(24 * (resolved[ticket] - opened[ticket]), 0.0));  // stays missing
  }
  tickets.add_categories("weekday", weekdays).add_categories("hour", hours_of_day);
  add_past(tickets, opened, closed, breach);

  auto priority = endings.categories("priority");
  for (std::size_t ticket = 0; ticket < opened.size(); ++ticket) {
    if (opened[ticket] >= today || closed[ticket] < today) continue;
    breach[ticket] = reassigned[ticket] = hours[ticket] = missing;
    priority.codes[ticket] = missing_code;
  }
  tickets.add_numbers("breach", std::move(breach), Use::label)
      .add("priority", Use::label, std::move(priority))
      .add_numbers("reassigned", std::move(reassigned), Use::label)
      .add_numbers("hours", std::move(hours), Use::label)
      .add_numbers("opened", opened, Use::key);
  std::vector<Index> order(opened.size());
  std::iota(order.begin(), order.end(), Index{0});
  std::stable_sort(order.begin(), order.end(), [&](Index left, Index right) {
    return opened[static_cast<std::size_t>(left)] < opened[static_cast<std::size_t>(right)];
  });
  return tickets.rows(order);
}

}  // namespace polytask::examples
