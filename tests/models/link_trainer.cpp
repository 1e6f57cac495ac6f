// Whole training runs of models with a link between tasks.
#include "funnel.hpp"

#include "polytask/metrics/violation_share.hpp"
#include "polytask/models/entire_space.hpp"
#include "polytask/models/information_transfer.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/training/evaluate.hpp"
#include "polytask/training/trainer.hpp"

#include <cmath>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

using Products = pt::EntireSpace<"view", "click", "purchase">;
using Transfer = pt::InformationTransfer<"view", "click", "purchase">;

template <class Link>
void losses_fall(Link link) {
  auto model = funnel::three_tasks<float>(pt::HardSharing{pt::mlp({8})}, link);
  const auto data = funnel::data<float>(2000, 1, {.steps = funnel::opposite, .missing = 0.1});
  const auto before = pt::evaluate(model, data);
  pt::Trainer(model, pt::Adam{.rate = 0.01}).fit(data, {.epochs = 5, .batch = 128});
  const auto after = pt::evaluate(model, data);
  for (std::size_t task = 0; task < 3; ++task) CHECK(after[task].loss < 0.85 * before[task].loss);
}

}  // namespace

TEST_CASE("training with a chain of products lowers every loss") {
  losses_fall(Products{});
  losses_fall(Products{.counterfactual = pt::Counterfactual::inverse_propensity});
  losses_fall(Products{.counterfactual = pt::Counterfactual::doubly_robust});
}

TEST_CASE("training with information transfer lowers every loss") {
  losses_fall(Transfer{});
  losses_fall(Transfer{.calibration = 0});
}

TEST_CASE("a task of a chain can be trained and validated by itself") {
  auto model = funnel::three_tasks<float>(pt::HardSharing{pt::mlp({8})}, Products{});
  const auto data = funnel::data<float>(500, 1, {.steps = funnel::opposite});
  const auto validation = funnel::data<float>(300, 2, {.steps = funnel::opposite});
  pt::Trainer trainer(model, pt::Adam{.rate = 0.01});
  const std::string last(model.names()[0]);
  const auto& history = trainer.fit(data, {.epochs = 2, .encoded_validation = &validation, .only = {last}});
  const auto all = pt::evaluate(model, validation);
  const auto one = pt::evaluate(model, validation, {}, {}, {1, 0, 0});
  CHECK(one[0].loss == Approx(all[0].loss).epsilon(1e-6));
  for (const std::size_t other : {1, 2}) {
    CHECK(std::isnan(one[other].loss));  // what it depends on is predicted, and not told
    CHECK(std::isnan(history.epochs[0].validation_losses[other]));
  }
}

TEST_CASE("the calibrator makes purchases likelier than clicks much rarer") {
  const auto test = funnel::data<float>(4000, 99);
  const auto share = [&](double calibration) {
    double sum = 0;
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      const auto train = funnel::data<float>(3000, seed);
      auto model = funnel::two_tasks<float>(pt::HardSharing{pt::mlp({16})},
                                            pt::InformationTransfer<"click", "purchase">{.calibration = calibration});
      model.initialize(seed);
      pt::Trainer(model, pt::Adam{.rate = 0.01}).fit(train, {.epochs = 5, .batch = 64, .seed = seed});
      sum += pt::violation_share(model.predict<"click">(test), model.predict<"purchase">(test)) / 5;
    }
    return sum;
  };
  const double without = share(0);
  const double with = share(0.6);
  const double strongly = share(2);
  INFO("violations: " << without << " without, " << with << " with, " << strongly << " with a strong one");
  CHECK(without > 0.02);
  CHECK(with < 0.5 * without);
  CHECK(strongly < 0.7 * with);
}
