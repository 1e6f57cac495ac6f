/// @file
/// Which ten products to show each customer? Buying again within eight weeks, the quantity and returns are predicted
/// together for a customer and a product.
#include "experiment.hpp"
#include "parse.hpp"
#include "policies.hpp"
#include "polytask/data/stack.hpp"
#include "polytask/optimizers/adam.hpp"
#include "ranking.hpp"

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

namespace pt = polytask;

int main(int count, char** words) {
  pt::examples::Arguments arguments;
  arguments.weighting = "fixed";
  arguments.fixed_weights = {{"quantity", 0.1}, {"returns", 0.3}};  // what is decided by is what is bought
  arguments.epochs = 8;
  pt::examples::ShopOptions options{.customers = 1500, .products = 200, .sessions = 20000, .seed = 11};
  const auto policies = pt::examples::few_policies();
  pt::examples::CommandLine line("Purchases of the next eight weeks: which ten products to show each customer?",
                                 arguments, pt::examples::names_of(policies));
  line.add("--sessions", options.sessions, "sessions of the simulated shop");
  line.parse(count, words);

  return pt::examples::guarded([&] {
    const auto found = pt::examples::find_data(arguments, "online_retail");
    const auto trade = found ? pt::examples::read_online_retail(*found) : pt::examples::simulated_trade(options);

    // By time: the last eight weeks are tested on. Learnt from are four times eight weeks before, which begin four
    // weeks apart, each from what was known when it began. Of the last, one customer in seven is for validation, and
    // not learnt from at all.
    const double test_day = trade.end - pt::examples::window;
    const double last_day = test_day - pt::examples::window;
    const auto for_validation = [](std::int32_t customer) { return customer % 7 == 0; };
    const auto others = [](std::int32_t customer) { return customer % 7 != 0; };
    std::vector<pt::Table> parts;
    for (int earlier = 3; earlier >= 0; --earlier) {
      const pt::examples::Snapshot snapshot(trade, last_day - earlier * pt::examples::window / 2);
      parts.push_back(pt::examples::sampled_pairs(trade, snapshot, static_cast<std::uint64_t>(earlier), others));
    }
    const auto train = pt::stack(parts);
    const auto validation =
        pt::examples::sampled_pairs(trade, pt::examples::Snapshot(trade, last_day), 0, for_validation);
    const auto test = pt::examples::all_pairs(trade, pt::examples::Snapshot(trade, test_day), last_day);
    std::cout << "Purchases " << (found ? "of " + found->string() : std::string("of the simulated shop")) << ": "
              << train.size() << " rows to learn from; tested on " << test.missed.size()
              << " customers who buy in the last eight weeks." << std::endl;

    pt::examples::run(
        {.name = "recommendation",
         .arguments = arguments,
         .train = train,
         .test = test.table,
         .validation = &validation,
         .features = pt::features(train, {.scaling = pt::Scaling::quantile,
                                          .list_limit = 10,
                                          .columns = {{"customer", {.embedding_width = 2, .minimum_count = 200}},
                                                      {"product", {.embedding_width = 4, .table = "products"}},
                                                      {"history", {.table = "products"}}}}),
         .policies = policies,
         .fit =
             {.epochs = arguments.epochs, .batch = 512, .patience = 3, .stop_on = "buys", .threads = arguments.threads},
         .optimizer = pt::AnyOptimizer<float>(pt::Adam{.rate = 2e-3, .weight_decay = 3e-3}),
         .other_optimizers = {pt::AnyOptimizer<float>(pt::Adam{.rate = 2e-3})},
         .decided_by = {"buys"},
         .decision = pt::examples::ranking_decision(test)});
  });
}
