/// @file
/// A funnel of clicks, carts and purchases: how often a model says that a purchase is likelier than the click that must
/// come before it, with and without links between the tasks. Mean and deviation over five seeds.
#include "polytask/core/text_table.hpp"
#include "polytask/losses/binary_cross_entropy.hpp"
#include "polytask/metrics/violation_share.hpp"
#include "polytask/models/entire_space.hpp"
#include "polytask/models/information_transfer.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/training/comparison_table.hpp"
#include "polytask/training/training.hpp"

#include <cmath>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace {

namespace pt = polytask;
using pt::Index;

constexpr Index input_count = 12;
constexpr std::uint64_t seed_count = 5;

/// Visitors with a taste and a need; a step of the funnel is only reached through the one before.
pt::Dataset<float> visitors(Index count, std::uint64_t seed) {
  pt::Random random(seed);
  pt::Matrix<float> inputs(input_count, count);
  pt::Matrix<float> labels(3, count);
  for (Index visitor = 0; visitor < count; ++visitor) {
    for (Index input = 0; input < input_count; ++input) inputs(input, visitor) = static_cast<float>(random.normal());
    const auto x = [&](Index input) { return static_cast<double>(inputs(input, visitor)); };
    const auto happens = [&](double logit) { return random.chance(1 / (1 + std::exp(-logit))); };
    const bool click = happens(1.2 * x(0) - 0.8 * x(1) + 0.6 * x(2) * x(3));
    const bool cart = click && happens(0.3 + x(4) - 0.7 * x(5) + 0.5 * std::sin(2 * x(0)));
    const bool purchase = cart && happens(0.9 * x(6) + 0.6 * x(4) * x(7));
    labels.col(visitor) << static_cast<float>(click), static_cast<float>(cart), static_cast<float>(purchase);
  }
  return pt::Dataset<float>::from(inputs, labels);
}

template <class LinkType>
std::unique_ptr<pt::Model<float>> model_with(LinkType link) {
  return pt::multi_task_model(pt::Features::dense(input_count), pt::HardSharing{pt::mlp({64, 32})}, link,
                              pt::task<"click">(pt::BinaryCrossEntropy{}, pt::mlp({16})),
                              pt::task<"cart">(pt::BinaryCrossEntropy{}, pt::mlp({16})),
                              pt::task<"purchase">(pt::BinaryCrossEntropy{}, pt::mlp({16})))
      .clone();
}

}  // namespace

int main() {
  using Transfer = pt::InformationTransfer<"click", "cart", "purchase">;
  using Products = pt::EntireSpace<"click", "cart", "purchase">;
  const std::vector<std::pair<std::string, std::unique_ptr<pt::Model<float>>>> models = [] {
    std::vector<std::pair<std::string, std::unique_ptr<pt::Model<float>>>> made;
    made.emplace_back("no link", model_with(pt::NoLink{}));
    made.emplace_back("AITM without calibrator", model_with(Transfer{.calibration = 0}));
    made.emplace_back("AITM, calibrator 0.6", model_with(Transfer{.calibration = 0.6}));
    made.emplace_back("AITM, calibrator 2", model_with(Transfer{.calibration = 2}));
    made.emplace_back("ESMM (products)", model_with(Products{}));
    return made;
  }();
  pt::TextTable table(1);
  table.add({"", "click auc", "cart auc", "purchase auc", "cart > click", "purchase > cart"});
  table.rule();
  const auto test = visitors(20'000, 1000);
  for (const auto& [name, original] : models) {
    std::vector<std::vector<double>> columns(5);
    for (std::uint64_t seed = 1; seed <= seed_count; ++seed) {
      const auto train = visitors(8'000, seed);
      const auto validation = visitors(4'000, 100 + seed);
      const auto model = original->clone();
      model->initialize(seed);
      pt::Training<float>(*model, {pt::AnyOptimizer<float>(pt::Adam{.rate = 2e-3})})
          .fit(train, {.epochs = 30, .batch = 128, .encoded_validation = &validation, .patience = 4, .seed = seed});
      const auto scores = pt::evaluate<float>(*model, test);
      for (std::size_t task = 0; task < 3; ++task) columns[task].push_back(scores[task].value);
      for (std::size_t step = 1; step < 3; ++step)
        columns[2 + step].push_back(100 *
                                    pt::violation_share(model->predict(step - 1, test), model->predict(step, test)));
    }
    table.add({name, pt::mean_text(columns[0], 4), pt::mean_text(columns[1], 4), pt::mean_text(columns[2], 4),
               pt::mean_text(columns[3], 2) + " %", pt::mean_text(columns[4], 2) + " %"});
  }
  std::cout << table
            << "The last two columns: rows where the later step is said to be likelier than the earlier one.\n";
}
