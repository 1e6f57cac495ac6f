/// @file
/// A simulated shop, seven tasks from the five areas in which a shop decides, learnt together and alone.
#include "experiment.hpp"
#include "parse.hpp"
#include "policies.hpp"
#include "polytask/data/csv.hpp"
#include "polytask/data/csv_writer.hpp"
#include "polytask/data/split.hpp"
#include "polytask/optimizers/adam.hpp"
#include "simulation/simulation.hpp"
#include "tell.hpp"

#include <iostream>
#include <string>

namespace pt = polytask;

namespace {

/// The columns of sessions.csv, as --export writes it.
pt::CsvColumns columns_of(const pt::Table& sessions) {
  pt::CsvColumns columns;
  for (const auto& column : sessions.columns()) {
    const bool numbers = std::holds_alternative<pt::NumberColumn>(column.values);
    if (column.use == pt::Use::label) (numbers ? columns.labels : columns.classes).push_back(column.name);
    if (column.use == pt::Use::key && !numbers) columns.keys.push_back(column.name);
    if (column.use != pt::Use::feature) continue;
    if (numbers)
      columns.numbers.push_back(column.name);
    else
      (std::holds_alternative<pt::CategoryColumn>(column.values) ? columns.categories : columns.lists)
          .push_back(column.name);
  }
  return columns;
}

}  // namespace

int main(int count, char** words) {
  pt::examples::Arguments arguments;
  arguments.weighting = "fixed";
  // the tasks with few labels count less, so that their noise does not drown what the many labels say
  arguments.fixed_weights = {{"segment", 0.3}, {"complaint", 0.3}, {"hours", 0.3}};
  arguments.epochs = 60;
  const auto policies = pt::examples::every_policy();
  pt::examples::ShopOptions options;
  options.seed = 11;
  std::string export_to;
  pt::examples::CommandLine line("A simulated shop: seven tasks learnt together, compared with each learnt alone",
                                 arguments, pt::examples::names_of(policies));
  line.add("--sessions", options.sessions, "sessions to simulate");
  line.add("--shop-seed", options.seed, "seed of the simulation");
  line.add("--export", export_to, "write the simulated sessions to DIR/sessions.csv, to be read with --data DIR");
  line.parse(count, words);

  return pt::examples::guarded([&] {
    pt::Table sessions = pt::examples::simulate_shop(options).sessions;
    const pt::CsvFormat format{.list_separator = '|'};  // names of products have blanks in them
    if (!export_to.empty()) pt::write_csv(std::filesystem::path(export_to) / "sessions.csv", sessions, format);
    if (!arguments.data.empty()) sessions = pt::read_csv(arguments.data / "sessions.csv", columns_of(sessions), format);

    // a customer is either learnt from or tested on
    const auto [train, test] = pt::split(sessions, {.test_fraction = 0.4, .seed = 1, .group = "customer"});
    pt::examples::run({.name = "shop",
                       .arguments = arguments,
                       .train = train,
                       .test = test,
                       .group = "customer",
                       .features = pt::features(train, {.scaling = pt::Scaling::quantile, .embedding_width = 8}),
                       .policies = policies,
                       .fit = {.epochs = arguments.epochs, .batch = 256, .patience = 8, .threads = arguments.threads},
                       .optimizer = pt::AnyOptimizer<float>(pt::Adam{.rate = 2e-3}),
                       // what sells, and what is complained about, matters more in the season
                       .schedules = {{"spend", pt::seasonal(12, 0.5)},
                                     {"demand", pt::seasonal(12, 0.5)},
                                     {"complaint", pt::seasonal(12, 0.5, 0.5)}},
                       .tell = pt::examples::tell});
  });
}
