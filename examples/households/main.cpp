/// @file
/// User profiles, second data set: Census-Income (KDD). Income, education and marital status of a person are three
/// tasks of one model, and the decision is to whom to make an offer that pays with a high income.
#include "experiment.hpp"
#include "parse.hpp"
#include "people.hpp"
#include "policies.hpp"
#include "polytask/optimizers/adam.hpp"
#include "profiles/offers.hpp"

#include <iostream>
#include <vector>

namespace pt = polytask;

int main(int count, char** words) {
  const std::vector policies{pt::examples::separate_sharing(), pt::examples::hard_sharing(),
                             pt::examples::omoe_sharing(), pt::examples::mmoe_sharing()};
  pt::examples::Arguments arguments;
  arguments.epochs = 20;
  pt::examples::Offer offer{
      .cost = 2, .margin = 10, .pays_when = "the one who gets it earns more than 50,000", .rows = "people"};
  pt::Index rows = 60000;
  pt::examples::CommandLine line("People: income, education and marital status together, and to whom to make an offer",
                                 arguments, pt::examples::names_of(policies));
  line.add("--cost", offer.cost, "of making the offer once", 0, 1e9);
  line.add("--margin", offer.margin, "earned when the one who gets it earns more than 50,000", 0, 1e9);
  line.add("--rows", rows, "of the training file to learn from, the first ones");
  line.parse(count, words);

  return pt::examples::guarded([&] {
    // The data: real ones where they are found, else simulated ones with the same labels; people to learn from, and
    // others to be tested on.
    const auto directory = pt::examples::find_data(arguments, "census_income_kdd");
    const auto [train, test] =
        directory ? pt::examples::census_people(*directory, rows) : pt::examples::simulate_people();
    std::cout << train.size() << " people of " << train.source() << " to learn from, " << test.size()
              << " to be tested on" << std::endl;

    pt::examples::run({.name = "households",
                       .arguments = arguments,
                       .train = train,
                       .test = test,
                       .features = pt::features(train, {.scaling = pt::Scaling::log1p, .embedding_width = 4}),
                       .policies = policies,
                       .fit = {.epochs = arguments.epochs, .batch = 512, .patience = 3},
                       .optimizer = pt::AnyOptimizer<float>(pt::Adam{.rate = 1e-3}),
                       .decision = pt::examples::live_offers(offer, train, test, "over_50k", "income")});
  });
}
