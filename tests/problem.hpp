/// @file
/// A small simulated problem with every kind of feature and label, for tests of whole models.
#pragma once

#include "polytask/core/random.hpp"
#include "polytask/data/table.hpp"
#include "polytask/features/features.hpp"
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace problem {

namespace pt = polytask;

/// Rows with numbers (some missing), categories, a list, and labels for four tasks, some of them missing.
inline pt::Table table(pt::Index rows, std::uint64_t seed = 1) {
  pt::Random random(seed);
  const std::vector<std::string> cities{"Athens", "Bergen", "Cork", "Delft"};
  std::vector<double> age, income, click, spend, visits, weight;
  std::vector<std::string> city, segment, customer;
  std::vector<std::vector<std::string>> viewed;
  for (pt::Index row = 0; row < rows; ++row) {
    const double a = random.normal();
    const double b = random.normal();
    const auto c = random.below(4);
    std::vector<std::string> items;
    double taste = 0;
    for (std::uint64_t item = random.below(4); item > 0; --item) {
      const auto product = random.below(6);
      taste += product < 3 ? 0.5 : -0.5;
      items.push_back("product " + std::to_string(product));
    }
    const double score = a + (c < 2 ? 0.8 : -0.8) + taste;
    age.push_back(random.chance(0.1) ? pt::missing : 40 + 12 * a);
    income.push_back(std::exp(b));
    city.push_back(random.chance(0.05) ? "" : cities[c]);
    viewed.push_back(items);
    customer.push_back("customer " + std::to_string(random.below(40)));
    click.push_back(random.chance(0.1) ? pt::missing : (score + 0.5 * random.normal() > 0 ? 1.0 : 0.0));
    spend.push_back(2 * score + b + 0.3 * random.normal());
    visits.push_back(random.chance(0.3) ? pt::missing : std::floor(std::exp(0.4 * score + 0.5 * random.uniform())));
    segment.push_back(random.chance(0.5) ? "" : score > 0.7 ? "loyal" : score < -0.7 ? "rare" : "casual");
    weight.push_back(random.uniform(0.5, 1.5));
  }
  pt::Table made;
  made.add_numbers("age", age).add_numbers("income", income).add_categories("city", city).add_lists("viewed", viewed);
  made.add_numbers("click", click, pt::Use::label).add_numbers("spend", spend, pt::Use::label);
  made.add_numbers("visits", visits, pt::Use::label).add_categories("segment", segment, pt::Use::label);
  made.add_numbers("weight", weight, pt::Use::weight).add_categories("customer", customer, pt::Use::key);
  return made;
}

inline pt::Features fitted(const pt::Table& train) {
  return pt::features(train, {.embedding_width = 3, .columns = {{"income", {.scaling = pt::Scaling::log1p}}}});
}

/// The four tasks under a sharing policy.
template <pt::Scalar S, class SharingPolicy>
auto model(const pt::Table& train, SharingPolicy sharing) {
  return pt::multi_task_model<S>(fitted(train), std::move(sharing), pt::task<"click">(pt::BinaryCrossEntropy{}),
                                 pt::task<"spend">(pt::SquaredError{}, pt::mlp<pt::Tanh>({4})),
                                 pt::task<"visits">(pt::Poisson{}), pt::task<"segment">(pt::SoftmaxCrossEntropy{}));
}

}  // namespace problem
