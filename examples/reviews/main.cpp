/// @file
/// Which of the letters that came in to answer first? Whether a customer would not recommend the product, the rating,
/// and how many others find the letter useful are predicted together from its words.
#include "experiment.hpp"
#include "letters.hpp"
#include "naive_bayes.hpp"
#include "parse.hpp"
#include "policies.hpp"
#include "polytask/core/by_name.hpp"
#include "polytask/data/split.hpp"
#include "polytask/optimizers/adam.hpp"
#include "service/queue.hpp"
#include "simulated.hpp"

#include <iostream>
#include <string>

namespace pt = polytask;

int main(int count, char** words) {
  pt::examples::Arguments arguments;
  arguments.weighting = "fixed";
  arguments.fixed_weights = {{"feedback", 0.1}};  // what is decided by is what the letter says
  arguments.epochs = 20;
  pt::examples::ShopOptions options{.sessions = 120000, .seed = 11};
  const auto policies = pt::examples::few_policies();
  pt::examples::CommandLine line("Letters of customers: what do they say, and which to answer first?", arguments,
                                 pt::examples::names_of(policies));
  line.add("--sessions", options.sessions, "sessions of the simulated shop");
  line.parse(count, words);

  return pt::examples::guarded([&] {
    // Neither customer nor date is in the data. By product: a product is either learnt from or tested on.
    const auto found = pt::examples::find_data(arguments, "womens_clothing_reviews");
    const auto letters = found ? pt::examples::read_reviews(*found) : pt::examples::simulated_letters(options);
    const auto [train, test] = pt::split(letters, {.test_fraction = 0.3, .seed = 1, .group = "product"});
    constexpr pt::Index a_day = 100;  // letters that wait together
    std::vector<double> days;
    for (pt::Index row = 0; row < test.size(); ++row) days.push_back(static_cast<double>(row / a_day));
    const pt::examples::Queues queues(test, "not_recommended", days);
    std::cout << "Letters " << (found ? "of " + found->string() : std::string("of the simulated shop")) << ": "
              << train.size() << " to learn from, " << test.size() << " about other products to test on." << std::endl;

    // the words of title and text are hashed into the rows of one table
    pt::ByName<pt::ColumnOptions> columns{{"words", {.hash_buckets = 4096, .table = "words"}}};
    if (test.has("title words")) columns["title words"] = {.hash_buckets = 4096, .table = "words"};
    pt::examples::run({.name = "reviews",
                       .arguments = arguments,
                       .train = train,
                       .test = test,
                       .group = "product",
                       .features = pt::features(train, {.embedding_width = 16, .list_limit = 120, .columns = columns}),
                       .policies = policies,
                       .fit = {.epochs = arguments.epochs, .batch = 128, .patience = 4, .threads = arguments.threads},
                       .optimizer = pt::AnyOptimizer<float>(pt::Adam{.rate = 2e-3}),
                       .decided_by = {"not_recommended"},
                       .decision = pt::examples::queue_decision(
                           "Which of the letters of a day to answer first?",
                           "% of the customers who do not recommend the product", "not_recommended", test, queues,
                           {{"first come", pt::examples::first_come(test)},
                            {"words one by one (naive Bayes)",
                             pt::examples::naive_bayes(train, test, "words", "not_recommended")}})});
  });
}
