/// @file
/// Simulated chains of events (view, click, purchase), and checks of models with a link between tasks, for their tests.
#pragma once

#include "catch.hpp"
#include "passes.hpp"

#include "polytask/core/gradient_check.hpp"
#include "polytask/core/random.hpp"
#include "polytask/losses/binary_cross_entropy.hpp"
#include "polytask/models/multi_task_model.hpp"

#include <array>
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

namespace funnel {

namespace pt = polytask;
using pt::Index;

inline constexpr Index inputs = 5;

/// How a data set is made.
struct Shape {
  std::vector<std::size_t> steps = {1, 2};  ///< labels in the order of the model's tasks: 0 view, 1 click, 2 purchase
  double missing = 0;                       ///< share of labels that are
  bool weighted = false;                    ///< samples count 0.5 to 1.5
};

/// Samples on whose inputs each event depends in another way; an event happens only if the one before does.
template <pt::Scalar S>
pt::Dataset<S> data(Index samples, std::uint64_t seed, const Shape& shape = {}) {
  pt::Random random(seed);
  pt::Matrix<S> numbers(inputs, samples);
  pt::Matrix<S> labels(static_cast<Index>(shape.steps.size()), samples);
  pt::Vector<S> weights(samples);
  for (Index sample = 0; sample < samples; ++sample) {
    for (S& number : numbers.col(sample)) number = static_cast<S>(random.normal());
    const auto x = numbers.col(sample).template cast<double>();
    const std::array<double, 3> logits{2 + x[0], 0.5 + x[0] - 1.2 * x[1], 0.8 * x[1] + x[2] + 0.5 * x[3]};
    std::array<bool, 3> happened{};
    for (std::size_t step = 0; step < 3; ++step)
      happened[step] = (step == 0 || happened[step - 1]) && random.chance(1 / (1 + std::exp(-logits[step])));
    for (std::size_t task = 0; task < shape.steps.size(); ++task)
      labels(static_cast<Index>(task), sample) = random.chance(shape.missing)  ? static_cast<S>(pt::missing)
                                                 : happened[shape.steps[task]] ? S(1)
                                                                               : S(0);
    weights[sample] = shape.weighted ? static_cast<S>(random.uniform(0.5, 1.5)) : S(1);
  }
  return pt::Dataset<S>::from(numbers, labels, weights);
}

/// A model of clicks and purchases.
template <pt::Scalar S, class SharingPolicy, class LinkType>
auto two_tasks(SharingPolicy sharing, LinkType link) {
  return pt::multi_task_model<S>(pt::Features::dense(inputs), std::move(sharing), std::move(link),
                                 pt::task<"click">(pt::BinaryCrossEntropy{}),
                                 pt::task<"purchase">(pt::BinaryCrossEntropy{}));
}

/// A model whose tasks come in the opposite order of the chain of three, one with a hidden layer in its head.
template <pt::Scalar S, class SharingPolicy, class LinkType>
auto three_tasks(SharingPolicy sharing, LinkType link) {
  return pt::multi_task_model<S>(pt::Features::dense(inputs), std::move(sharing), std::move(link),
                                 pt::task<"purchase">(pt::BinaryCrossEntropy{}, pt::mlp<pt::Tanh>({3})),
                                 pt::task<"click">(pt::BinaryCrossEntropy{}),
                                 pt::task<"view">(pt::BinaryCrossEntropy{}));
}

inline const std::vector<std::size_t> opposite{2, 1, 0};

/// All samples, in order.
template <class Data>
std::vector<Index> all_of(const Data& data) {
  std::vector<Index> rows(static_cast<std::size_t>(data.size()));
  std::iota(rows.begin(), rows.end(), Index{0});
  return rows;
}

/// Numbers away from their first values, so that nothing is zero or the same.
template <class Model>
void disturb(Model& model, std::uint64_t seed = 5) {
  pt::Random random(seed);
  for (const auto& segment : model.parameters.layout.segments())
    for (Index place = 0; place < segment.size(); ++place)
      model.parameters.values[static_cast<std::size_t>(segment.offset + place)] +=
          static_cast<typename Model::scalar>(0.4 * random.normal());
}

/// Compares the gradient of a pass with differences of value(pass), the loss.
template <class Model, class Value>
void gradient_agrees(passes::Pass<Model>& pass, Model& model, Value&& value) {
  pass.loss();
  pass.clear();
  pass.backward();
  const pt::Vector<double> gradient = pt::view(pass.space.gradient);
  const pt::ConstFlat<double> found(gradient.data(), gradient.size());
  const auto check = pt::check_gradient(pt::view(model.parameters.values), found, [&] { return value(); });
  INFO("place " << check.place << ": gradient " << check.gradient << ", difference " << check.difference);
  CHECK(check.error < 1e-7);
  CHECK((gradient.array().abs() > 0.1).count() > gradient.size() / 20);
}

inline double sigmoid(double logit) { return 1 / (1 + std::exp(-logit)); }

}  // namespace funnel
