/// @file
/// Census-Income (KDD), the data set on which multi-task models of tables are compared most often: does a person earn
/// more than 50,000, and has the person never married?
#include "census.hpp"
#include "experiment.hpp"
#include "parse.hpp"
#include "policies.hpp"
#include "polytask/optimizers/adam.hpp"
#include "sharing/aitm.hpp"

#include <iostream>
#include <string>

namespace pt = polytask;

int main(int count, char** words) {
  pt::examples::Arguments arguments;
  arguments.epochs = 80;
  arguments.fixed_weights = {{"never_married", 0.5}};  // income is rare (6 %): this makes up for its smaller loss
  std::uint64_t split_seed = 1;
  auto policies = pt::examples::every_policy();
  policies.push_back(pt::examples::aitm_sharing());
  pt::examples::CommandLine line("Census-Income (KDD): income over 50,000 and never married, together and each alone",
                                 arguments, pt::examples::names_of(policies));
  line.add("--split-seed", split_seed, "of the halves of the test file for validation and test");
  line.parse(count, words);

  return pt::examples::guarded([&] {
    const auto directory = pt::examples::data_directory(arguments, "census_income_kdd");
    std::cout << "Reading " << directory.lexically_normal().string() << std::endl;
    const auto census = pt::examples::read_census(directory, split_seed);
    pt::examples::run({.name = "census",
                       .arguments = arguments,
                       .train = census.train,
                       .test = census.test,
                       .validation = &census.validation,
                       .features = pt::features(census.train, {.scaling = pt::Scaling::log1p, .embedding_width = 4}),
                       .policies = policies,
                       .fit = {.epochs = arguments.epochs,
                               .batch = 1024,
                               .patience = 10,
                               .stop_on = "over_50k",
                               .threads = arguments.threads},
                       .optimizer = pt::AnyOptimizer<float>(pt::Adam{.rate = 1e-3, .weight_decay = 1e-4}),
                       .schedules = {{"over_50k", pt::piecewise_linear({{1, 0.5}, {10, 1.5}})}}});
  });
}
