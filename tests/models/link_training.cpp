// Training steps of models with a link between tasks.
#include "funnel.hpp"
#include "steps.hpp"

#include "polytask/models/entire_space.hpp"
#include "polytask/models/information_transfer.hpp"
#include "polytask/optimizers/sgd.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/training/step.hpp"
#include "polytask/weighting/fixed.hpp"

#include <array>
#include <cmath>
#include <tuple>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

using Products = pt::EntireSpace<"view", "click", "purchase">;
using Transfer = pt::InformationTransfer<"view", "click", "purchase">;

/// The same weights from a rule that asks for gradient norms, too.
struct Watched {
  static constexpr std::string_view name = "watched";
  static constexpr pt::WeightingNeeds needs() { return {.gradient_norms = true}; }
  pt::ConstantWeights begin(const pt::WeightedTasks&) const { return pt::ConstantWeights({2.0, 0.5, 1.0}); }
};

/// A model of the three tasks after one step with a rate of 1, and what the step reported.
template <class Model>
std::pair<Model, pt::StepReport> stepped(Model model, const pt::Dataset<double>& data, bool gradient_norms,
                                         Index threads = 1, Index batch = 0) {
  steps::Rules<double> rules{.optimizer = pt::AnyOptimizer<double>(pt::Sgd{})};
  rules.weighting = pt::Fixed{{{"click", 0.5}, {"purchase", 2.0}}};
  if (gradient_norms) rules.weighting = Watched{};
  steps::Steps<double> step(model, rules, batch > 0 ? batch : data.size(), threads);
  const auto report = step(data, funnel::all_of(data), 1.0);
  return {model, report};
}

double apart(const pt::Buffer<double>& one, const pt::Buffer<double>& other) {
  return (pt::view(one) - pt::view(other)).cwiseAbs().maxCoeff();
}

/// The norm of the gradient of one task's weighted loss in the last shared layer's weights, by a way back for it alone.
template <class Model>
double norm(const Model& model, pt::Dataset<double> data, std::size_t task, double weight) {
  for (std::size_t other = 0; other < 3; ++other)
    if (other != task) data.weights.row(static_cast<Index>(other)).setZero();
  passes::Pass pass(model, data, funnel::all_of(data), {weight, weight, weight});
  pass.space.active.assign(3, 0);
  pass.space.active[task] = 1;
  model.activate_dependencies(pass.space.active);
  pass.loss();
  pass.clear();
  pass.backward();
  const auto& segment = model.parameters.layout.segment("shared/1/weights");
  return pt::Flat<double>(pass.space.gradient.data() + segment.offset, segment.size()).norm();
}

/// @param silent the same link without terms of its own
template <class Link>
void steps_agree(Link link, Link silent) {
  const auto sharing = pt::HardSharing{pt::mlp<pt::Tanh>({6, 4})};
  auto model = funnel::three_tasks<double>(sharing, link);
  funnel::disturb(model);
  auto data = funnel::data<double>(600, 3, {.steps = funnel::opposite, .missing = 0.2});
  const auto check = [&](const std::vector<std::size_t>& labelled) {
    const auto [together, joint] = stepped(model, data, false);
    const auto [one_by_one, report] = stepped(model, data, true);
    CHECK(apart(together.parameters.values, model.parameters.values) > 0.01);
    CHECK(apart(together.parameters.values, one_by_one.parameters.values) < 1e-13);
    CHECK(report.own_terms == Approx(joint.own_terms).epsilon(1e-12).margin(1e-14));
    auto quiet = funnel::three_tasks<double>(sharing, silent);
    pt::view(quiet.parameters.values) =
        pt::view(model.parameters.values).head(static_cast<Index>(quiet.parameters.values.size()));
    for (const std::size_t task : labelled) {
      CHECK(report.losses[task] == Approx(joint.losses[task]).epsilon(1e-13));
      const double weight = std::array{2.0, 0.5, 1.0}[task];
      CHECK(report.last_layer_norms[task] == Approx(norm(quiet, data, task, weight)).epsilon(1e-11));
    }
    const auto [threaded, again] = stepped(model, data, true, 2);
    CHECK(apart(threaded.parameters.values, one_by_one.parameters.values) < 1e-13);
    CHECK(again.last_layer_norms[labelled[0]] == Approx(report.last_layer_norms[labelled[0]]).epsilon(1e-12));
  };
  check({0, 1, 2});
  data.weights.bottomRows(2).setZero();  // purchases alone
  check({0});
}

}  // namespace

TEST_CASE("with a chain of products a step task by task is the joint step, its norms those of each task by itself") {
  steps_agree(Products{}, Products{});
  steps_agree(Products{.counterfactual = pt::Counterfactual::inverse_propensity, .strength = 2}, Products{});
  steps_agree(Products{.counterfactual = pt::Counterfactual::doubly_robust, .strength = 2}, Products{});
}

TEST_CASE("along a chain the loss of a task without weight is told all the same, however gradients are kept") {
  auto model = funnel::three_tasks<double>(pt::HardSharing{pt::mlp<pt::Tanh>({6, 4})}, Products{});
  funnel::disturb(model);
  const auto data = funnel::data<double>(600, 3, {.steps = funnel::opposite, .missing = 0.2});
  const auto step = [&](const steps::Rules<double>& rules) {
    auto moved = model;
    return steps::Steps<double>(moved, rules, data.size())(data, funnel::all_of(data), 1.0);
  };
  steps::Rules<double> rules{.optimizer = pt::AnyOptimizer<double>(pt::Sgd{})};
  const auto full = step(rules);
  rules.weighting = pt::Fixed{{{"click", 0.0}}};
  const auto without = step(rules);
  rules.record_gradients = true;
  const auto watched = step(rules);
  for (std::size_t task = 0; task < 3; ++task) {
    CHECK(full.losses[task] > 0.01);
    CHECK(without.losses[task] == Approx(full.losses[task]).epsilon(1e-13));
    CHECK(watched.losses[task] == Approx(full.losses[task]).epsilon(1e-13));
  }
}

TEST_CASE("entire space refuses labels that its chain cannot have") {
  const auto model = funnel::two_tasks<double>(pt::HardSharing{pt::mlp({3})}, pt::EntireSpace<"click", "purchase">{});
  const auto data = funnel::data<double>(60, 3);
  CHECK_NOTHROW(model.check(data, true));
  auto broken = data;
  Index stopped = -1;
  for (Index sample = 0; sample < data.size(); ++sample)
    if (data.labels(0, sample) == 0) {
      stopped = sample;
      broken.weights(1, sample) = 0;  // missing
    }
  REQUIRE(stopped > 0);
  CHECK_THROWS_WITH(model.check(broken, true),
                    containing("'purchase' has no label where 'click' did not happen; along the chain"));
  broken.weights(1, stopped) = 1;  // one is told: the others are missing for another reason
  CHECK_NOTHROW(model.check(broken, true));
  broken.labels(1, stopped) = 1;
  CHECK_THROWS_WITH(model.check(broken, true),
                    containing(pt::text("sample ", stopped, ": 'purchase' happened, but 'click', which comes before")));
}

TEST_CASE("with information transfer a step task by task is the joint step, its norms those of each task by itself") {
  steps_agree(Transfer{.calibration = 2}, Transfer{.calibration = 0});
}

TEST_CASE("links give the same step in slices on two threads as in one piece") {
  const auto check = [](auto link) {
    auto model = funnel::three_tasks<double>(pt::HardSharing{pt::mlp<pt::Tanh>({6, 4})}, link);
    funnel::disturb(model);
    const auto data = funnel::data<double>(900, 3, {.steps = funnel::opposite, .missing = 0.2});
    // one piece: the gradient by hand
    passes::Pass pass(model, data, funnel::all_of(data), {2, 0.5, 1});
    pass.loss();
    pass.clear();
    pass.backward();
    auto moved = model.parameters.values;
    pt::view(moved) -= pt::view(pass.space.gradient);
    for (const Index threads : {1, 2}) {
      const auto [slices, report] = stepped(model, data, false, threads);
      CHECK(apart(slices.parameters.values, moved) < 1e-13);
    }
  };
  check(Products{.counterfactual = pt::Counterfactual::doubly_robust, .strength = 2});
  check(Transfer{});
}
