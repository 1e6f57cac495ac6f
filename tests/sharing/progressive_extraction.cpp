// Shared experts beside private ones, on one level (CGC) and on several (PLE).
#include "catch.hpp"
#include "sharing/extraction.hpp"

#include "polytask/files/structure.hpp"
#include "polytask/layers/batch_normalization.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"
#include "polytask/sharing/progressive_extraction.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace progressive_extraction_tests {

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

using Settings = pt::ExtractionSettings;

std::string text(const Settings& settings) {
  return pt::text(settings.levels, " levels, ", settings.shared_experts, " shared and ", settings.private_experts,
                  " private experts");
}

static_assert(pt::Sharing<pt::ProgressiveExtraction<decltype(layers())>>);

/// What the unit of a branch puts out, worked from the segments by their names; below level 0 the inputs.
template <class Probe>
pt::Matrix<double> unit(Probe& probe, const std::string& branch, Index level) {
  if (level < 0) return inputs_of(probe);
  const Settings& settings = probe.policy.settings;
  std::vector<pt::Matrix<double>> experts;
  const auto add = [&](const std::string& of, Index count) {
    for (Index expert = 0; expert < count; ++expert)
      experts.push_back(
          network(probe, pt::text(of, "/extraction/", level, "/experts/", expert, "/"), unit(probe, of, level - 1)));
  };
  add("shared", settings.shared_experts);
  for (const auto& task : three)
    if (branch == "shared" || branch == task) add(std::string(task), settings.private_experts);
  return mixture(probe, pt::text(branch, "/extraction/", level, "/gate/"), unit(probe, branch, level - 1), experts);
}

}  // namespace

TEST_CASE("extraction puts out what its formula says, on every number of levels") {
  for (const Settings& settings :
       {Settings{1, 1, 2}, {1, 2, 0}, {1, 0, 2}, {2, 1, 2}, {3, 2, 1}, {2, 2, 0}, {2, 0, 2}}) {
    INFO(text(settings));
    for (const std::vector<std::uint8_t>& active : {std::vector<std::uint8_t>{1, 1, 1}, {0, 1, 0}}) {
      pt::SharingProbe probe(pt::ProgressiveExtraction{pt::mlp<pt::Tanh>({4, 3}), settings}, three,
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

TEST_CASE("customised gate control mixes shared and own experts as worked by hand") {
  pt::SharingProbe probe(pt::ProgressiveExtraction{pt::mlp<pt::Identity>({1}), {.private_experts = 1}}, two,
                         {.inputs = 1, .samples = 1, .active = {}, .membership = {}});
  const auto set = [&](const std::string& name, Index row, double value) {
    segment(probe, probe.parameters, name)(row, 0) = value;
  };
  probe.parameters.setZero();
  probe.inputs[0] = 2;
  set("shared/extraction/0/experts/0/0/weights", 0, 1);          // puts out 2
  set("click/extraction/0/experts/0/0/weights", 0, 3);           // 6
  set("spend/extraction/0/experts/0/0/bias", 0, -4);             // -4
  set("click/extraction/0/gate/bias", 1, std::log(3.0));         // shares 1/4, 3/4
  set("spend/extraction/0/gate/weights", 0, std::log(4.0) / 2);  // shares 4/5, 1/5
  for (auto& direction : probe.directions) direction.setOnes();
  probe.differentiate();
  const auto memory = probe.flat(probe.memory);
  CHECK(probe.policy.representation(memory, 1, 0)(0, 0) == Approx(5.0).epsilon(1e-14));
  CHECK(probe.policy.representation(memory, 1, 1)(0, 0) == Approx(0.8).epsilon(1e-14));
  CHECK((probe.policy.gate(memory, 1, 0) - Eigen::Vector2d(0.25, 0.75)).norm() < 1e-15);
  CHECK((probe.policy.gate(memory, 1, 1) - Eigen::Vector2d(0.8, 0.2)).norm() < 1e-15);
  const auto slope = [&](const std::string& name) { return segment(probe, probe.gradient, name); };
  CHECK(slope("shared/extraction/0/experts/0/0/bias")(0, 0) == Approx(0.25 + 0.8));
  CHECK(slope("click/extraction/0/experts/0/0/weights")(0, 0) == Approx(0.75 * 2));
  CHECK(slope("spend/extraction/0/experts/0/0/weights")(0, 0) == Approx(0.2 * 2));
  CHECK((slope("click/extraction/0/gate/bias") - Eigen::Vector2d(0.25 * (2 - 5), 0.75 * (6 - 5))).norm() < 1e-14);
  CHECK((slope("spend/extraction/0/gate/weights") - 2 * Eigen::Vector2d(0.8 * (2 - 0.8), 0.2 * (-4 - 0.8))).norm() <
        1e-14);
  CHECK(probe.input_gradient[0] == Approx(0.25 + 0.75 * 3 + 0.8 + std::log(4.0) / 2 * 0.8 * (2 - 0.8)));
}

TEST_CASE("the backward pass of extraction is the derivative of its forward pass") {
  for (const Settings& settings : {Settings{1, 1, 2}, {2, 1, 1}, {3, 1, 1}, {2, 2, 0}, {2, 0, 2}}) {
    INFO(text(settings));
    check_gradients(pt::ProgressiveExtraction{layers(), settings});
  }
  check_gradients(pt::ProgressiveExtraction{layers(), {.levels = 2, .private_experts = 1}}, {1, 0, 1});
  check_gradients(pt::ProgressiveExtraction{layers(), {.levels = 3, .private_experts = 1}}, {0, 1, 0});
  const pt::ProgressiveExtraction coupled{pt::sequence(pt::dense<pt::Tanh>(2), pt::batch_normalization()),
                                          {.levels = 2}};
  CHECK(coupled.couples_samples());
  CHECK(pt::check_sharing(coupled, two, {.inputs = 2, .active = {}, .membership = {}}).error < 1e-8);
}

TEST_CASE("the passes of extraction for single tasks and for the last shared layer add up to the joint one") {
  for (const Settings& settings :
       {Settings{1, 1, 2}, {1, 2, 0}, {1, 0, 2}, {2, 1, 2}, {3, 2, 1}, {4, 1, 1}, {3, 2, 0}, {2, 0, 2}}) {
    INFO(text(settings));
    check_passes(pt::ProgressiveExtraction{layers(), settings});
  }
  check_passes(pt::ProgressiveExtraction{pt::sequence(pt::layer_normalization()), {.levels = 2, .private_experts = 1}});
}

TEST_CASE("without private experts and with one level extraction is a mixture of experts with a gate a task") {
  check_same(pt::ProgressiveExtraction{layers(), {.shared_experts = 3, .private_experts = 0}},
             pt::MixtureOfExperts{layers(), {.experts = 3}});
}

TEST_CASE("with one shared expert only extraction is hard sharing") {
  check_same(pt::ProgressiveExtraction{layers(), {.private_experts = 0}}, pt::HardSharing{layers()}, "/gate/");
}

TEST_CASE("with one private expert only extraction is separate networks on shared inputs") {
  check_same(pt::ProgressiveExtraction{layers(), {.shared_experts = 0, .private_experts = 1}}, pt::Separate{layers()},
             "/gate/");
}

TEST_CASE("on two levels with one shared expert only extraction is hard sharing of a network of twice the depth") {
  check_same(pt::ProgressiveExtraction{pt::mlp<pt::Tanh>({3}), {.levels = 2, .private_experts = 0}},
             pt::HardSharing{pt::mlp<pt::Tanh>({3, 3})}, "/gate/");
}

TEST_CASE("extraction names its segments and says which a task alone moves") {
  const auto network = pt::mlp<pt::Tanh>({4});
  CHECK(segments_of(pt::ProgressiveExtraction{network, {.private_experts = 1}}) ==
        "shared/extraction/0/experts/0/0/weights -1 4x3\nshared/extraction/0/experts/0/0/bias -1 4x1\n"
        "click/extraction/0/experts/0/0/weights 0 4x3\nclick/extraction/0/experts/0/0/bias 0 4x1\n"
        "spend/extraction/0/experts/0/0/weights 1 4x3\nspend/extraction/0/experts/0/0/bias 1 4x1\n"
        "click/extraction/0/gate/weights 0 2x3\nclick/extraction/0/gate/bias 0 2x1\n"
        "spend/extraction/0/gate/weights 1 2x3\nspend/extraction/0/gate/bias 1 2x1\n");
  // below the top the shared gate mixes private experts, too; what a task's gate mixes there its own branch alone reads
  CHECK(segments_of(pt::ProgressiveExtraction{network, {.levels = 2, .private_experts = 1}}) ==
        "shared/extraction/0/experts/0/0/weights -1 4x3\nshared/extraction/0/experts/0/0/bias -1 4x1\n"
        "click/extraction/0/experts/0/0/weights -1 4x3\nclick/extraction/0/experts/0/0/bias -1 4x1\n"
        "spend/extraction/0/experts/0/0/weights -1 4x3\nspend/extraction/0/experts/0/0/bias -1 4x1\n"
        "click/extraction/0/gate/weights 0 2x3\nclick/extraction/0/gate/bias 0 2x1\n"
        "spend/extraction/0/gate/weights 1 2x3\nspend/extraction/0/gate/bias 1 2x1\n"
        "shared/extraction/0/gate/weights -1 3x3\nshared/extraction/0/gate/bias -1 3x1\n"
        "shared/extraction/1/experts/0/0/weights -1 4x4\nshared/extraction/1/experts/0/0/bias -1 4x1\n"
        "click/extraction/1/experts/0/0/weights 0 4x4\nclick/extraction/1/experts/0/0/bias 0 4x1\n"
        "spend/extraction/1/experts/0/0/weights 1 4x4\nspend/extraction/1/experts/0/0/bias 1 4x1\n"
        "click/extraction/1/gate/weights 0 2x4\nclick/extraction/1/gate/bias 0 2x1\n"
        "spend/extraction/1/gate/weights 1 2x4\nspend/extraction/1/gate/bias 1 2x1\n");
  // on three levels the shared gate of the middle level mixes experts that read what tasks' gates mixed at the lowest
  const auto three_levels = segments_of(pt::ProgressiveExtraction{network, {.levels = 3}});
  CHECK_THAT(three_levels, containing("spend/extraction/0/gate/weights -1") &&
                               containing("spend/extraction/1/experts/1/0/weights -1") &&
                               containing("spend/extraction/1/gate/weights 1") &&
                               containing("spend/extraction/2/experts/1/0/weights 1"));
  // without shared experts there is no shared gate
  const auto apart = segments_of(pt::ProgressiveExtraction{network, {.levels = 2, .shared_experts = 0}});
  CHECK(apart.find("-1") == std::string::npos);
  CHECK(apart.find("shared") == std::string::npos);
}

TEST_CASE("the last shared layers of extraction are those of the shared experts of the top level") {
  pt::ProgressiveExtraction policy{layers(), {.levels = 2, .shared_experts = 2}};
  policy.connect(3, two);
  CHECK(last_layers_of(policy) == "shared/extraction/1/experts/0/2 shared/extraction/1/experts/1/2 ");
}

TEST_CASE("the choices of a gate of extraction are the shared experts and the task's own") {
  pt::ProgressiveExtraction policy{layers(), {.levels = 2, .shared_experts = 2, .private_experts = 1}};
  policy.connect(3, two);
  REQUIRE(policy.gate_choices(1) == 3);
  CHECK(policy.choice_name(1, 0) == "shared expert 0");
  CHECK(policy.choice_name(1, 1) == "shared expert 1");
  CHECK(policy.choice_name(1, 2) == "spend's expert 0");
  CHECK(policy.choice_name(0, 2) == "click's expert 0");
}

TEST_CASE("experts of extraction begin different from each other") {
  pt::ProgressiveExtraction policy{pt::mlp<pt::Tanh>({4}), {.shared_experts = 2}};
  policy.connect(3, two);
  const auto layout = layout_of(policy);
  pt::Vector<double> numbers = pt::Vector<double>::Constant(layout.size(), 9);
  pt::Random random(3);
  policy.initialize(pt::Flat<double>(numbers.data(), numbers.size()), pt::no_flat<double>(), random);
  std::vector<double> first;
  for (const auto& part : layout.segments()) {
    CHECK((part.columns == 1) == numbers.segment(part.offset, part.size()).isZero(0));  // biases
    if (part.columns > 1) first.push_back(numbers[part.offset]);
  }
  REQUIRE(first.size() == 8);
  for (std::size_t one = 0; one < first.size(); ++one)
    for (std::size_t other = 0; other < one; ++other) CHECK(first[one] != first[other]);
}

TEST_CASE("private experts of inactive tasks move statistics only below the top of extraction") {
  pt::SharingProbe probe(
      pt::ProgressiveExtraction{pt::sequence(pt::dense<pt::Tanh>(4), pt::batch_normalization()), {.levels = 2}}, two,
      {.active = {0, 1}, .membership = {}});
  pt::Vector<double> moved = probe.statistics;
  probe.policy.forward(pt::SharingForward<double>{probe.fixed(probe.parameters),
                                                  {probe.inputs.data(), 5, 7, 0},
                                                  probe.options.active,
                                                  probe.flat(probe.memory),
                                                  probe.flat(moved),
                                                  pt::Random(1),
                                                  true,
                                                  7,
                                                  pt::ConstColumns<double>(nullptr, 0, 0)});
  pt::Layout layout;
  probe.policy.statistics(
      [&](const std::string& name, Index owner, Index rows, Index columns) { layout.add(name, owner, rows, columns); });
  Index resting = 0;
  for (const auto& part : layout.segments()) {
    INFO(part.name);
    const bool rests = part.name.find("click/extraction/1/") == 0;
    CHECK((moved.segment(part.offset, part.size()) == probe.statistics.segment(part.offset, part.size())) == rests);
    CHECK((part.owner == 0) == rests);
    resting += rests ? 1 : 0;
  }
  CHECK(resting == 4);
}

TEST_CASE("passes of extraction allocate nothing") {
  passes_allocate_nothing(pt::ProgressiveExtraction{layers(), {.levels = 2}});
}

TEST_CASE("extraction refuses settings that make no sense, and says which") {
  const auto made = [](Settings settings) { return pt::ProgressiveExtraction{pt::mlp<pt::Tanh>({4}), settings}; };
  CHECK_THROWS_AS(made({.levels = 0}), pt::ArgumentError);
  CHECK_THROWS_WITH(made({.levels = 0}), containing("extraction needs at least one level: `levels` is 0"));
  CHECK_THROWS_WITH(made({.shared_experts = -1}), containing("at least 0: `shared_experts` is -1"));
  CHECK_THROWS_WITH(made({.private_experts = -2}), containing("at least 0: `private_experts` is -2"));
  CHECK_THROWS_WITH(made({.shared_experts = 0, .private_experts = 0}),
                    containing("at least one expert: `shared_experts` and `private_experts` are 0"));
  auto changed = made({});
  changed.settings.levels = -1;
  CHECK_THROWS_WITH(changed.connect(3, two), containing("`levels` is -1"));
}

TEST_CASE("the settings of extraction come back from a file, and bad ones are refused") {
  pt::ProgressiveExtraction<decltype(pt::mlp<pt::Tanh>({4}))> loaded;
  auto json = pt::to_json(pt::ProgressiveExtraction{pt::mlp<pt::Tanh>({4}), {3, 2, 1}});
  pt::from_json(json, loaded, "sharing");
  CHECK(loaded.settings.levels == 3);
  CHECK(loaded.settings.shared_experts == 2);
  CHECK(loaded.settings.private_experts == 1);
  CHECK(pt::to_json(loaded) == json);
  json["settings"]["levels"] = 0;
  CHECK_THROWS_AS(pt::from_json(json, loaded, "sharing"), pt::FileError);
}

}  // namespace progressive_extraction_tests
