// Shared and task-specific embeddings with gates that stop gradients.
#include "catch.hpp"

#include "polytask/core/parameters.hpp"
#include "polytask/files/structure.hpp"
#include "polytask/layers/batch_normalization.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/layers/layer_normalization.hpp"
#include "polytask/sharing/check.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/stem.hpp"

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace stem_tests {

namespace pt = polytask;
using pt::Index;

namespace {

const std::vector<std::string_view> three{"click", "spend", "visits"};
const std::vector<std::string_view> two{"click", "spend"};

auto layers() { return pt::sequence(pt::dense<pt::Tanh>(4), pt::layer_normalization(), pt::dense<pt::Gelu>(3)); }

template <class Policy>
pt::Layout layout_of(const Policy& policy) {
  pt::Layout layout;
  policy.parameters(
      [&](const std::string& name, Index owner, Index rows, Index columns) { layout.add(name, owner, rows, columns); });
  return layout;
}

std::vector<std::uint8_t> only(Index task, Index tasks) {
  std::vector<std::uint8_t> active(static_cast<std::size_t>(tasks), 0);
  active[static_cast<std::size_t>(task)] = 1;
  return active;
}

/// The part of a probe's inputs, or of their gradient, that is one copy.
template <class Probe>
pt::Flat<double> copy_of(const Probe& probe, pt::Vector<double>& all, Index copy) {
  const Index size = probe.options.inputs * probe.options.samples;
  return {all.data() + copy * pt::piece_size(size), size};
}

template <class Probe>
pt::ConstFlat<double> gradient_of(const Probe& probe, const pt::Segment& segment) {
  return {probe.gradient.data() + segment.offset, segment.size()};
}

/// The gradients of parameters and of inputs, one after the other.
template <class Probe>
pt::Vector<double> both_gradients(const Probe& probe) {
  pt::Vector<double> both(probe.gradient.size() + probe.input_gradient.size());
  both << probe.gradient, probe.input_gradient;
  return both;
}

/// One task alone is active. What is shared or its own has the gradient of finite differences, inputs too; what belongs
/// to others has none, although the task reads it.
void check_one_task(const pt::StemSettings& settings, Index task) {
  INFO(settings.shared_experts << " shared and " << settings.private_experts << " private experts, task " << task);
  pt::SharingProbe probe(pt::Stem{layers(), settings}, three, {.active = only(task, 3), .membership = {}});
  probe.input_gradient.setConstant(7);  // is written over
  probe.differentiate();
  const auto value = [&] { return probe.value(); };
  bool others_count = false;
  const auto layout = layout_of(probe.policy);
  for (const auto& segment : layout.segments()) {
    INFO(segment.name);
    const auto gradient = gradient_of(probe, segment);
    const auto check = pt::check_gradient({probe.parameters.data() + segment.offset, segment.size()}, gradient, value);
    if (segment.owner == pt::shared_owner || segment.owner == task) {
      CHECK(check.error < 1e-9);
    } else {
      CHECK(gradient.isZero(0));
      others_count = others_count || std::abs(check.difference) > 1e-3;
    }
  }
  CHECK(others_count == (settings.private_experts > 0));
  for (Index copy = 0; copy <= 3; ++copy) {
    const auto gradient = copy_of(probe, probe.input_gradient, copy);
    if (copy == 0 || copy == task + 1) {
      const auto inputs = copy_of(probe, probe.inputs, copy);
      CHECK(pt::check_gradient(inputs, {gradient.data(), gradient.size()}, value).error < 1e-9);
    } else {
      CHECK((gradient.array() == 7).all());
    }
  }
}

}  // namespace

TEST_CASE("STEM mixes all experts and stops the gradient at those of other tasks, as worked by hand") {
  // one sample of one input in each copy: 1, 2, 3; each expert is one weight: 2, 3, -1, so that they put out 2, 6, -3
  pt::SharingProbe probe(pt::Stem{pt::mlp<pt::Identity>({1})}, two,
                         {.inputs = 1, .samples = 1, .active = {}, .membership = {}});
  const auto layout = layout_of(probe.policy);
  const auto at = [&](pt::Vector<double>& numbers, const std::string& name) {
    const auto& segment = layout.segment(name);
    return pt::Columns<double>(numbers.data() + segment.offset, segment.rows, segment.columns);
  };
  probe.parameters.setZero();
  for (Index copy = 0; copy < 3; ++copy) copy_of(probe, probe.inputs, copy)[0] = static_cast<double>(copy + 1);
  at(probe.parameters, "shared/experts/0/0/weights")(0, 0) = 2;
  at(probe.parameters, "click/experts/0/0/weights")(0, 0) = 3;
  at(probe.parameters, "spend/experts/0/0/weights")(0, 0) = -1;
  at(probe.parameters, "click/gate/bias")(1, 0) = std::log(2.0);         // shares 1/4, 1/2, 1/4
  at(probe.parameters, "spend/gate/weights")(0, 0) = std::log(2.0) / 4;  // inputs 1 + 3: shares 1/2, 1/4, 1/4
  for (auto& direction : probe.directions) direction.setOnes();
  probe.forward();

  const auto memory = probe.flat(probe.memory);
  CHECK(probe.policy.representation(memory, 1, 0)(0, 0) == Approx(2.75).epsilon(1e-14));
  CHECK(probe.policy.representation(memory, 1, 1)(0, 0) == Approx(1.75).epsilon(1e-14));
  CHECK((probe.policy.gate(memory, 1, 0) - Eigen::Vector3d(0.25, 0.5, 0.25)).norm() < 1e-15);
  CHECK((probe.policy.gate(memory, 1, 1) - Eigen::Vector3d(0.5, 0.25, 0.25)).norm() < 1e-15);

  probe.backward(only(0, 2));
  CHECK(at(probe.gradient, "shared/experts/0/0/weights")(0, 0) == Approx(0.25 * 1));
  CHECK(at(probe.gradient, "click/experts/0/0/weights")(0, 0) == Approx(0.5 * 2));
  CHECK(at(probe.gradient, "click/experts/0/0/bias")(0, 0) == Approx(0.5));
  CHECK(at(probe.gradient, "spend/experts/0/0/weights")(0, 0) == 0);  // read with a share of 1/4, but stopped
  const Eigen::Vector3d slope(0.25 * (2 - 2.75), 0.5 * (6 - 2.75), 0.25 * (-3 - 2.75));
  CHECK((at(probe.gradient, "click/gate/bias") - slope).norm() < 1e-14);
  CHECK((at(probe.gradient, "click/gate/weights") - 3 * slope).norm() < 1e-14);  // inputs 1 + 2
  CHECK(at(probe.gradient, "spend/gate/bias").isZero(0));
  CHECK(copy_of(probe, probe.input_gradient, 0)[0] == Approx(0.25 * 2));
  CHECK(copy_of(probe, probe.input_gradient, 1)[0] == Approx(0.5 * 3));

  probe.backward(only(1, 2));
  const double through_gate = std::log(2.0) / 4 * 0.5 * (2 - 1.75);
  CHECK(at(probe.gradient, "shared/experts/0/0/weights")(0, 0) == Approx(0.25 + 0.5));  // added
  CHECK(at(probe.gradient, "spend/experts/0/0/weights")(0, 0) == Approx(0.25 * 3));
  CHECK(copy_of(probe, probe.input_gradient, 0)[0] == Approx(0.5 * 2 + through_gate));  // written
  CHECK(copy_of(probe, probe.input_gradient, 2)[0] == Approx(0.25 * -1 + through_gate));
}

TEST_CASE("a task moves its own and the shared experts and tables by the right gradient, and nothing of others") {
  const std::vector<pt::StemSettings> all{{1, 1}, {2, 1}, {1, 2}, {0, 2}, {3, 0}};
  for (const auto& settings : all)
    for (Index task = 0; task < 3; ++task) check_one_task(settings, task);
}

TEST_CASE("with STEM the gradients of single tasks add up to the joint gradient") {
  const auto network =
      pt::sequence(pt::dense<pt::Tanh>(5), pt::dropout(0.3), pt::batch_normalization(), pt::dense<pt::Gelu>(3));
  pt::SharingProbe probe(pt::Stem{network, {.shared_experts = 2, .private_experts = 2}}, three);
  probe.differentiate();
  const pt::Vector<double> joint = both_gradients(probe);
  CHECK(joint.norm() > 1);

  pt::Vector<double> sum = pt::Vector<double>::Zero(joint.size());
  for (const auto& active : {only(0, 3), only(1, 3), only(2, 3)}) {
    probe.gradient.setZero();
    probe.input_gradient.setZero();
    probe.backward(active);
    sum += both_gradients(probe);
  }
  CHECK((sum - joint).norm() < 1e-12 * joint.norm());

  probe.gradient.setZero();
  probe.backward(std::vector<std::uint8_t>{1, 0, 1});
  pt::Vector<double> copies = probe.input_gradient;
  copy_of(probe, copies, 2).setZero();  // left over
  probe.input_gradient.setZero();
  probe.backward(only(1, 3));
  CHECK((both_gradients(probe) - joint).head(probe.gradient.size()).norm() < 1e-12 * joint.norm());
  CHECK((copies + probe.input_gradient - joint.tail(copies.size())).norm() < 1e-12 * joint.norm());
}

TEST_CASE("with STEM the ways back to the last shared layers and to all before them are the whole way back") {
  pt::SharingProbe probe(pt::Stem{layers(), {.shared_experts = 2, .private_experts = 1}}, three);
  probe.differentiate();
  const pt::Vector<double> whole = both_gradients(probe);
  const auto layout = layout_of(probe.policy);
  std::vector<std::string> names;
  probe.policy.last_shared_layers([&](const std::string& layer) { names.push_back(layer); });
  CHECK(names == std::vector<std::string>{"shared/experts/0/2", "shared/experts/1/2"});

  pt::Vector<double> parts = pt::Vector<double>::Zero(whole.size());
  for (Index task = 0; task < 3; ++task) {
    probe.gradient.setZero();
    probe.input_gradient.setConstant(7);
    probe.backward(only(task, 3), pt::Reach::last_layer);
    CHECK((probe.input_gradient.array() == 7).all());
    CHECK(probe.policy.representation_gradient(probe.flat(probe.memory), probe.options.samples, task) ==
          probe.directions[static_cast<std::size_t>(task)]);
    for (const auto& layer : names)
      for (const auto* part : {"/weights", "/bias"}) {
        const auto& segment = layout.segment(layer + part);
        CHECK(gradient_of(probe, segment).norm() > 0);
        parts.segment(segment.offset, segment.size()) += gradient_of(probe, segment);
      }
  }
  probe.gradient.setZero();
  probe.input_gradient.setZero();
  probe.backward(probe.options.active, pt::Reach::before_last_layer);
  for (const auto& layer : names)
    for (const auto* part : {"/weights", "/bias"}) CHECK(gradient_of(probe, layout.segment(layer + part)).isZero(0));
  CHECK((parts + both_gradients(probe) - whole).norm() < 1e-12 * whole.norm());
}

TEST_CASE("STEM with one shared expert and no private ones is hard sharing") {
  pt::SharingProbe stem(pt::Stem{layers(), {.shared_experts = 1, .private_experts = 0}}, three);
  pt::SharingProbe hard(pt::HardSharing{layers()}, three);
  const Index size = hard.parameters.size();
  hard.parameters = stem.parameters.head(size);  // the gates come behind
  hard.inputs = copy_of(stem, stem.inputs, 0);
  hard.inputs.conservativeResize(hard.input_gradient.size());
  hard.directions = stem.directions;
  hard.differentiate();
  stem.differentiate();
  for (Index task = 0; task < 3; ++task)
    CHECK((stem.policy.representation(stem.flat(stem.memory), 7, task) -
           hard.policy.representation(hard.flat(hard.memory), 7, task))
              .norm() < 1e-12);
  CHECK(hard.gradient.norm() > 1);
  CHECK((stem.gradient.head(size) - hard.gradient).norm() < 1e-12);
  CHECK(stem.gradient.tail(stem.gradient.size() - size).norm() < 1e-12);
  CHECK((copy_of(stem, stem.input_gradient, 0) - copy_of(hard, hard.input_gradient, 0)).norm() < 1e-12);
  for (Index copy = 1; copy <= 3; ++copy) CHECK(copy_of(stem, stem.input_gradient, copy).norm() < 1e-12);
}

TEST_CASE("STEM with one task and one private expert is a network alone") {
  const std::vector<std::string_view> one{"click"};
  const auto network = pt::sequence(pt::dense<pt::Tanh>(4), pt::dropout(0.4), pt::dense<pt::Gelu>(3));
  pt::SharingProbe stem(pt::Stem{network, {.shared_experts = 0, .private_experts = 1}}, one);
  pt::SharingProbe alone(pt::Separate{network}, one);
  const Index size = alone.parameters.size();
  alone.parameters = stem.parameters.head(size);
  copy_of(alone, alone.inputs, 0) = copy_of(stem, stem.inputs, 1);
  alone.directions = stem.directions;
  alone.differentiate();
  stem.differentiate();
  CHECK((stem.policy.representation(stem.flat(stem.memory), 7, 0) -
         alone.policy.representation(alone.flat(alone.memory), 7, 0))
            .norm() < 1e-12);
  CHECK(alone.gradient.norm() > 1);
  CHECK((stem.gradient.head(size) - alone.gradient).norm() < 1e-12);
  CHECK((copy_of(stem, stem.input_gradient, 1) - copy_of(alone, alone.input_gradient, 0)).norm() < 1e-12);
  CHECK(copy_of(stem, stem.input_gradient, 0).norm() < 1e-12);
}

TEST_CASE("where all copies of the inputs are one matrix, STEM writes the sum of their gradients") {
  pt::SharingProbe probe(pt::Stem{layers(), {.shared_experts = 1, .private_experts = 2}}, three);
  for (Index copy = 1; copy <= 3; ++copy) copy_of(probe, probe.inputs, copy) = copy_of(probe, probe.inputs, 0);
  probe.differentiate();
  pt::Vector<double> sum = copy_of(probe, probe.input_gradient, 0);
  for (Index copy = 1; copy <= 3; ++copy) sum += copy_of(probe, probe.input_gradient, copy);
  const pt::Vector<double> gradient = probe.gradient;

  const auto& options = probe.options;
  for (Index task = 0; task < 3; ++task)
    probe.policy.representation_gradient(probe.flat(probe.memory), options.samples, task) =
        probe.directions[static_cast<std::size_t>(task)];
  pt::Vector<double> written = pt::Vector<double>::Constant(pt::piece_size(sum.size()), 7);
  const pt::Inputs<double> inputs{probe.inputs.data(), options.inputs, options.samples, 0};
  const auto backward = [&](double* target) {
    probe.gradient.setZero();
    probe.policy.backward(pt::SharingBackward<double>{probe.fixed(probe.parameters),
                                                      inputs,
                                                      options.active,
                                                      probe.flat(probe.memory),
                                                      probe.flat(probe.gradient),
                                                      {target, options.inputs, options.samples, 0},
                                                      pt::Reach::whole,
                                                      true});
  };
  backward(written.data());
  CHECK((written.head(sum.size()) - sum).norm() < 1e-12 * sum.norm());
  CHECK((probe.gradient - gradient).norm() < 1e-12 * gradient.norm());
  for (Index task = 0; task < 3; ++task)
    probe.policy.representation_gradient(probe.flat(probe.memory), options.samples, task) =
        probe.directions[static_cast<std::size_t>(task)];
  backward(nullptr);  // not asked for
  CHECK((probe.gradient - gradient).norm() < 1e-12 * gradient.norm());
}

TEST_CASE("without an active task STEM adds nothing and the shared inputs have no gradient") {
  pt::SharingProbe probe(pt::Stem{layers()}, two);
  probe.forward();
  probe.input_gradient.setConstant(7);
  probe.backward(std::vector<std::uint8_t>{0, 0});
  CHECK(probe.gradient.isZero(0));
  CHECK(copy_of(probe, probe.input_gradient, 0).isZero(0));
}

TEST_CASE("STEM names its segments, their owners, the copies of its inputs and the choices of its gates") {
  pt::Stem stem{pt::sequence(pt::dense<pt::Relu>(4), pt::batch_normalization()),
                {.shared_experts = 1, .private_experts = 2}};
  stem.connect(3, two);
  std::string found;
  pt::Stem plain{pt::mlp({4}), {.shared_experts = 1, .private_experts = 2}};
  plain.connect(3, two);
  plain.parameters([&](const std::string& name, Index owner, Index rows, Index columns) {
    found += name + " " + std::to_string(owner) + " " + std::to_string(rows) + "x" + std::to_string(columns) + "; ";
  });
  CHECK(found ==
        "shared/experts/0/0/weights -1 4x3; shared/experts/0/0/bias -1 4x1; "
        "click/experts/0/0/weights 0 4x3; click/experts/0/0/bias 0 4x1; "
        "click/experts/1/0/weights 0 4x3; click/experts/1/0/bias 0 4x1; "
        "spend/experts/0/0/weights 1 4x3; spend/experts/0/0/bias 1 4x1; "
        "spend/experts/1/0/weights 1 4x3; spend/experts/1/0/bias 1 4x1; "
        "click/gate/weights 0 5x3; click/gate/bias 0 5x1; spend/gate/weights 1 5x3; spend/gate/bias 1 5x1; ");
  found.clear();
  stem.statistics(
      [&](const std::string& name, Index owner, Index, Index) { found += name + " " + std::to_string(owner) + "; "; });
  CHECK(found ==
        "shared/experts/0/1/mean -1; shared/experts/0/1/variance -1; "
        "click/experts/0/1/mean 0; click/experts/0/1/variance 0; "
        "click/experts/1/1/mean 0; click/experts/1/1/variance 0; "
        "spend/experts/0/1/mean 1; spend/experts/0/1/variance 1; "
        "spend/experts/1/1/mean 1; spend/experts/1/1/variance 1; ");

  REQUIRE(stem.input_copies() == 3);
  CHECK(stem.input_copy_owner(0) == pt::shared_owner);
  CHECK(stem.input_copy_owner(2) == 1);
  CHECK(stem.input_copy_name(0).empty());
  CHECK(stem.input_copy_name(1) == "click/");
  CHECK(stem.reads_copy(2, only(0, 2)));  // the first task reads the second's tables
  CHECK_FALSE(stem.reads_copy(0, std::vector<std::uint8_t>{0, 0}));

  CHECK(stem.gate_choices(1) == 5);
  std::string choices;
  for (Index choice = 0; choice < 5; ++choice) choices += stem.choice_name(1, choice) + "; ";
  CHECK(choices == "shared expert 0; click's expert 0; click's expert 1; spend's expert 0; spend's expert 1; ");
}

TEST_CASE("a task of STEM reads what other tasks' experts put out, whether those are active or not") {
  pt::SharingProbe all(pt::Stem{layers()}, two);
  all.forward();
  pt::SharingProbe alone(pt::Stem{layers()}, two, {.active = {1, 0}, .membership = {}});
  alone.forward();
  const auto of = [](auto& probe) { return probe.policy.representation(probe.flat(probe.memory), 7, 0); };
  CHECK(of(all) == of(alone));
  const pt::Matrix<double> before = of(alone);
  copy_of(alone, alone.inputs, 2)[0] += 1;  // the first sample of the other task's own inputs
  alone.forward();
  CHECK((of(alone) - before).col(0).norm() > 1e-3);
  CHECK((of(alone) - before).rightCols(6).norm() == 0);
}

TEST_CASE("in STEM the statistics of experts of inactive tasks move, for active tasks read them") {
  pt::SharingProbe probe(pt::Stem{pt::sequence(pt::dense<pt::Tanh>(4), pt::batch_normalization())}, two,
                         {.active = {1, 0}, .membership = {}});
  CHECK(probe.policy.couples_samples());
  const auto forward = [&](std::vector<std::uint8_t> active) {
    pt::Vector<double> statistics = probe.statistics;
    probe.policy.forward(pt::SharingForward<double>{probe.fixed(probe.parameters),
                                                    {probe.inputs.data(), 5, 7, pt::piece_size(35)},
                                                    active,
                                                    probe.flat(probe.memory),
                                                    probe.flat(statistics),
                                                    pt::Random(3),
                                                    true,
                                                    7,
                                                    pt::ConstColumns<double>(probe.options.membership.data(), 2, 7)});
    return statistics;
  };
  const auto moved = forward({1, 0});
  CHECK(moved == forward({1, 1}));
  CHECK(moved != probe.statistics);
  CHECK((moved - probe.statistics).tail(32).norm() > 0);  // of the second task's expert
  CHECK(forward({0, 0}) == probe.statistics);
}

TEST_CASE("STEM rejects settings without an expert") {
  CHECK_THROWS_AS((pt::Stem{pt::mlp({4}), {.shared_experts = -1}}), pt::ArgumentError);
  CHECK_THROWS_WITH((pt::Stem{pt::mlp({4}), {.shared_experts = -1}}),
                    containing("shared_experts of at least 0, not -1"));
  CHECK_THROWS_WITH((pt::Stem{pt::mlp({4}), {.private_experts = -2}}),
                    containing("private_experts of at least 0, not -2"));
  CHECK_THROWS_WITH((pt::Stem{pt::mlp({4}), {.shared_experts = 0, .private_experts = 0}}),
                    containing("STEM needs an expert"));
}

TEST_CASE("a file keeps the settings of STEM and may not hold wrong ones") {
  const pt::Stem stem{pt::mlp({4}), {.shared_experts = 2, .private_experts = 3}};
  auto json = pt::to_json(stem);
  CHECK(json["type"] == "stem");
  std::remove_cv_t<decltype(stem)> loaded;
  pt::from_json(json, loaded, "sharing");
  CHECK(loaded.settings.shared_experts == 2);
  CHECK(loaded.settings.private_experts == 3);
  CHECK(pt::to_json(loaded) == json);
  json["private_experts"] = -1;
  CHECK_THROWS_AS(pt::from_json(json, loaded, "sharing"), pt::FileError);
  CHECK_THROWS_WITH(pt::from_json(json, loaded, "sharing"), containing("private_experts of at least 0, not -1"));
}

TEST_CASE("the baseline of STEM is one network of the same widths for each task") {
  auto baseline = pt::Stem{pt::mlp({7, 5}), {.shared_experts = 4}}.baseline();
  STATIC_REQUIRE(decltype(baseline)::name == "separate");
  baseline.connect(3, two);
  CHECK(layout_of(baseline).segment("spend/network/1/weights").columns == 7);
}

}  // namespace stem_tests
