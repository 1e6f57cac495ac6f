/// @file
/// Marketing: a randomised test of two mails against none. Visit, conversion and spend under each of the three arms are
/// nine tasks of one model, and the decision is which mail to send to whom under a budget.
#include "campaign.hpp"
#include "experiment.hpp"
#include "mails.hpp"
#include "parse.hpp"
#include "policies.hpp"
#include "polytask/data/split.hpp"
#include "polytask/optimizers/adam.hpp"

#include <iostream>
#include <string>
#include <vector>

namespace pt = polytask;

int main(int count, char** words) {
  const std::vector policies{pt::examples::separate_sharing(), pt::examples::hard_sharing(),
                             pt::examples::omoe_sharing(), pt::examples::mmoe_sharing()};
  pt::examples::Arguments arguments;
  arguments.aggregation = "mgda";  // what --aggregation tuned chooses on the simulated shop
  arguments.epochs = 100;
  double budget = 0.5;
  std::string outcome;
  pt::examples::CommandLine line("A test of two mails: three outcomes under three arms, and which mail to send to whom",
                                 arguments, pt::examples::names_of(policies));
  line.add("--budget", budget, "share of the customers who can get a mail", 0, 1);
  line.add("--outcome", outcome, "to be raised: visit, conversion or spend");
  line.parse(count, words);

  return pt::examples::guarded([&] {
    // The data: real ones where they are found, else simulated ones, of which the true uplift is known.
    const auto directory = pt::examples::find_data(arguments, "hillstrom");
    auto campaign = directory ? pt::examples::read_campaign(*directory) : pt::examples::simulate_campaign();
    if (!outcome.empty()) campaign.outcome = outcome;
    const pt::Table& customers = campaign.customers;
    std::cout << customers.size() << " rows of " << customers.source() << std::endl;

    // The split: half of the customers are learnt from, half are tested on, as many of each arm.
    const auto [train, test] = campaign.group.empty()
                                   ? pt::split(customers, {.test_fraction = 0.5, .seed = 1, .stratify = "arm"})
                                   : pt::split(customers, {.test_fraction = 0.5, .seed = 1, .group = campaign.group});

    pt::examples::run(
        {.name = "marketing",
         .arguments = arguments,
         .train = train,
         .test = test,
         .group = campaign.group,
         .features = pt::features(train, {.scaling = pt::Scaling::quantile, .embedding_width = 4}),
         .policies = policies,
         .fit = {.epochs = arguments.epochs, .batch = 512, .patience = 5},
         .optimizer = pt::AnyOptimizer<float>(pt::Adam{.rate = 1e-3}),
         .decided_by = {campaign.outcome + "_none", campaign.outcome + "_first", campaign.outcome + "_second"},
         .decision = pt::examples::Mails(campaign, test, budget).decision()});
  });
}
