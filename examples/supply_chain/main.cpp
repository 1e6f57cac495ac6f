/// @file
/// How much of every product to have in each of the next four weeks? The quantiles of the demand are predicted, all
/// weeks together.
#include "experiment.hpp"
#include "forecasts.hpp"
#include "order_decision.hpp"
#include "parse.hpp"
#include "policies.hpp"
#include "polytask/optimizers/adam.hpp"

#include <iostream>
#include <string>

namespace pt = polytask;

int main(int count, char** words) {
  pt::examples::Arguments arguments;
  arguments.epochs = 100;
  pt::examples::ShopOptions options{.seed = 11};
  pt::examples::OrderCosts costs;
  const auto policies = pt::examples::few_policies();
  pt::examples::CommandLine line("Demand of the next four weeks, its quantiles: how much of every product to order?",
                                 arguments, pt::examples::names_of(policies));
  line.add("--holding", costs.holding, "cost of a unit too many", 0, 1e9);
  line.add("--shortage", costs.shortage, "cost of a unit too few", 0, 1e9);
  line.parse(count, words);

  return pt::examples::guarded([&] {
    costs.check(pt::examples::predicted_levels);
    const auto found = pt::examples::find_data(arguments, "weekly_sales");
    const auto history =
        found ? pt::examples::read_weekly_sales(*found) : pt::examples::simulated_weekly_sales(options);

    // By time: the last eight weeks are tested on, the four before them are for validation. No row that is learnt from
    // has a label of a later week than its part.
    constexpr pt::Index horizon = pt::examples::horizon;
    const auto weeks = static_cast<pt::Index>(history.front().sold.size());
    const pt::Index test_from = weeks - 8;  // the first week that is tested on
    const pt::Index validation_from = test_from - 4;
    const auto train = pt::examples::forecast_rows(history, pt::examples::memory - 1, validation_from - 1 - horizon);
    const auto validation = pt::examples::forecast_rows(history, validation_from - 1, test_from - 1 - horizon);
    const auto test = pt::examples::forecast_rows(history, test_from - 1, weeks - 1 - horizon);
    std::cout << "Sales of " << history.size() << " products in " << weeks << " weeks"
              << (found ? " from " + found->string() : std::string(" of the simulated shop")) << "; tested on weeks "
              << test_from + 1 << " to " << weeks << "." << std::endl;

    pt::examples::run({.name = "supply_chain",
                       .arguments = arguments,
                       .train = train,
                       .test = test,
                       .validation = &validation,
                       .features = pt::features(train, {.embedding_width = 4}),
                       .policies = policies,
                       .fit = {.epochs = arguments.epochs, .batch = 256, .patience = 6, .threads = arguments.threads},
                       .optimizer = pt::AnyOptimizer<float>(pt::Adam{.rate = 1e-3}),
                       .decision = pt::examples::order_decision(test, costs)});
  });
}
