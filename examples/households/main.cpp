/// @file
/// User profiles, second data set: Census-Income (KDD). Income, education and marital status of a person are three
/// tasks of one model, and the decision is to whom to make an offer that pays with a high income. There are no
/// simulated data.
#include "census/census.hpp"
#include "experiment.hpp"
#include "parse.hpp"
#include "policies.hpp"
#include "polytask/data/split.hpp"
#include "polytask/optimizers/adam.hpp"
#include "profiles/offers.hpp"

#include <iostream>
#include <string>
#include <vector>

namespace pt = polytask;

namespace {

/// The people of one of the two files, with education and marital status as labels.
pt::Table read_people(const std::filesystem::path& directory, const char* part) {
  const pt::Table census = pt::examples::read_census(directory, part);
  pt::Table people(census.source());
  for (const auto& column : census.columns()) {
    const bool label = column.name == "education" || column.name == "marital_stat" || column.name == "over_50k";
    if (label || column.use == pt::Use::feature)
      people.add(column.name, label ? pt::Use::label : pt::Use::feature, column.values);
  }
  return people;
}

}  // namespace

int main(int count, char** words) {
  const std::vector policies{pt::examples::separate_sharing(), pt::examples::hard_sharing(),
                             pt::examples::omoe_sharing(), pt::examples::mmoe_sharing()};
  pt::examples::Arguments arguments;
  arguments.epochs = 8;
  pt::examples::Offer offer{
      .cost = 2, .margin = 10, .pays_when = "the one who gets it earns more than 50,000", .rows = "people"};
  pt::Index rows = 60000;
  pt::examples::CommandLine line("People: income, education and marital status together, and to whom to make an offer",
                                 arguments, pt::examples::names_of(policies));
  line.add("--cost", offer.cost, "of making the offer once");
  line.add("--margin", offer.margin, "earned when the one who gets it earns more than 50,000");
  line.add("--rows", rows, "of the training file to learn from, the first ones");
  line.parse(count, words);

  return pt::examples::guarded([&] {
    // The data, split as their publisher split them: one file to learn from, one of other people to be tested on.
    const auto directory = pt::examples::data_directory(arguments, "census_income_kdd");
    std::vector<pt::Index> first;
    pt::Table train = read_people(directory, "train");
    for (pt::Index row = 0; row < rows && row < train.size(); ++row) first.push_back(row);
    train = train.rows(first);
    const pt::Table test = read_people(directory, "test");
    std::cout << train.size() << " people to learn from, " << test.size() << " to be tested on" << std::endl;

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
