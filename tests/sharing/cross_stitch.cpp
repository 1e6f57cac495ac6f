// Towers that are mixed after each hidden layer.
#include "catch.hpp"
#include "stitched.hpp"

#include "polytask/sharing/cross_stitch.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace cross_stitch_tests {

namespace pt = polytask;
using pt::CrossStitch;
using pt::Index;
using pt::Tables;
using stitched::Probe;
using stitched::smooth;
using stitched::three;
using stitched::two;
using stitched::with;

static_assert(pt::Sharing<CrossStitch<decltype(smooth())>>);

TEST_CASE("the gradients of cross-stitch networks are those of finite differences") {
  for (const bool per_channel : {false, true})
    for (const bool frozen : {false, true})
      for (const Tables tables : {Tables::shared, Tables::own})
        stitched::check_gradients(
            CrossStitch{smooth(), {.per_channel = per_channel, .frozen = frozen, .tables = tables}});
  stitched::check_gradients(CrossStitch{pt::mlp<pt::Tanh>({3})});
  stitched::check_gradients(CrossStitch{pt::Sequence<>{}});
}

TEST_CASE("batch normalisation below cross-stitch units couples the samples") {
  const CrossStitch policy{pt::sequence(pt::dense<pt::Tanh>(4), pt::batch_normalization(), pt::dense<pt::Tanh>(3))};
  CHECK(policy.couples_samples());
  CHECK_FALSE(CrossStitch{smooth()}.couples_samples());
  CHECK(pt::check_sharing(policy, three, with({0, 1, 0})).error < 1e-7);
  Probe probe(policy, two);
  std::string names;
  Index size = 0;
  probe.policy.statistics([&](const std::string& name, Index owner, Index rows, Index columns) {
    names += name + " " + std::to_string(owner) + "; ";
    size += pt::piece_size(rows * columns);
  });
  CHECK(names ==
        "click/tower/0/1/mean -1; click/tower/0/1/variance -1; "
        "spend/tower/0/1/mean -1; spend/tower/0/1/variance -1; ");
  CHECK(size == probe.statistics.size());
}

TEST_CASE("the ways back of single tasks and of single layers add up to that of a cross-stitch network") {
  stitched::check_ways_back(CrossStitch{smooth()});
  stitched::check_ways_back(CrossStitch{smooth(), {.per_channel = true, .tables = Tables::own}});
  stitched::check_ways_back(CrossStitch{smooth(), {.frozen = true}});
  stitched::check_ways_back(CrossStitch{pt::mlp<pt::Tanh>({3})});
}

TEST_CASE("without an active task the gradient of all inputs is zero") {
  for (const Tables tables : {Tables::shared, Tables::own}) {
    Probe probe(CrossStitch{smooth(), {.tables = tables}}, two);
    probe.forward();
    probe.input_gradient.setConstant(7);
    probe.backward(std::vector<std::uint8_t>{0, 0});
    for (Index copy = 0; copy < probe.policy.input_copies(); ++copy)
      CHECK(probe.input_gradient.segment(copy * pt::piece_size(5 * 7), 5 * 7).norm() == 0);
  }
}

TEST_CASE("a cross-stitch unit mixes the towers as its numbers say") {
  Probe probe(CrossStitch{pt::mlp<pt::Identity>({1, 1})}, two, stitched::small(1, 2));
  probe.parameters.setZero();
  probe.at("click/tower/0/0/weights") << 2;
  probe.at("spend/tower/0/0/weights") << 3;
  probe.at("spend/tower/0/0/bias") << 1;
  probe.at("shared/units/0") << 0.5, 0.25,  //
      -1, 2;
  probe.at("click/tower/1/0/weights") << 4;
  probe.at("spend/tower/1/0/weights") << -1;
  probe.at("shared/units/1") << 1, 3,  //
      0, 2;
  probe.inputs.head(2) << 1, -2;
  probe.forward();
  // x = (2, 4) and (-4, -5); mixed (0.5 * 2 + 0.25 * 4, -2 + 8) = (2, 6) and (-3.25, -6); above (8, -6) and (-13, 6);
  // mixed (8 - 18, -12) and (-13 + 18, 12)
  CHECK(probe.representation(0) == (pt::Matrix<double>(1, 2) << -10, 5).finished());
  CHECK(probe.representation(1) == (pt::Matrix<double>(1, 2) << -12, 12).finished());

  probe.directions[0] << 1, 2;
  probe.directions[1] << -1, 1;
  const auto gradient = probe.back({1, 1});
  // dalpha(t, s) = <g_t, x_s> over x_0 = (8, -13), x_1 = (-6, 6)
  CHECK(probe.at(probe.gradient, "shared/units/1") == (pt::Matrix<double>(2, 2) << -18, 6, -21, 12).finished());
  // g_0 = (1, 2), g_1 = 3 (1, 2) + 2 (-1, 1) = (1, 8); times the weights 4 and -1: (4, 8) and (-1, -8);
  // x_0 = (2, -4), x_1 = (4, -5)
  CHECK(probe.at(probe.gradient, "shared/units/0") == (pt::Matrix<double>(2, 2) << -24, -24, 30, 36).finished());
  // 0.5 (4, 8) - (-1, -8) = (3, 12) and 0.25 (4, 8) + 2 (-1, -8) = (-1, -14); the inputs: 2 and 3 times that
  CHECK(probe.input_gradient.head(2) == (pt::Vector<double>(2) << 3, -18).finished());
}

TEST_CASE("a unit with a number a channel mixes each feature by itself") {
  Probe probe(CrossStitch{pt::mlp<pt::Identity>({2}), {.per_channel = true}}, two, stitched::small(1, 1));
  probe.parameters.setZero();
  probe.at("click/tower/0/0/bias") << 1, 2;
  probe.at("spend/tower/0/0/bias") << 10, 20;
  auto unit = probe.at("shared/units/0");  // columns (t, s) = (0, 0), (1, 0), (0, 1), (1, 1)
  unit << 1, 2, 3, 4,                      //
      5, 6, 7, 8;
  probe.forward();
  CHECK(probe.representation(0) == (pt::Matrix<double>(2, 1) << 1 * 1 + 3 * 10, 5 * 2 + 7 * 20).finished());
  CHECK(probe.representation(1) == (pt::Matrix<double>(2, 1) << 2 * 1 + 4 * 10, 6 * 2 + 8 * 20).finished());
}

TEST_CASE("a number a channel, all channels alike, is one matrix") {
  Probe single(CrossStitch{smooth()}, three);
  Probe many(CrossStitch{smooth(), {.per_channel = true}}, three);
  for (const auto& segment : many.layout.segments())
    if (segment.name.starts_with("shared/units")) {
      const auto unit = single.at(segment.name);
      many.at(segment.name) = unit.reshaped(1, 9).replicate(segment.rows, 1);
    } else {
      many.at(segment.name) = single.at(segment.name);
    }
  many.inputs = single.inputs;
  many.directions = single.directions;
  single.differentiate();
  many.differentiate();
  for (Index task = 0; task < 3; ++task)
    CHECK((single.representation(task) - many.representation(task)).norm() < 1e-13);
  for (const auto& segment : many.layout.segments()) {
    INFO(segment.name);
    const pt::Matrix<double> one = single.at(single.gradient, segment.name);
    const pt::Matrix<double> all = many.at(many.gradient, segment.name);
    if (segment.name.starts_with("shared/units"))
      CHECK((all.colwise().sum() - one.reshaped(1, 9)).norm() < 1e-12 * one.norm());
    else
      CHECK((all - one).norm() < 1e-12 * (1 + one.norm()));
  }
}

TEST_CASE("frozen units that mix nothing make separate networks") {
  const auto network = pt::mlp<pt::Gelu>({6, 4, 3});
  Probe separate(pt::Separate{network}, three);
  Probe stitch(CrossStitch{network, {.own = 1, .frozen = true, .tables = Tables::own}}, three);
  stitched::copy_towers(stitch, separate, three, 3);
  stitch.inputs = separate.inputs;
  stitch.directions = separate.directions;
  separate.differentiate();
  stitch.differentiate();
  CHECK(stitch.layout.parameter_count() == separate.layout.parameter_count());
  for (Index task = 0; task < 3; ++task)
    CHECK((separate.representation(task) - stitch.representation(task)).norm() < 1e-15);
  CHECK((separate.input_gradient - stitch.input_gradient).norm() < 1e-15);
  Probe gradients(CrossStitch{network, {.own = 1, .frozen = true, .tables = Tables::own}}, three);
  separate.parameters = separate.gradient;
  stitched::copy_towers(gradients, separate, three, 3);  // the gradients, laid out like the towers
  CHECK((gradients.parameters - stitch.gradient).norm() < 1e-14);
  CHECK(stitch.gradient.norm() > 1);
}

TEST_CASE("frozen units are the start values as constants") {
  Probe learned(CrossStitch{smooth()}, three);
  Probe frozen(CrossStitch{smooth(), {.frozen = true}}, three);
  for (const auto& segment : frozen.layout.segments()) learned.at(segment.name) = frozen.at(segment.name);
  for (Index level = 0; level < 3; ++level) {
    learned.at("shared/units/" + std::to_string(level)).setConstant(0.1 / 2);
    learned.at("shared/units/" + std::to_string(level)).diagonal().setConstant(0.9);
  }
  frozen.inputs = learned.inputs;
  learned.forward();
  frozen.forward();
  for (Index task = 0; task < 3; ++task)
    CHECK((learned.representation(task) - frozen.representation(task)).norm() < 1e-14);
}

TEST_CASE("at the start each tower takes most of itself and the rest of the others") {
  CrossStitch policy{pt::mlp({4}), {.own = 0.7}};
  const auto unit = [&](const std::vector<std::string_view>& names, bool per_channel) {
    policy.settings.per_channel = per_channel;
    policy.connect(2, names);
    pt::Layout layout;
    policy.parameters([&](const std::string& name, Index owner, Index rows, Index columns) {
      layout.add(name, owner, rows, columns);
    });
    pt::Parameters<double> parameters(layout);
    pt::Random random(3);
    policy.initialize(pt::view(parameters.values), pt::Flat<double>(nullptr, 0), random);
    return pt::Matrix<double>(parameters["shared/units/0"]);
  };
  CHECK(
      (unit(three, false) - (pt::Matrix<double>(3, 3) << 0.7, 0.15, 0.15, 0.15, 0.7, 0.15, 0.15, 0.15, 0.7).finished())
          .norm() < 1e-15);
  CHECK((unit(two, true) - (pt::Matrix<double>(1, 4) << 0.7, 0.3, 0.3, 0.7).finished().replicate(4, 1)).norm() < 1e-15);
  CHECK(unit(stitched::one, false)(0, 0) == 1);
}

TEST_CASE("the parameters of towers and units are shared") {
  const auto network = pt::sequence(pt::layer_normalization(), pt::dense<pt::Tanh>(4), pt::dropout(0.1),
                                    pt::dense<pt::Tanh>(2), pt::layer_normalization());
  const std::string click =
      "click/tower/0/0/gain -1 3x1; click/tower/0/0/shift -1 3x1; click/tower/0/1/weights -1 4x3; "
      "click/tower/0/1/bias -1 4x1; ";
  const std::string spend =
      "spend/tower/0/0/gain -1 3x1; spend/tower/0/0/shift -1 3x1; spend/tower/0/1/weights -1 4x3; "
      "spend/tower/0/1/bias -1 4x1; ";
  const std::string above =
      "click/tower/1/0/weights -1 2x4; click/tower/1/0/bias -1 2x1; click/tower/1/1/gain -1 2x1; "
      "click/tower/1/1/shift -1 2x1; spend/tower/1/0/weights -1 2x4; spend/tower/1/0/bias -1 2x1; "
      "spend/tower/1/1/gain -1 2x1; spend/tower/1/1/shift -1 2x1; ";
  CHECK(stitched::segments_of(CrossStitch{network}) ==
        click + spend + "shared/units/0 -1 2x2; " + above + "shared/units/1 -1 2x2; ");
  CHECK(stitched::segments_of(CrossStitch{network, {.per_channel = true}}) ==
        click + spend + "shared/units/0 -1 4x4; " + above + "shared/units/1 -1 2x4; ");
  CHECK(stitched::segments_of(CrossStitch{network, {.frozen = true}}) == click + spend + above);
  CHECK(stitched::last_layers_of(CrossStitch{network}) ==
        std::vector<std::string>{"click/tower/1/0", "spend/tower/1/0"});
  CHECK(stitched::last_layers_of(CrossStitch{pt::mlp({4})}) ==
        std::vector<std::string>{"click/tower/0/0", "spend/tower/0/0"});
  CHECK(stitched::last_layers_of(CrossStitch{pt::Sequence<>{}}).empty());
}

TEST_CASE("one task alone moves all towers and units") {
  stitched::check_owners(CrossStitch{smooth()});
  stitched::check_owners(CrossStitch{smooth(), {.per_channel = true, .tables = Tables::own}});
}

TEST_CASE("the towers read the same tables or each its own, which all tasks move") {
  CrossStitch policy{pt::mlp({4})};
  policy.connect(3, two);
  CHECK(policy.input_copies() == 1);
  CHECK(policy.input_copy_name(0).empty());
  policy.settings.tables = Tables::own;
  policy.connect(3, two);
  CHECK(policy.input_copies() == 2);
  CHECK(policy.input_copy_name(1) == "spend/");
  CHECK(policy.input_copy_owner(1) == pt::shared_owner);
  const std::vector<std::uint8_t> click{1, 0};
  CHECK(policy.reads_copy(1, click));
}

TEST_CASE("a task's representation does not depend on which other tasks are active") {
  Probe all(CrossStitch{smooth()}, three);
  Probe some(CrossStitch{smooth()}, three, with({0, 0, 1}));
  some.memory.setConstant(std::nan(""));
  all.forward();
  some.forward();
  CHECK(all.representation(2) == some.representation(2));
  some.back({0, 0, 1});
  CHECK(some.gradient.allFinite());
}

TEST_CASE("a cross-stitch network is restored from its configuration") {
  const CrossStitch policy{pt::mlp({4, 3}), {.per_channel = true, .own = 0.6, .frozen = true, .tables = Tables::own}};
  const auto json = pt::to_json(policy);
  CHECK(json["tables"] == "own");
  CrossStitch<decltype(pt::mlp({4, 3}))> restored;
  pt::from_json(json, restored, "sharing");
  CHECK(restored.settings.per_channel);
  CHECK(restored.settings.own == 0.6);
  CHECK(restored.settings.frozen);
  CHECK(restored.settings.tables == Tables::own);
  CHECK(pt::to_json(restored) == json);

  auto wrong = json;
  wrong["own"] = 1.5;
  CHECK_THROWS_WITH(pt::from_json(wrong, restored, "sharing"), containing("own must be from 0 to 1, not 1.5"));
  wrong = json;
  wrong["tables"] = "some";
  CHECK_THROWS_WITH(pt::from_json(wrong, restored, "sharing"),
                    containing("'tables' is 'some', which is none of: shared, own"));
}

TEST_CASE("cross-stitch settings out of range are named") {
  CHECK_THROWS_AS((CrossStitch{pt::mlp({4}), {.own = -0.1}}), pt::ArgumentError);
  CHECK_THROWS_WITH((CrossStitch{pt::mlp({4}), {.own = 1.5}}),
                    containing("cross_stitch: own must be from 0 to 1, not 1.5"));
  CHECK_THROWS_AS((CrossStitch{pt::mlp({4}), {.own = std::nan("")}}), pt::ArgumentError);
}

TEST_CASE("the baseline of a cross-stitch network is its towers") {
  auto baseline = CrossStitch{pt::mlp({4, 3})}.baseline();
  baseline.connect(2, two);
  CHECK(baseline.representation_width(0) == 3);
}

TEST_CASE("the passes of a cross-stitch network allocate nothing") {
  stitched::check_allocation(CrossStitch{smooth()});
  stitched::check_allocation(CrossStitch{smooth(), {.per_channel = true, .tables = Tables::own}});
}

}  // namespace cross_stitch_tests
