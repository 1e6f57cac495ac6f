/// @file
/// How many days before goods are needed should their delivery be scheduled? Days late, late or not, freight and weight
/// are predicted together when a delivery is scheduled.
#include "buffer_decision.hpp"
#include "experiment.hpp"
#include "parse.hpp"
#include "policies.hpp"
#include "polytask/optimizers/adam.hpp"
#include "shipments.hpp"
#include "simulated.hpp"

#include <iostream>
#include <limits>
#include <string>

namespace pt = polytask;

namespace {

/// The rows that are scheduled from `first` on, and before `last`.
pt::Table scheduled_between(const pt::Table& deliveries, double first, double last) {
  std::vector<pt::Index> rows;
  const auto& days = deliveries.numbers("scheduled").values;
  for (std::size_t row = 0; row < days.size(); ++row)
    if (days[row] >= first && days[row] < last) rows.push_back(static_cast<pt::Index>(row));
  return deliveries.rows(rows);
}

}  // namespace

int main(int count, char** words) {
  pt::examples::Arguments arguments;
  arguments.weighting = "fixed";
  // the decision is by how late deliveries are; the losses of the other tasks are larger
  arguments.fixed_weights = {{"late", 0.5}, {"freight", 0.03}, {"weight", 0.03}};
  arguments.epochs = 80;
  pt::examples::ShopOptions options{.sessions = 60000, .seed = 11};
  pt::examples::OrderCosts costs{.holding = 1, .shortage = 9};
  const auto policies = pt::examples::few_policies();
  pt::examples::CommandLine line(
      "Deliveries: how late will they be, what will they cost, and how early to schedule them?", arguments,
      pt::examples::names_of(policies));
  line.add("--holding", costs.holding, "cost of a day early", 0, 1e9);
  line.add("--shortage", costs.shortage, "cost of a day late", 0, 1e9);
  line.add("--sessions", options.sessions, "sessions of the simulated shop");
  line.parse(count, words);

  return pt::examples::guarded([&] {
    costs.check(pt::examples::predicted_levels);
    // By time: what is scheduled from 2014 on is tested on (of the simulated shop: the last 12 weeks), and the half
    // year (the six weeks) before is for validation. What is learnt from was scheduled before, with what was known at
    // the cut.
    const auto found = pt::examples::find_data(arguments, "scms_delivery");
    const double cut = found ? pt::DateTime{.year = 2014}.days() : 40;
    const auto all = found ? pt::examples::read_shipments(*found, cut) : pt::examples::simulated_parcels(options);
    const double validation_from = found ? pt::DateTime{.year = 2013, .month = 7}.days() : 34;
    const auto train = scheduled_between(all, 0, validation_from);
    const auto validation = scheduled_between(all, validation_from, cut);
    const auto test = scheduled_between(all, cut, std::numeric_limits<double>::infinity());
    std::cout << "Deliveries" << (found ? " of " + found->string() : std::string(" of the simulated shop")) << ": "
              << train.size() << " to learn from, " << test.size() << " scheduled later to test on." << std::endl;

    pt::examples::run({.name = "deliveries",
                       .arguments = arguments,
                       .train = train,
                       .test = test,
                       .validation = &validation,
                       .features = pt::features(train, {.scaling = pt::Scaling::quantile, .minimum_count = 5}),
                       .policies = policies,
                       .fit = {.epochs = arguments.epochs, .batch = 256, .patience = 10, .threads = arguments.threads},
                       .optimizer = pt::AnyOptimizer<float>(pt::Adam{.rate = 1e-3}),
                       .decided_by = {"days_late"},
                       .decision = pt::examples::buffer_decision(
                           train, validation, scheduled_between(all, 0, cut), test, costs,
                           pt::text("How many days early to schedule each delivery, when a day early costs ",
                                    costs.holding, " and a day late ", costs.shortage, "?"))});
  });
}
