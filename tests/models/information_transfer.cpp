#include "funnel.hpp"

#include "polytask/models/information_transfer.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/separate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace information_transfer_tests {

namespace pt = polytask;
using pt::Index;

namespace {

using Two = pt::InformationTransfer<"click", "purchase">;
using Three = pt::InformationTransfer<"view", "click", "purchase">;

/// Heads, sharing policy and units as they are, after a pass.
template <class Model>
void agrees(Model model, const std::vector<std::size_t>& order, std::vector<std::uint8_t> active) {
  funnel::disturb(model);
  auto data = funnel::data<double>(24, 3, {.steps = order, .missing = 0.2, .weighted = true});
  for (std::size_t task = 0; task < Model::task_count; ++task)  // those that later tasks need have no label
    if (!active[task]) data.weights.row(static_cast<Index>(task)).setZero();
  std::array<double, Model::task_count> weights;
  weights.fill(20);
  passes::Pass pass(model, data, funnel::all_of(data), weights);
  pass.space.active = active;
  model.activate_dependencies(pass.space.active);
  funnel::gradient_agrees(pass, model, [&] { return pass.loss(); });
}

/// y of TransferUnit for one sample, by its definition, from the segments of a step.
template <class Model>
pt::Vector<double> unit(const Model& model, const std::string& task, const pt::Vector<double>& z,
                        const pt::Vector<double>& q) {
  const auto at = [&](const std::string& part) {
    return pt::Matrix<double>(model.parameters["link/" + task + "/" + part]);
  };
  const pt::Vector<double> p = (at("transfer/weights") * z + at("transfer/bias")).cwiseMax(0);
  const auto score = [&](const pt::Vector<double>& u) {
    return (at("queries/weights") * u).dot(at("keys/weights") * u) / std::sqrt(static_cast<double>(q.size()));
  };
  const double of_p = std::exp(score(p));
  const double of_q = std::exp(score(q));
  return at("values/weights") * (of_p * p + of_q * q) / (of_p + of_q);
}

}  // namespace

TEST_CASE("the gradient of information transfer agrees with finite differences") {
  const std::vector<std::size_t> in_order{1, 2};
  const Two two{.calibration = 10};
  const Three three{.calibration = 10};
  agrees(funnel::two_tasks<double>(pt::HardSharing{pt::mlp<pt::Tanh>({4})}, two), in_order, {1, 1});
  agrees(funnel::two_tasks<double>(pt::Separate{pt::mlp<pt::Tanh>({4})}, two), in_order, {0, 1});
  agrees(funnel::two_tasks<double>(pt::Separate{pt::mlp<pt::Tanh>({3})}, Two{.calibration = 0}), in_order, {1, 0});
  agrees(funnel::three_tasks<double>(pt::Separate{pt::mlp<pt::Tanh>({3})}, three), funnel::opposite, {1, 1, 1});
  agrees(funnel::three_tasks<double>(pt::HardSharing{pt::mlp<pt::Tanh>({4})}, three), funnel::opposite, {1, 0, 0});
  agrees(funnel::three_tasks<double>(pt::HardSharing{pt::mlp<pt::Tanh>({4})}, three), funnel::opposite, {0, 1, 1});
}

TEST_CASE("heads read what the formulas of information transfer say") {
  auto model = funnel::three_tasks<double>(pt::Separate{pt::mlp<pt::Tanh>({4})}, Three{});
  funnel::disturb(model);
  const auto data = funnel::data<double>(9, 3, {.steps = funnel::opposite});
  passes::Pass pass(model, data, funnel::all_of(data), {1, 1, 1});
  pass.loss();
  const auto own = [&](Index task, Index sample) {
    return pt::Vector<double>(model.sharing().representation(pass.space.sharing_memory(), 9, task).col(sample));
  };
  const auto found = [&](Index step, Index sample) {
    return pt::Vector<double>(model.link().representation(pt::view(pass.space.link), 9, step).col(sample));
  };
  for (Index sample = 0; sample < 9; ++sample) {
    const pt::Vector<double> view = own(2, sample);
    const pt::Vector<double> click = unit(model, "click", view, own(1, sample));
    const pt::Vector<double> purchase = unit(model, "purchase", click, own(0, sample));
    CHECK((found(0, sample) - view).norm() == 0);
    CHECK((found(1, sample) - click).norm() < 1e-14);
    CHECK((found(2, sample) - purchase).norm() < 1e-14);
    const double logit = (model.parameters["click/0/weights"] * click)(0, 0) + model.parameters["click/0/bias"](0, 0);
    CHECK(pass.space.heads[1].logits[static_cast<std::size_t>(sample)] == Approx(logit).epsilon(1e-13));
  }
}

TEST_CASE("shares of information transfer do not overflow in float") {
  auto model = funnel::two_tasks<float>(pt::HardSharing{pt::mlp<pt::Tanh>({4})}, Two{});
  for (const char* part : {"queries/weights", "keys/weights"})
    model.parameters[std::string("link/purchase/") + part].setConstant(1e6f);
  CHECK(model.predict<"purchase">(funnel::data<float>(50, 3)).allFinite());
}

TEST_CASE("the calibrator counts how far later answers are above earlier ones, with labels or without") {
  auto model = funnel::two_tasks<double>(pt::HardSharing{pt::mlp<pt::Tanh>({4})}, Two{.calibration = 0.5});
  funnel::disturb(model);
  auto data = funnel::data<double>(40, 3);
  data.weights.row(1).head(30).setZero();
  passes::Pass pass(model, data, funnel::all_of(data), {1, 1});
  pass.loss();
  double expected = 0;
  for (std::size_t sample = 0; sample < 40; ++sample)
    expected += 0.5 / 40 *
                std::max(0.0, funnel::sigmoid(pass.space.heads[1].logits[sample]) -
                                  funnel::sigmoid(pass.space.heads[0].logits[sample]));
  CHECK(expected > 0.01);
  CHECK(model.backward_heads(pass.space, true) == Approx(expected).epsilon(1e-13));
  CHECK(model.backward_heads(pass.space, false) == 0);
}

TEST_CASE("the last unit belongs to the last task, the others to all") {
  const auto model = funnel::three_tasks<double>(pt::HardSharing{pt::mlp({4})}, Three{});
  const auto& layout = model.parameters.layout;
  for (const std::string part :
       {"transfer/weights", "transfer/bias", "values/weights", "queries/weights", "keys/weights"}) {
    CHECK(layout.segment("link/click/" + part).owner == pt::shared_owner);
    CHECK(layout.segment("link/purchase/" + part).owner == 0);
    CHECK(layout.segment("link/click/" + part).rows == 4);
    CHECK_THROWS_AS(layout.segment("link/view/" + part), pt::ArgumentError);
  }
}

TEST_CASE("settings of information transfer that make no sense are refused") {
  CHECK_THROWS_WITH((Two{.calibration = -1}.connect(std::vector<Index>{3, 3})),
                    containing("calibration is -1; it must be"));
  for (const double value : {std::nan(""), HUGE_VAL})
    CHECK_THROWS_WITH((Two{.calibration = value}.connect(std::vector<Index>{3, 3})),
                      containing("it must be a finite number"));
  CHECK_THROWS_WITH((Three{}.connect(std::vector<Index>{3, 3, 5})),
                    containing("that of task 'view' has 3 and that of task 'purchase' has 5"));
}

}  // namespace information_transfer_tests
