// Whole models with the link EntireSpace: gradients, predictions.
#include "funnel.hpp"

#include "polytask/models/entire_space.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/separate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

using Two = pt::EntireSpace<"click", "purchase">;
using Three = pt::EntireSpace<"view", "click", "purchase">;

/// The answers of a chain's tasks after a pass, a row a task.
template <class Model>
pt::Matrix<double> answers(const passes::Pass<Model>& pass) {
  pt::Matrix<double> found(static_cast<Index>(Model::linked_tasks.size()), pass.space.samples);
  for (std::size_t step = 0; step < Model::linked_tasks.size(); ++step)
    for (Index sample = 0; sample < found.cols(); ++sample)
      found(static_cast<Index>(step), sample) =
          funnel::sigmoid(pass.space.heads[Model::linked_tasks[step]].logits[static_cast<std::size_t>(sample)]);
  return found;
}

/// The counterfactual terms of a model's last pass by the formulas, with propensities that are given.
template <class Model>
double terms(passes::Pass<Model>& pass, const pt::Matrix<double>& propensities) {
  const auto& link = pass.model.link();
  const auto now = answers(pass);
  double sum = 0;
  for (std::size_t step = 1; step < Model::linked_tasks.size(); ++step) {
    const std::size_t task = Model::linked_tasks[step];
    const std::size_t before = Model::linked_tasks[step - 1];
    if (!pass.space.active[task]) break;
    const auto at =
        pass.model.sharing().representation(pass.space.sharing_memory(), pass.space.samples, static_cast<Index>(task));
    for (Index sample = 0; sample < pass.space.samples; ++sample) {
      const Index row = pass.chosen[static_cast<std::size_t>(sample)];
      const auto weight = [&](std::size_t of) { return pass.data.weights(static_cast<Index>(of), row); };
      const auto label = [&](std::size_t of) { return pass.data.labels(static_cast<Index>(of), row); };
      if (weight(task) == 0 || weight(before) == 0) continue;
      const double chance = now(static_cast<Index>(step), sample) / now(static_cast<Index>(step) - 1, sample);
      const double error = -std::log(label(task) == 1 ? chance : 1 - chance);
      const double propensity = propensities(static_cast<Index>(step) - 1, sample);
      const double odds = label(before) / std::max(propensity, link.least_propensity);
      double term = odds * error;
      if (link.counterfactual == pt::Counterfactual::doubly_robust) {
        const std::string head = "link/" + std::string(Model::task_names[task]) + "/imputation/";
        const double guess = std::log1p(std::exp((pass.model.parameters[head + "weights"] * at.col(sample))(0, 0) +
                                                 pass.model.parameters[head + "bias"](0, 0)));
        term = guess + odds * (error - guess) + odds * (error - guess) * (error - guess);
      }
      sum += link.strength / static_cast<double>(pass.space.samples) * weight(task) * term;
    }
  }
  return sum;
}

/// The gradient is that of the losses and of the terms with the propensities as they are before anything is moved.
template <class Model>
void agrees(Model model, const std::vector<std::size_t>& order, std::vector<std::uint8_t> active) {
  funnel::disturb(model);
  auto data = funnel::data<double>(24, 3, {.steps = order, .missing = 0.2, .weighted = true});
  std::array<double, Model::task_count> weights;
  weights.fill(20);
  passes::Pass pass(model, data, funnel::all_of(data), weights);
  for (std::size_t task = 0; task < Model::task_count; ++task)  // those that later tasks need have no label
    if (!active[task]) data.weights.row(static_cast<Index>(task)).setZero();
  pass.space.active = active;
  model.activate_dependencies(pass.space.active);
  const double whole = pass.loss();
  const auto propensities = answers(pass);
  const auto losses = [&](double all) { return all - model.backward_heads(pass.space, true); };
  if (model.link().counterfactual != pt::Counterfactual::none) {
    CHECK(whole - losses(whole) == Approx(terms(pass, propensities)).epsilon(1e-12));
    const auto both = [](auto one, auto next) { return one && next; };
    const bool pairs = std::adjacent_find(active.begin(), active.end(), both) != active.end();
    CHECK((std::abs(terms(pass, propensities)) > 0.1) == pairs);
  }
  funnel::gradient_agrees(pass, model, [&] {
    const double all = pass.loss();
    return losses(all) + (model.link().counterfactual == pt::Counterfactual::none ? 0 : terms(pass, propensities));
  });
}

}  // namespace

TEST_CASE("the gradient of a chain of products agrees with finite differences") {
  const std::vector<std::size_t> in_order{1, 2};
  agrees(funnel::two_tasks<double>(pt::HardSharing{pt::mlp<pt::Tanh>({4})}, Two{}), in_order, {1, 1});
  agrees(funnel::two_tasks<double>(pt::Separate{pt::mlp<pt::Tanh>({4})}, Two{}), in_order, {1, 1});
  agrees(funnel::two_tasks<double>(pt::Separate{pt::mlp<pt::Tanh>({4})}, Two{}), in_order, {0, 1});
  agrees(funnel::three_tasks<double>(pt::HardSharing{pt::mlp<pt::Tanh>({4})}, Three{}), funnel::opposite, {1, 1, 1});
  agrees(funnel::three_tasks<double>(pt::Separate{pt::mlp<pt::Tanh>({4})}, Three{}), funnel::opposite, {1, 0, 0});
  agrees(funnel::three_tasks<double>(pt::HardSharing{pt::mlp<pt::Tanh>({4})}, Three{}), funnel::opposite, {0, 1, 1});
}

TEST_CASE("the gradient of the counterfactual terms agrees with finite differences, the propensities being held") {
  for (const auto kind : {pt::Counterfactual::inverse_propensity, pt::Counterfactual::doubly_robust}) {
    const Two two{.counterfactual = kind, .strength = 15, .least_propensity = 0.2};
    const Three three{.counterfactual = kind, .strength = 15, .least_propensity = 0.2};
    agrees(funnel::two_tasks<double>(pt::HardSharing{pt::mlp<pt::Tanh>({4})}, two), {1, 2}, {1, 1});
    agrees(funnel::two_tasks<double>(pt::Separate{pt::mlp<pt::Tanh>({4})}, two), {1, 2}, {0, 1});
    agrees(funnel::three_tasks<double>(pt::HardSharing{pt::mlp<pt::Tanh>({4})}, three), funnel::opposite, {1, 1, 1});
    agrees(funnel::three_tasks<double>(pt::Separate{pt::mlp<pt::Tanh>({4})}, three), funnel::opposite, {1, 1, 1});
    agrees(funnel::three_tasks<double>(pt::Separate{pt::mlp<pt::Tanh>({4})}, three), funnel::opposite, {0, 1, 1});
  }
}

TEMPLATE_TEST_CASE("a purchase is predicted as the product of the heads' probabilities, never likelier than a click",
                   "", float, double) {
  using S = TestType;
  auto model = funnel::three_tasks<S>(pt::HardSharing{pt::mlp<pt::Tanh>({4})}, Three{});
  funnel::disturb(model);
  const auto data = funnel::data<S>(700, 4, {.steps = funnel::opposite});
  const auto view = model.template predict<"view">(data);
  const auto click = model.template predict<"click">(data);
  const auto purchase = model.template predict<"purchase">(data);
  auto apart = funnel::three_tasks<S>(pt::HardSharing{pt::mlp<pt::Tanh>({4})}, pt::NoLink{});
  apart.parameters.values = model.parameters.values;
  CHECK(view == apart.template predict<"view">(data));
  const pt::Matrix<S> two = view.cwiseProduct(apart.template predict<"click">(data));
  const pt::Matrix<S> three = two.cwiseProduct(apart.template predict<"purchase">(data));
  CHECK((click - two).cwiseAbs().maxCoeff() < 4 * std::numeric_limits<S>::epsilon());
  CHECK((purchase - three).cwiseAbs().maxCoeff() < 4 * std::numeric_limits<S>::epsilon());
  CHECK((purchase.array() <= click.array()).all());
  CHECK((click.array() <= view.array()).all());
  CHECK(purchase.maxCoeff() > 0.3f);
}

TEST_CASE("in float a purchase is likelier than a click by rounding at most, also where both are rare") {
  auto model = funnel::two_tasks<float>(pt::Separate{pt::mlp<pt::Tanh>({4})}, Two{});
  const auto data = funnel::data<float>(2000, 4);
  model.parameters["click/0/weights"].setConstant(3);  // logits of clicks from about -10 to 2, of purchases about 12
  model.parameters["click/0/bias"](0, 0) = -4;
  model.parameters["purchase/0/weights"].setZero();
  model.parameters["purchase/0/bias"](0, 0) = 12;
  const pt::Matrix<float> click = model.predict<"click">(data);
  const pt::Matrix<float> purchase = model.predict<"purchase">(data);
  CHECK(click.minCoeff() < 1e-4f);
  CHECK((purchase.array() <= click.array() * (1 + 4 * std::numeric_limits<float>::epsilon())).all());
}

TEST_CASE("a workspace in which only the later task is active predicts what the whole chain does") {
  auto model = funnel::two_tasks<double>(pt::HardSharing{pt::mlp<pt::Tanh>({4})}, Two{});
  funnel::disturb(model);
  const auto data = funnel::data<double>(50, 4);
  const auto rows = funnel::all_of(data);
  auto space = model.workspace(data.size());
  space.active = {0, 1};
  model.predict(space, data, rows);
  CHECK(model.prediction<"purchase">(space) == model.predict<"purchase">(data));
}

TEST_CASE("with clicks that are certain purchases are those of a plain model, in answers and gradient") {
  auto model = funnel::two_tasks<double>(pt::Separate{pt::mlp<pt::Tanh>({4})}, Two{});
  funnel::disturb(model);
  model.parameters["click/0/bias"](0, 0) = 1000;
  auto plain = funnel::two_tasks<double>(pt::Separate{pt::mlp<pt::Tanh>({4})}, pt::NoLink{});
  plain.parameters.values = model.parameters.values;
  auto data = funnel::data<double>(50, 4);
  CHECK(model.predict<"purchase">(data) == plain.predict<"purchase">(data));
  data.weights.row(0).setZero();  // no labels of clicks
  const auto gradient = [&](const auto& of) {
    passes::Pass pass(of, data, funnel::all_of(data), {1, 1});
    pass.space.active = {0, 1};
    of.activate_dependencies(pass.space.active);
    pass.loss();
    pass.clear();
    pass.backward();
    return pass.space.gradient;
  };
  const auto linked = gradient(model);
  const auto alone = gradient(plain);
  CHECK((pt::view(linked) - pt::view(alone)).cwiseAbs().maxCoeff() < 1e-15);
}

TEST_CASE("the imputation of a step belongs to its task and the plain link has no parameters") {
  const Three link{.counterfactual = pt::Counterfactual::doubly_robust};
  const auto robust = funnel::three_tasks<double>(pt::HardSharing{pt::mlp({4})}, link);
  const auto& layout = robust.parameters.layout;
  CHECK(layout.segment("link/click/imputation/weights").owner == 1);
  CHECK(layout.segment("link/click/imputation/weights").columns == 4);
  CHECK(layout.segment("link/purchase/imputation/bias").owner == 0);
  CHECK_THROWS_AS(layout.segment("link/view/imputation/bias"), pt::ArgumentError);
  const auto plain = funnel::three_tasks<double>(pt::HardSharing{pt::mlp({4})}, Three{});
  CHECK(plain.parameters.layout.segments().size() == layout.segments().size() - 4);
}
