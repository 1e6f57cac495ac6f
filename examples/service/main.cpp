/// @file
/// In which order to work the tickets of a service desk? Breach of the service level, final priority, reassignment and
/// hours to resolve are predicted together when a ticket opens.
#include "experiment.hpp"
#include "parse.hpp"
#include "policies.hpp"
#include "polytask/data/number_text.hpp"
#include "polytask/optimizers/adam.hpp"
#include "queue.hpp"
#include "simulated.hpp"
#include "tickets.hpp"

#include <cmath>
#include <iostream>
#include <string>

namespace pt = polytask;

namespace {

/// Tickets to learn from and to choose the best epoch on, opened before those to be tested on.
struct Desk {
  pt::Table train;
  pt::Table validation;
  pt::Table test;
  std::string column;  ///< that alone says most
};

/// The rows whose opening is from `first` on, and before `last`.
pt::Table opened_between(const pt::Table& tickets, double first, double last) {
  std::vector<pt::Index> rows;
  const auto& opened = tickets.numbers("opened").values;
  for (std::size_t row = 0; row < opened.size(); ++row)
    if (opened[row] >= first && opened[row] < last) rows.push_back(static_cast<pt::Index>(row));
  return tickets.rows(rows);
}

/// Learnt from: tickets opened before 1 May 2016, the last ten days for validation, with what was known of them on that
/// day. Tested on: those of May; later ones are too few a day for a queue.
Desk real_desk(const std::filesystem::path& directory) {
  const auto day = [](int month, int of_month) {
    return pt::DateTime{.year = 2016, .month = month, .day = of_month}.days();
  };
  const auto tickets = pt::examples::read_tickets(directory, day(5, 1));
  return {opened_between(tickets, 0, day(4, 21)), opened_between(tickets, day(4, 21), day(5, 1)),
          opened_between(tickets, day(5, 1), day(6, 1)), "assignment_group"};
}

/// Learnt from: the first 40 weeks, the last six for validation. Tested on: the other 12.
Desk simulated_desk(const pt::examples::ShopOptions& options) {
  const auto tickets = pt::examples::simulated_tickets(options);
  return {opened_between(tickets, 0, 34), opened_between(tickets, 34, 40), opened_between(tickets, 40, 52), "category"};
}

}  // namespace

int main(int count, char** words) {
  pt::examples::Arguments arguments;
  arguments.weighting = "fixed";
  arguments.fixed_weights = {{"priority", 0.3}, {"reassigned", 0.5}, {"hours", 0.3}};  // breach is what is decided by
  arguments.epochs = 40;
  pt::examples::ShopOptions options{.sessions = 120000, .seed = 11};
  const auto policies = pt::examples::few_policies();
  pt::examples::CommandLine line("Tickets of a service desk: which will break the service level, and which come first?",
                                 arguments, pt::examples::names_of(policies));
  line.add("--sessions", options.sessions, "sessions of the simulated shop");
  line.parse(count, words);

  return pt::examples::guarded([&] {
    const auto found = pt::examples::find_data(arguments, "incident_event_log");
    const Desk desk = found ? real_desk(*found) : simulated_desk(options);
    std::vector<double> days;
    for (const double opened : desk.test.numbers("opened").values) days.push_back(std::floor(opened));
    pt::examples::Urgency priority;
    for (pt::Index row = 0; row < desk.test.size(); ++row) {
      double rank = 0;  // 1 is the most urgent; a ticket without one comes last
      const bool ranked = pt::parse_number(desk.test.categories("opening_priority").at(row), rank);
      priority.push_back(ranked ? -rank : -HUGE_VAL);
    }
    const pt::examples::Queues queues(desk.test, "breach", days);
    std::cout << (found ? "Tickets of " + found->string() : std::string("Tickets of the simulated shop")) << ": "
              << desk.train.size() << " to learn from, " << desk.test.size() << " opened later to test on, in "
              << queues.count() << (found ? " daily" : " weekly") << " queues." << std::endl;

    pt::examples::run(
        {.name = "service",
         .arguments = arguments,
         .train = desk.train,
         .test = desk.test,
         .validation = &desk.validation,
         .features = pt::features(desk.train, {.scaling = pt::Scaling::quantile, .minimum_count = 5}),
         .policies = policies,
         .fit = {.epochs = arguments.epochs, .batch = 256, .patience = 6, .threads = arguments.threads},
         .optimizer = pt::AnyOptimizer<float>(pt::Adam{.rate = 2e-3}),
         .decided_by = {"breach"},
         .decision = pt::examples::queue_decision(
             "In which order to work the tickets that wait?", "% of the breaches", "breach", desk.test, queues,
             {{"first come", pt::examples::first_come(desk.test)},
              {"opening priority", priority},
              {"past share of the " + desk.column,
               pt::examples::past_share(desk.train, desk.test, desk.column, "breach")}})});
  });
}
