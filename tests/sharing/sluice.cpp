// Towers whose subspaces are mixed after each hidden layer, and whose levels are put together.
#include "catch.hpp"
#include "stitched.hpp"

#include "polytask/sharing/cross_stitch.hpp"
#include "polytask/sharing/sluice.hpp"

#include <cmath>
#include <string>
#include <vector>

namespace sluice_tests {

namespace pt = polytask;
using pt::CrossStitch;
using pt::Index;
using pt::LevelMixture;
using pt::Sluice;
using pt::Tables;
using stitched::Probe;
using stitched::smooth;
using stitched::three;
using stitched::two;
using stitched::with;

static_assert(pt::Sharing<Sluice<decltype(smooth())>>);

namespace {

auto level_network() {
  return pt::sequence(pt::dense<pt::Tanh>(4), pt::layer_normalization(), pt::dense<pt::Gelu>(4),
                      pt::dense<pt::Tanh>(4));
}

/// Omega of one matrix as it is defined: with whole products.
double omega(const pt::Matrix<double>& weights, Index subspaces) {
  const Index size = weights.rows() / subspaces;
  double sum = 0;
  for (Index a = 0; a < subspaces; ++a)
    for (Index b = a + 1; b < subspaces; ++b)
      sum += (weights.middleRows(a * size, size) * weights.middleRows(b * size, size).transpose()).squaredNorm();
  return sum;
}

}  // namespace

TEST_CASE("the gradients of sluice networks are those of finite differences") {
  for (const Tables tables : {Tables::shared, Tables::own}) {
    stitched::check_gradients(Sluice{smooth(), {.orthogonality = 0.3, .tables = tables}});
    stitched::check_gradients(Sluice{level_network(), {.mixture = LevelMixture::sum, .tables = tables}});
  }
  stitched::check_gradients(Sluice{smooth(), {.frozen = true}});
  stitched::check_gradients(Sluice{pt::mlp<pt::Gelu>({4, 8}), {.subspaces = 4, .orthogonality = 0.5}});
  stitched::check_gradients(Sluice{level_network(), {.subspaces = 1, .frozen = true, .mixture = LevelMixture::sum}});
  stitched::check_gradients(Sluice{pt::mlp<pt::Tanh>({2}), {.orthogonality = 0}});
}

TEST_CASE("the gradient of the orthogonality of layers wider than a tile is that of finite differences") {
  CHECK(pt::check_sharing(Sluice{pt::mlp<pt::Tanh>({70}), {.orthogonality = 0.1}}, stitched::one, stitched::small(3, 2))
            .error < 1e-8);
  CHECK(pt::check_sharing(Sluice{pt::mlp<pt::Tanh>({105}), {.subspaces = 3, .orthogonality = 0.1}}, stitched::one,
                          stitched::small(2, 1))
            .error < 1e-8);
}

TEST_CASE("the ways back of single tasks and of single layers add up to that of a sluice network") {
  stitched::check_ways_back(Sluice{smooth()});
  stitched::check_ways_back(Sluice{smooth(), {.tables = Tables::own}});
  stitched::check_ways_back(Sluice{level_network(), {.mixture = LevelMixture::sum}});
  stitched::check_ways_back(Sluice{level_network(), {.frozen = true}});
  stitched::check_ways_back(Sluice{pt::mlp<pt::Tanh>({4})});
}

TEST_CASE("a sluice unit mixes the subspaces of all tasks as its numbers say") {
  Probe probe(Sluice{pt::mlp<pt::Identity>({2, 4})}, two, stitched::small(1, 1));
  probe.parameters.setZero();
  probe.at("click/tower/0/0/bias") << 1, 2;
  probe.at("spend/tower/0/0/bias") << 10, 20;
  probe.at("shared/units/0") << 1, 0, 0, 1,  // parts: click 0, click 1, spend 0, spend 1
      0, 2, 3, 0,                            //
      0, 0, 1, 0,                            //
      -1, 0, 0, 0.5;
  // click (1 + 20, 4 + 30), spend (10, -1 + 10)
  probe.at("click/tower/1/0/weights") << 1, 0, 0, 1, 1, 1, 0, 0;
  probe.at("spend/tower/1/0/weights") << 0, 0, 0, 0, 0, 0, 1, 2;
  // click (21, 34, 55, 0), spend (0, 0, 0, 28); subspaces of two features each
  probe.at("shared/units/1") << 0, 1, 0, 0,  //
      1, 0, 0, 2,                            //
      0, 0, 0, 1,                            //
      0, 0, 1, 1;
  probe.at("click/mixture") << 2, 3;
  probe.at("spend/mixture") << 1, -1;
  probe.forward();
  CHECK(probe.representation(0) ==
        (pt::Matrix<double>(6, 1) << 2 * 21, 2 * 34, 3 * 55, 0, 3 * 21, 3 * (34 + 2 * 28)).finished());
  CHECK(probe.representation(1) == (pt::Matrix<double>(6, 1) << 10, 9, 0, -28, 0, -28).finished());
}

TEST_CASE("the sum of levels is the sum of the blocks of their concatenation") {
  Probe joined(Sluice{level_network()}, three);
  Probe summed(Sluice{level_network(), {.mixture = LevelMixture::sum}}, three);
  summed.parameters = joined.parameters;
  summed.inputs = joined.inputs;
  joined.forward();
  summed.forward();
  for (Index task = 0; task < 3; ++task) {
    const auto blocks = joined.representation(task);
    CHECK((blocks.topRows(4) + blocks.middleRows(4, 4) + blocks.bottomRows(4) - summed.representation(task)).norm() <
          1e-14);
  }
}

TEST_CASE("with one subspace a sluice network is a cross-stitch network") {
  Probe sluice(Sluice{smooth(), {.subspaces = 1}}, three);
  Probe stitch(CrossStitch{smooth()}, three);
  stitch.parameters = sluice.parameters.head(stitch.parameters.size());
  stitch.inputs = sluice.inputs;
  for (const auto task : three) sluice.at(std::string(task) + "/mixture") << 0, 0, 1;  // the last level alone
  for (std::size_t task = 0; task < 3; ++task) sluice.directions[task].bottomRows(2) = stitch.directions[task];
  sluice.differentiate();
  stitch.differentiate();
  for (Index task = 0; task < 3; ++task) {
    CHECK(sluice.representation(task).topRows(10).norm() == 0);
    CHECK(sluice.representation(task).bottomRows(2) == stitch.representation(task));
  }
  CHECK((sluice.gradient.head(stitch.gradient.size()) - stitch.gradient).norm() < 1e-13);
  CHECK((sluice.input_gradient - stitch.input_gradient).norm() < 1e-13);
  CHECK(sluice.policy.penalty(sluice.fixed(sluice.parameters)) == 0);
}

TEST_CASE("a frozen sluice network of one level that mixes nothing makes separate networks") {
  for (const auto mixture : {LevelMixture::concatenation, LevelMixture::sum}) {
    const auto network = pt::mlp<pt::Gelu>({4});
    Probe separate(pt::Separate{network}, three);
    Probe sluice(Sluice{network, {.own = 1, .frozen = true, .mixture = mixture, .tables = Tables::own}}, three);
    stitched::copy_towers(sluice, separate, three, 1);
    sluice.inputs = separate.inputs;
    sluice.directions = separate.directions;
    CHECK(sluice.layout.parameter_count() == separate.layout.parameter_count());
    separate.differentiate();
    sluice.forward();
    sluice.backward(sluice.options.active);
    for (Index task = 0; task < 3; ++task) CHECK(separate.representation(task) == sluice.representation(task));
    CHECK((separate.input_gradient - sluice.input_gradient).norm() < 1e-15);
  }
}

TEST_CASE("the orthogonality is the squared product of the subspaces' weights") {
  Probe probe(Sluice{pt::mlp<pt::Tanh>({2}), {.orthogonality = 0.5}}, two, stitched::small(2, 1));
  probe.at("click/tower/0/0/weights") << 1, 2,  //
      3, 4;
  probe.at("spend/tower/0/0/weights") << 1, -1,  //
      2, 2;
  // click: (1 * 3 + 2 * 4)^2 = 121; spend: orthogonal
  CHECK(probe.policy.penalty(probe.fixed(probe.parameters)) == 0.5 * 121);
  probe.gradient.setZero();
  const std::vector<std::uint8_t> none{0, 0};
  probe.policy.add_penalty_gradient(probe.fixed(probe.parameters), pt::ActiveTasks(none), probe.flat(probe.gradient));
  // 2 * 0.5 * 11 times the other row
  CHECK(probe.at(probe.gradient, "click/tower/0/0/weights") == (pt::Matrix<double>(2, 2) << 33, 44, 11, 22).finished());
  CHECK(probe.at(probe.gradient, "spend/tower/0/0/weights").norm() == 0);
  CHECK(probe.at(probe.gradient, "click/tower/0/0/bias").norm() == 0);
}

TEST_CASE("the orthogonality of all layers, pairs of subspaces and tasks is added up") {
  for (const Index subspaces : {2, 3}) {
    Probe probe(Sluice{pt::sequence(pt::layer_normalization(), pt::dense<pt::Tanh>(210), pt::dense<pt::Tanh>(6)),
                       {.subspaces = subspaces, .orthogonality = 0.25}},
                two);
    double sum = 0;
    for (const char* name :
         {"click/tower/0/1/weights", "spend/tower/0/1/weights", "click/tower/1/0/weights", "spend/tower/1/0/weights"})
      sum += omega(probe.at(name), subspaces);
    CHECK(probe.policy.penalty(probe.fixed(probe.parameters)) == Approx(0.25 * sum).epsilon(1e-13));
    // the order of the features of a subspace does not matter
    probe.at("click/tower/1/0/weights").row(0).swap(probe.at("click/tower/1/0/weights").row(1));
    CHECK(probe.policy.penalty(probe.fixed(probe.parameters)) == Approx(0.25 * sum).epsilon(1e-13));
  }
}

TEST_CASE("at the start each subspace takes most of itself and all levels count alike") {
  const auto start = [](auto policy, const std::string& segment) {
    policy.connect(2, two);
    pt::Layout layout;
    policy.parameters([&](const std::string& name, Index owner, Index rows, Index columns) {
      layout.add(name, owner, rows, columns);
    });
    pt::Parameters<double> parameters(layout);
    pt::Random random(3);
    policy.initialize(pt::view(parameters.values), pt::Flat<double>(nullptr, 0), random);
    return pt::Matrix<double>(parameters[segment]);
  };
  pt::Matrix<double> expected = pt::Matrix<double>::Constant(4, 4, 0.1);
  expected.diagonal().setConstant(0.7);
  CHECK((start(Sluice{pt::mlp({4, 2}), {.own = 0.7}}, "shared/units/1") - expected).norm() < 1e-15);
  CHECK(start(Sluice{pt::mlp({4, 2})}, "spend/mixture") == pt::Matrix<double>::Ones(2, 1));
  CHECK(start(Sluice{pt::mlp({4, 4}), {.mixture = LevelMixture::sum}}, "spend/mixture") ==
        pt::Matrix<double>::Constant(2, 1, 0.5));
}

TEST_CASE("of a sluice network only the mixtures of levels are a task's own") {
  const std::string towers =
      "click/tower/0/0/weights -1 4x3; click/tower/0/0/bias -1 4x1; spend/tower/0/0/weights -1 4x3; "
      "spend/tower/0/0/bias -1 4x1; ";
  const std::string above =
      "click/tower/1/0/weights -1 2x4; click/tower/1/0/bias -1 2x1; spend/tower/1/0/weights -1 2x4; "
      "spend/tower/1/0/bias -1 2x1; ";
  CHECK(stitched::segments_of(Sluice{pt::mlp({4, 2})}) == towers + "shared/units/0 -1 4x4; " + above +
                                                              "shared/units/1 -1 4x4; click/mixture 0 2x1; "
                                                              "spend/mixture 1 2x1; ");
  CHECK(stitched::segments_of(Sluice{pt::mlp({4, 2}), {.frozen = true}}) == towers + above);
  CHECK(stitched::last_layers_of(Sluice{pt::mlp({4, 2})}) ==
        std::vector<std::string>{"click/tower/1/0", "spend/tower/1/0"});
  stitched::check_owners(Sluice{smooth(), {.orthogonality = 0}});
}

TEST_CASE("a sluice network's representation does not depend on which other tasks are active") {
  Probe all(Sluice{smooth()}, three);
  Probe some(Sluice{smooth()}, three, with({0, 0, 1}));
  some.memory.setConstant(std::nan(""));
  all.forward();
  some.forward();
  CHECK(all.representation(2) == some.representation(2));
  some.back({0, 0, 1});
  CHECK(some.gradient.allFinite());
}

TEST_CASE("a sluice network is restored from its configuration") {
  const Sluice policy{pt::mlp({6, 3}),
                      {.subspaces = 3,
                       .orthogonality = 0.2,
                       .own = 0.6,
                       .frozen = true,
                       .mixture = LevelMixture::sum,
                       .tables = Tables::own}};
  const auto json = pt::to_json(policy);
  Sluice<decltype(pt::mlp({6, 3}))> restored;
  pt::from_json(json, restored, "sharing");
  CHECK(restored.settings.subspaces == 3);
  CHECK(restored.settings.orthogonality == 0.2);
  CHECK(restored.settings.own == 0.6);
  CHECK(restored.settings.frozen);
  CHECK(restored.settings.mixture == LevelMixture::sum);
  CHECK(restored.settings.tables == Tables::own);
  CHECK(pt::to_json(restored) == json);

  const auto refused = [&](const char* key, const auto& value, const std::string& message) {
    auto wrong = json;
    wrong[key] = value;
    CHECK_THROWS_WITH(pt::from_json(wrong, restored, "sharing"), containing(message));
  };
  refused("subspaces", 0, "subspaces must be at least 1, not 0");
  refused("orthogonality", -1.0, "orthogonality must be a finite number of at least 0, not -1");
  refused("own", 2.0, "sluice: own must be from 0 to 1, not 2");
  refused("mixture", "product", "'mixture' is 'product', which is none of: concatenation, sum");
  refused("tables", "", "'tables' is '', which is none of: shared, own");
}

TEST_CASE("sluice settings out of range are named") {
  CHECK_THROWS_WITH((Sluice{pt::mlp({4}), {.subspaces = 0}}), containing("subspaces must be at least 1, not 0"));
  CHECK_THROWS_WITH((Sluice{pt::mlp({4}), {.orthogonality = -1}}),
                    containing("orthogonality must be a finite number of at least 0, not -1"));
  CHECK_THROWS_WITH((Sluice{pt::mlp({4}), {.own = 1.5}}), containing("own must be from 0 to 1, not 1.5"));

  Sluice odd{pt::mlp({4, 5})};
  CHECK_THROWS_AS(odd.connect(3, two), pt::ArgumentError);
  CHECK_THROWS_WITH(odd.connect(3, two),
                    containing("a hidden layer of width 5 cannot be split into 2 subspaces of equal width"));
  Sluice uneven{pt::mlp({4, 2}), {.mixture = LevelMixture::sum}};
  CHECK_THROWS_WITH(uneven.connect(3, two), containing("needs hidden layers of one width, not 4 and 2"));
}

TEST_CASE("the passes and the orthogonality of a sluice network allocate nothing") {
  stitched::check_allocation(Sluice{smooth()});
  stitched::check_allocation(Sluice{pt::mlp<pt::Tanh>({66, 66}), {.mixture = LevelMixture::sum}});
}

}  // namespace sluice_tests
