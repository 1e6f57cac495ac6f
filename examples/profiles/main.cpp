/// @file
/// User profiles: from what a visit looks like, will it end in a purchase, who is the visitor, and what is the visit
/// worth? Three tasks in one model, and the decision whom to show a live offer.
#include "experiment.hpp"
#include "offers.hpp"
#include "parse.hpp"
#include "policies.hpp"
#include "polytask/data/split.hpp"
#include "polytask/optimizers/adam.hpp"
#include "visits.hpp"

#include <iostream>

namespace pt = polytask;

int main(int count, char** words) {
  const auto policies = pt::examples::few_policies();
  pt::examples::Arguments arguments;
  arguments.epochs = 60;
  pt::examples::Offer offer;
  pt::examples::CommandLine line(
      "Visits to a shop: purchase, visitor and page value together, and whom to show an offer", arguments,
      pt::examples::names_of(policies));
  line.add("--cost", offer.cost, "of showing the offer once", 0, 1e9);
  line.add("--margin", offer.margin, "earned when the one who sees it buys", 0, 1e9);
  line.parse(count, words);

  return pt::examples::guarded([&] {
    // The data: real ones where they are found, else simulated ones with the same labels.
    const auto directory = pt::examples::find_data(arguments, "online_shoppers");
    const pt::Table visits = directory ? pt::examples::read_visits(*directory) : pt::examples::simulate_visits();
    std::cout << visits.size() << " visits of " << visits.source() << std::endl;

    // The split: the latest visits are tested on. November and December of the real data are 38 % of the visits.
    const auto [train, test] = pt::split(visits, {.test_fraction = directory ? 0.38 : 0.3, .time = "time"});

    pt::examples::run({.name = "profiles",
                       .arguments = arguments,
                       .train = train,
                       .test = test,
                       .features = pt::features(train, {.scaling = pt::Scaling::quantile, .embedding_width = 4}),
                       .policies = policies,
                       .fit = {.epochs = arguments.epochs, .batch = 256, .patience = 6},
                       .optimizer = pt::AnyOptimizer<float>(pt::Adam{.rate = 2e-3}),
                       .decision = pt::examples::live_offers(offer, train, test, "Revenue", "purchase")});
  });
}
