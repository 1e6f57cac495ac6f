// Fusion of all tasks' experts with the residual of a task's own (AdaTT).
#include "catch.hpp"
#include "sharing/extraction.hpp"

#include "polytask/files/structure.hpp"
#include "polytask/sharing/ada_tt.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"
#include "polytask/sharing/progressive_extraction.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace ada_tt_tests {

namespace pt = polytask;
using extraction::check_gradients;
using extraction::check_passes;
using extraction::check_same;
using extraction::inputs_of;
using extraction::last_layers_of;
using extraction::layers;
using extraction::layout_of;
using extraction::mixture;
using extraction::network;
using extraction::passes_allocate_nothing;
using extraction::segment;
using extraction::segments_of;
using extraction::three;
using extraction::two;
using pt::Index;

namespace {

using Settings = pt::AdaTTSettings;

static_assert(pt::Sharing<pt::AdaTT<decltype(layers())>>);

/// What the fusion unit of a branch puts out, worked from the segments by their names.
template <class Probe>
pt::Matrix<double> unit(Probe& probe, const std::string& branch, Index level) {
  if (level < 0) return inputs_of(probe);
  const Settings& settings = probe.policy.settings;
  std::vector<pt::Matrix<double>> experts;
  pt::Matrix<double> native = pt::Matrix<double>::Zero(3, probe.options.samples);
  const auto add = [&](const std::string& of, Index count) {
    for (Index expert = 0; expert < count; ++expert) {
      experts.push_back(
          network(probe, pt::text(of, "/extraction/", level, "/experts/", expert, "/"), unit(probe, of, level - 1)));
      if (of != branch || !settings.residual) continue;
      const std::string weights = pt::text(of, "/extraction/", level, "/native/weights");
      native += (count == 1 ? 1 : segment(probe, probe.parameters, weights)(expert, 0)) * experts.back();
    }
  };
  add("shared", settings.shared_experts);
  for (const auto& task : three) add(std::string(task), settings.experts);
  const std::string gate = pt::text(branch, "/extraction/", level, "/gate/");
  return native + mixture(probe, gate, unit(probe, branch, level - 1), experts);
}

const std::vector<Settings> some{{1, 1, 0, true}, {1, 2, 0, true}, {1, 2, 2, true},
                                 {2, 2, 0, true}, {3, 1, 1, true}, {2, 2, 1, false}};

}  // namespace

TEST_CASE("AdaTT puts out what its formula says, on every number of levels") {
  for (const Settings& settings : some) {
    INFO(settings.levels << " levels, " << settings.experts << " and " << settings.shared_experts << " experts");
    for (const std::vector<std::uint8_t>& active : {std::vector<std::uint8_t>{1, 1, 1}, {0, 1, 0}}) {
      pt::SharingProbe probe(pt::AdaTT{pt::mlp<pt::Tanh>({4, 3}), settings}, three,
                             {.active = active, .membership = {}});
      probe.forward();
      for (Index task = 0; task < 3; ++task) {
        if (!active[static_cast<std::size_t>(task)]) continue;
        const auto expected = unit(probe, std::string(three[static_cast<std::size_t>(task)]), settings.levels - 1);
        CHECK(expected.norm() > 0.5);
        CHECK((probe.policy.representation(probe.flat(probe.memory), 7, task) - expected).norm() < 1e-13);
      }
    }
  }
}

TEST_CASE("AdaTT fuses all experts and adds its own as worked by hand") {
  pt::SharingProbe probe(pt::AdaTT{pt::mlp<pt::Identity>({1}), {.experts = 2}}, two,
                         {.inputs = 1, .samples = 1, .active = {}, .membership = {}});
  const auto set = [&](const std::string& name, Index row, double value) {
    segment(probe, probe.parameters, name)(row, 0) = value;
  };
  probe.parameters.setZero();
  probe.inputs[0] = 2;
  set("click/extraction/0/experts/0/0/weights", 0, 1);   // puts out 2
  set("click/extraction/0/experts/1/0/weights", 0, 2);   // 4
  set("spend/extraction/0/experts/0/0/weights", 0, -3);  // -6
  set("spend/extraction/0/experts/1/0/bias", 0, 8);      // 8
  set("click/extraction/0/native/weights", 0, 0.5);
  set("click/extraction/0/native/weights", 1, -1);
  set("spend/extraction/0/native/weights", 1, 3);
  set("spend/extraction/0/gate/bias", 3, std::log(5.0));  // shares 1/8, 1/8, 1/8, 5/8; click's are 1/4 each
  for (auto& direction : probe.directions) direction.setOnes();
  probe.differentiate();
  const auto memory = probe.flat(probe.memory);
  CHECK(probe.policy.representation(memory, 1, 0)(0, 0) == Approx(2 + (0.5 * 2 - 4)).epsilon(1e-14));
  CHECK(probe.policy.representation(memory, 1, 1)(0, 0) == Approx(5 + 3 * 8).epsilon(1e-14));
  CHECK((probe.policy.gate(memory, 1, 1) - Eigen::Vector4d(0.125, 0.125, 0.125, 0.625)).norm() < 1e-15);
  const auto slope = [&](const std::string& name) { return segment(probe, probe.gradient, name); };
  CHECK(slope("click/extraction/0/experts/0/0/bias")(0, 0) == Approx(0.25 + 0.5 + 0.125));
  CHECK(slope("click/extraction/0/experts/1/0/bias")(0, 0) == Approx(0.25 - 1 + 0.125));
  CHECK(slope("spend/extraction/0/experts/0/0/weights")(0, 0) == Approx(2 * (0.25 + 0.125)));
  CHECK(slope("spend/extraction/0/experts/1/0/weights")(0, 0) == Approx(2 * (0.25 + 0.625 + 3)));
  CHECK((slope("click/extraction/0/native/weights") - Eigen::Vector2d(2, 4)).norm() < 1e-14);
  CHECK((slope("spend/extraction/0/native/weights") - Eigen::Vector2d(-6, 8)).norm() < 1e-14);
  // the residual is no part of what the gate is compared with: 5
  CHECK((slope("spend/extraction/0/gate/bias") -
         Eigen::Vector4d(0.125 * (2 - 5), 0.125 * (4 - 5), 0.125 * (-6 - 5), 0.625 * (8 - 5)))
            .norm() < 1e-14);
  CHECK(probe.input_gradient[0] == Approx((0.25 + 0.5 + 0.125) + 2 * (0.25 - 1 + 0.125) - 3 * (0.25 + 0.125)));
}

TEST_CASE("the backward pass of AdaTT is the derivative of its forward pass") {
  for (const Settings& settings : some) {
    INFO(settings.levels << " levels, " << settings.experts << " and " << settings.shared_experts << " experts");
    check_gradients(pt::AdaTT{layers(), settings});
  }
  check_gradients(pt::AdaTT{layers(), {.levels = 2, .experts = 2}}, {1, 0, 1});
  check_gradients(pt::AdaTT{layers(), {.levels = 2, .shared_experts = 1}}, {0, 1, 0});
}

TEST_CASE("the passes of AdaTT for single tasks and for the last shared layer add up to the joint one") {
  for (const Settings& settings : some) {
    INFO(settings.levels << " levels, " << settings.experts << " and " << settings.shared_experts << " experts");
    check_passes(pt::AdaTT{layers(), settings});
  }
}

TEST_CASE("without its residual AdaTT on one level is a mixture of as many experts") {
  check_same(pt::AdaTT{layers(), {.residual = false}}, pt::MixtureOfExperts{layers(), {.experts = 3}});
  check_same(pt::AdaTT{layers(), {.experts = 2, .shared_experts = 1, .residual = false}},
             pt::MixtureOfExperts{layers(), {.experts = 7}});
}

TEST_CASE("with one expert a task AdaTT adds to the mixture the task's expert as it is") {
  pt::SharingProbe with(pt::AdaTT{layers()}, three);
  pt::SharingProbe without(pt::AdaTT{layers(), {.residual = false}}, three);
  REQUIRE(with.parameters == without.parameters);  // no weights of native experts
  pt::SharingProbe own(pt::ProgressiveExtraction{layers(), {.shared_experts = 0, .private_experts = 1}}, three);
  own.inputs = without.inputs = with.inputs;
  const auto layout = layout_of(own.policy);
  for (const auto& part : layout.segments())
    if (part.name.find("/experts/") != std::string::npos)
      segment(own, own.parameters, part.name) = segment(with, with.parameters, part.name);
  with.forward();
  without.forward();
  own.forward();
  for (Index task = 0; task < 3; ++task) {
    const auto of = [&](auto& probe) -> pt::Matrix<double> {
      return probe.policy.representation(probe.flat(probe.memory), 7, task);
    };
    CHECK((of(with) - of(without) - of(own)).norm() < 1e-13);
    CHECK(of(own).norm() > 0.5);
  }
}

TEST_CASE("with one task and one expert AdaTT is twice the network on every level") {
  pt::SharingProbe probe(pt::AdaTT{pt::mlp<pt::Identity>({5}), {.levels = 2}}, {"click"});
  probe.parameters.setZero();
  for (const std::string level : {"0", "1"})
    segment(probe, probe.parameters, "click/extraction/" + level + "/experts/0/0/weights").setIdentity();
  probe.forward();
  CHECK((probe.policy.representation(probe.flat(probe.memory), 7, 0) - 4 * inputs_of(probe)).norm() < 1e-13);
  const pt::AdaTT small{pt::mlp<pt::Tanh>({4, 3}), {.levels = 2, .experts = 2, .shared_experts = 1}};
  CHECK(pt::check_sharing(small, {"click"}).error < 1e-9);
}

TEST_CASE("AdaTT names its segments and says which a task alone moves") {
  const auto network = pt::mlp<pt::Tanh>({4});
  CHECK(segments_of(pt::AdaTT{network}) ==
        "click/extraction/0/experts/0/0/weights -1 4x3\nclick/extraction/0/experts/0/0/bias -1 4x1\n"
        "spend/extraction/0/experts/0/0/weights -1 4x3\nspend/extraction/0/experts/0/0/bias -1 4x1\n"
        "click/extraction/0/gate/weights 0 2x3\nclick/extraction/0/gate/bias 0 2x1\n"
        "spend/extraction/0/gate/weights 1 2x3\nspend/extraction/0/gate/bias 1 2x1\n");
  const auto two_levels = segments_of(pt::AdaTT{pt::Sequence<>{}, {.levels = 2, .experts = 2, .shared_experts = 2}});
  CHECK(two_levels ==
        "click/extraction/0/gate/weights -1 6x3\nclick/extraction/0/gate/bias -1 6x1\n"
        "click/extraction/0/native/weights -1 2x1\n"
        "spend/extraction/0/gate/weights -1 6x3\nspend/extraction/0/gate/bias -1 6x1\n"
        "spend/extraction/0/native/weights -1 2x1\n"
        "shared/extraction/0/gate/weights -1 6x3\nshared/extraction/0/gate/bias -1 6x1\n"
        "shared/extraction/0/native/weights -1 2x1\n"
        "click/extraction/1/gate/weights 0 6x3\nclick/extraction/1/gate/bias 0 6x1\n"
        "click/extraction/1/native/weights 0 2x1\n"
        "spend/extraction/1/gate/weights 1 6x3\nspend/extraction/1/gate/bias 1 6x1\n"
        "spend/extraction/1/native/weights 1 2x1\n");
}

TEST_CASE("the last shared layers of AdaTT are those of all experts of the top level") {
  pt::AdaTT policy{layers(), {.levels = 2, .shared_experts = 1}};
  policy.connect(3, two);
  CHECK(last_layers_of(policy) ==
        "shared/extraction/1/experts/0/2 click/extraction/1/experts/0/2 spend/extraction/1/experts/0/2 ");
}

TEST_CASE("the choices of a gate of AdaTT are all experts") {
  pt::AdaTT policy{layers(), {.levels = 2, .shared_experts = 1}};
  policy.connect(3, two);
  REQUIRE(policy.gate_choices(0) == 3);
  CHECK(policy.choice_name(0, 0) == "shared expert 0");
  CHECK(policy.choice_name(0, 1) == "click's expert 0");
  CHECK(policy.choice_name(0, 2) == "spend's expert 0");
  CHECK(policy.choice_name(1, 1) == "click's expert 0");
}

TEST_CASE("the weights of native experts begin within their bounds and different") {
  pt::AdaTT policy{pt::mlp<pt::Tanh>({4}), {.experts = 4}};
  policy.connect(3, two);
  const auto layout = layout_of(policy);
  pt::Vector<double> numbers = pt::Vector<double>::Constant(layout.size(), 9);
  pt::Random random(3);
  policy.initialize(pt::Flat<double>(numbers.data(), numbers.size()), pt::no_flat<double>(), random);
  const auto click = layout.segment("click/extraction/0/native/weights");
  const auto spend = layout.segment("spend/extraction/0/native/weights");
  const pt::Vector<double> first = numbers.segment(click.offset, 4);
  CHECK(first.cwiseAbs().maxCoeff() < 0.5);
  CHECK(first.cwiseAbs().minCoeff() > 0);
  CHECK((first - numbers.segment(spend.offset, 4)).cwiseAbs().minCoeff() > 0);
}

TEST_CASE("passes of AdaTT allocate nothing") {
  passes_allocate_nothing(pt::AdaTT{layers(), {.levels = 2, .experts = 2, .shared_experts = 1}});
}

TEST_CASE("AdaTT refuses settings that make no sense, and says which") {
  const auto made = [](Settings settings) { return pt::AdaTT{pt::mlp<pt::Tanh>({4}), settings}; };
  CHECK_THROWS_AS(made({.levels = 0}), pt::ArgumentError);
  CHECK_THROWS_WITH(made({.levels = 0}), containing("AdaTT needs at least one level: `levels` is 0"));
  CHECK_THROWS_WITH(made({.experts = 0}), containing("at least one expert a task: `experts` is 0"));
  CHECK_THROWS_WITH(made({.shared_experts = -1}), containing("at least 0: `shared_experts` is -1"));
}

TEST_CASE("the settings of AdaTT come back from a file, and bad ones are refused") {
  pt::AdaTT<decltype(pt::mlp<pt::Tanh>({4}))> loaded;
  auto json = pt::to_json(pt::AdaTT{pt::mlp<pt::Tanh>({4}), {3, 2, 1, false}});
  pt::from_json(json, loaded, "sharing");
  CHECK(loaded.settings.levels == 3);
  CHECK(loaded.settings.experts == 2);
  CHECK(loaded.settings.shared_experts == 1);
  CHECK(!loaded.settings.residual);
  CHECK(pt::to_json(loaded) == json);
  json["settings"]["experts"] = 0;
  CHECK_THROWS_AS(pt::from_json(json, loaded, "sharing"), pt::FileError);
}

}  // namespace ada_tt_tests
