// Towers tied by a penalty.
#include "catch.hpp"

#include "polytask/files/structure.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/layers/layer_normalization.hpp"
#include "polytask/sharing/check.hpp"
#include "polytask/sharing/soft.hpp"

#include <Eigen/LU>

#include <cmath>
#include <string>
#include <string_view>
#include <vector>

namespace soft_tests {

namespace pt = polytask;
using pt::Index;
using pt::SoftSharing;
using pt::Tables;
using pt::Tie;

namespace {

const std::vector<std::string_view> two{"click", "spend"};
const std::vector<std::string_view> three{"click", "spend", "visits"};
constexpr Tie ties[] = {Tie::pairs, Tie::mean, Tie::trace_norm};

auto layers() {
  return pt::sequence(pt::dense<pt::Tanh>(6), pt::layer_normalization(), pt::dropout(0.2), pt::dense<pt::Gelu>(4));
}
using Soft = SoftSharing<decltype(layers())>;

pt::SharingCheck with(std::vector<std::uint8_t> active = {}) { return {.active = std::move(active), .membership = {}}; }

template <class P>
struct Probe : pt::SharingProbe<P> {
  pt::Layout layout;

  Probe(P of, const std::vector<std::string_view>& names, pt::SharingCheck check = with())
      : pt::SharingProbe<P>(std::move(of), names, std::move(check)) {
    this->policy.parameters([&](const std::string& segment, Index owner, Index rows, Index columns) {
      layout.add(segment, owner, rows, columns);
    });
  }

  /// A segment among numbers that lie like the parameters.
  pt::Flat<double> at(pt::Vector<double>& numbers, std::string_view name) const {
    const auto& segment = layout.segment(name);
    return {numbers.data() + segment.offset, segment.size()};
  }

  double penalty() const { return this->policy.penalty(this->fixed(this->parameters)); }

  const pt::Vector<double>& penalty_gradient(std::vector<std::uint8_t> active = {}) {
    if (active.empty()) active.assign(static_cast<std::size_t>(this->tasks), 1);
    this->gradient.setZero();
    this->policy.add_penalty_gradient(this->fixed(this->parameters), pt::ActiveTasks(active),
                                      this->flat(this->gradient));
    return this->gradient;
  }

  pt::Vector<double> back(const std::vector<std::uint8_t>& active, pt::Reach reach = pt::Reach::whole) {
    this->gradient.setZero();
    this->backward(active, reach);
    return this->gradient;
  }
};

template <class P>
Probe(P, const std::vector<std::string_view>&) -> Probe<P>;
template <class P>
Probe(P, const std::vector<std::string_view>&, pt::SharingCheck) -> Probe<P>;

/// One weight and one bias a tower.
auto scalar_towers(Index count, const pt::SoftSettings& settings, const std::vector<double>& weights,
                   const std::vector<double>& biases) {
  Probe probe(SoftSharing{pt::mlp<pt::Identity>({1}), settings}, {three.begin(), three.begin() + count},
              {.inputs = 1, .active = {}, .membership = {}});
  for (std::size_t task = 0; task < weights.size(); ++task) {
    probe.at(probe.parameters, std::string(three[task]) + "/tower/0/weights")[0] = weights[task];
    probe.at(probe.parameters, std::string(three[task]) + "/tower/0/bias")[0] = biases[task];
  }
  return probe;
}

}  // namespace

TEST_CASE("towers and their penalty have the gradient of finite differences") {
  for (const Tie tie : ties)
    for (const Tables tables : {Tables::shared, Tables::own})
      for (const Index tied : {0, 1, 2}) {
        const Soft policy(layers(), {.strength = 0.3, .tie = tie, .layers = tied, .tables = tables});
        CHECK(pt::check_sharing(policy, three, with()).error < 1e-9);
        CHECK(pt::check_sharing(policy, three, with({1, 0, 1})).error < 1e-9);
        CHECK(pt::check_sharing(policy, two, with({0, 1})).error < 1e-9);
      }
  CHECK(pt::check_sharing(SoftSharing{pt::Sequence<>{}}, two).error < 1e-9);
}

TEST_CASE("the penalty alone has the gradient of finite differences") {
  for (const Tie tie : ties) {
    Probe probe(SoftSharing{pt::mlp({40, 9}), {.strength = 0.7, .tie = tie}}, three);  // longer than one piece
    const pt::Vector<double> gradient = probe.penalty_gradient();
    CHECK(gradient.norm() > 1);
    const auto value = [&] { return probe.penalty(); };
    CHECK(pt::check_gradient(probe.flat(probe.parameters), probe.fixed(gradient), value).error < 1e-8);
    CHECK(probe.penalty_gradient({0, 1, 0}) == gradient);  // of all towers, whoever is stepped
  }
}

TEST_CASE("the penalty and its gradient are those worked by hand") {
  SECTION("pairs") {  // 1 + 25 + 16 of the weights, 1 + 0 + 1 of the biases
    auto probe = scalar_towers(3, {.strength = 0.1, .tie = Tie::pairs}, {1, 2, 6}, {0, 1, 0});
    CHECK(probe.penalty() == Approx(4.4).epsilon(1e-14));
    auto gradient = probe.penalty_gradient();
    CHECK(probe.at(gradient, "click/tower/0/weights")[0] == Approx(-1.2).epsilon(1e-14));
    CHECK(probe.at(gradient, "spend/tower/0/weights")[0] == Approx(-0.6).epsilon(1e-14));
    CHECK(probe.at(gradient, "visits/tower/0/weights")[0] == Approx(1.8).epsilon(1e-14));
    CHECK(probe.at(gradient, "click/tower/0/bias")[0] == Approx(-0.2).epsilon(1e-14));
    CHECK(probe.at(gradient, "spend/tower/0/bias")[0] == Approx(0.4).epsilon(1e-14));
  }
  SECTION("mean") {  // means 3 and 1/3
    auto probe = scalar_towers(3, {.strength = 0.5, .tie = Tie::mean}, {1, 2, 6}, {0, 1, 0});
    CHECK(probe.penalty() == Approx(0.5 * (4 + 1 + 9 + 6.0 / 9)).epsilon(1e-14));
    auto gradient = probe.penalty_gradient();
    CHECK(probe.at(gradient, "click/tower/0/weights")[0] == Approx(-2).epsilon(1e-14));
    CHECK(probe.at(gradient, "spend/tower/0/weights")[0] == Approx(-1).epsilon(1e-14));
    CHECK(probe.at(gradient, "visits/tower/0/weights")[0] == Approx(3).epsilon(1e-14));
    CHECK(probe.at(gradient, "spend/tower/0/bias")[0] == Approx(2.0 / 3).epsilon(1e-14));
  }
  SECTION("trace norm") {  // of the row (1, 2, 2): its length; biases are not tied
    auto probe = scalar_towers(3, {.strength = 0.5, .tie = Tie::trace_norm}, {1, 2, 2}, {0, 1, 7});
    CHECK(probe.penalty() == Approx(1.5).epsilon(1e-14));
    auto gradient = probe.penalty_gradient();
    CHECK(probe.at(gradient, "click/tower/0/weights")[0] == Approx(0.5 / 3).epsilon(1e-14));
    CHECK(probe.at(gradient, "visits/tower/0/weights")[0] == Approx(1.0 / 3).epsilon(1e-14));
    CHECK(probe.at(gradient, "visits/tower/0/bias")[0] == 0);
  }
}

TEST_CASE("the penalty of all pairs is as many times that of the distance to the mean as there are tasks") {
  for (const auto& names : {two, three}) {
    Probe pairs(Soft(layers(), {.strength = 0.2, .tie = Tie::pairs}), names);
    Probe mean(Soft(layers(), {.strength = 0.2 * static_cast<double>(names.size()), .tie = Tie::mean}), names);
    CHECK(pairs.penalty() > 0.1);
    CHECK(pairs.penalty() == Approx(mean.penalty()).epsilon(1e-13));
    const pt::Vector<double> gradient = pairs.penalty_gradient();
    CHECK((gradient - mean.penalty_gradient()).norm() < 1e-13 * gradient.norm());

    // and is what it says
    const auto tower = pairs.parameters.reshaped(pairs.parameters.size() / pairs.tasks, pairs.tasks);
    double sum = 0;
    for (Index one = 0; one < pairs.tasks; ++one)
      for (Index other = 0; other < one; ++other) sum += (tower.col(one) - tower.col(other)).squaredNorm();
    CHECK(pairs.penalty() == Approx(0.2 * sum).epsilon(1e-13));
  }
}

TEST_CASE("towers that are alike have no distance, and the trace norm of sqrt(tasks) times one tower's weights") {
  for (const Tie tie : ties) {
    Probe probe(Soft(layers(), {.strength = 2, .tie = tie}), three);
    const Index size = probe.parameters.size() / 3;
    for (Index tower = 1; tower < 3; ++tower)
      probe.parameters.segment(tower * size, size) = probe.parameters.head(size);
    if (tie != Tie::trace_norm) {
      CHECK(probe.penalty() == 0);
      CHECK(probe.penalty_gradient().isZero(0));
      continue;
    }
    const auto weights = [&](const std::string& layer) {
      return probe.at(probe.parameters, "click/tower/" + layer + "/weights");
    };
    CHECK(probe.penalty() == Approx(2 * std::sqrt(3.0) * (weights("0").norm() + weights("3").norm())).epsilon(1e-13));
    auto gradient = probe.penalty_gradient();
    REQUIRE(gradient.allFinite());
    for (const auto task : three)
      CHECK((probe.at(gradient, std::string(task) + "/tower/0/weights") -
             2 / std::sqrt(3.0) * weights("0") / weights("0").norm())
                .norm() < 1e-13);
  }
}

TEST_CASE("the trace norm of towers at right angles is the sum of their norms") {
  Probe probe(SoftSharing{pt::mlp({2}), {.strength = 1, .tie = Tie::trace_norm}}, two,
              {.inputs = 2, .active = {}, .membership = {}});
  probe.at(probe.parameters, "click/tower/0/weights") << 1, 2, 0, 2;
  probe.at(probe.parameters, "spend/tower/0/weights") << 0, 3, 4, -3;
  CHECK(probe.penalty() == Approx(3 + std::sqrt(34.0)).epsilon(1e-13));
}

TEST_CASE("the first layers that have parameters are tied, and no others") {
  for (const Tie tie : ties)
    for (const Index tied : {0, 1, 2, 3}) {
      INFO(tied << " layers");
      Probe probe(Soft(layers(), {.tie = tie, .layers = tied}), two);
      auto gradient = probe.penalty_gradient();
      const auto moved = [&](const std::string& part) {
        const bool click = probe.at(gradient, "click/tower/" + part).norm() > 0;
        CHECK(click == (probe.at(gradient, "spend/tower/" + part).norm() > 0));
        return click;
      };
      const bool distance = tie != Tie::trace_norm;
      CHECK(moved("0/weights"));
      CHECK(moved("0/bias") == distance);
      CHECK(moved("1/gain") == (distance && tied != 1));
      CHECK(moved("3/weights") == (tied == 0 || tied == 3));
      CHECK(moved("3/bias") == (distance && (tied == 0 || tied == 3)));
    }
}

TEST_CASE("soft sharing of no strength and with own tables is exactly separate networks") {
  for (const auto& active : {std::vector<std::uint8_t>{1, 1, 1}, {0, 1, 1}}) {
    Probe soft(Soft(layers(), {.strength = 0, .tables = Tables::own}), three, with(active));
    Probe separate(pt::Separate{layers()}, three, with(active));
    REQUIRE(soft.parameters == separate.parameters);
    soft.differentiate();
    separate.differentiate();
    CHECK(soft.value() == separate.value());
    CHECK(soft.gradient == separate.gradient);
    CHECK(soft.gradient.norm() > 1);
    CHECK(soft.input_gradient == separate.input_gradient);
    CHECK(soft.penalty() == 0);
  }
}

TEST_CASE("soft sharing of no strength and with shared tables is separate networks on one input") {
  Probe soft(Soft(layers(), {.strength = 0}), three);
  Probe separate(pt::Separate{layers()}, three);
  REQUIRE(soft.parameters.size() == separate.parameters.size());
  soft.parameters = separate.parameters;
  soft.inputs = separate.inputs.head(soft.inputs.size());
  separate.inputs = soft.inputs.replicate(3, 1).eval();
  for (std::size_t task = 0; task < 3; ++task) soft.directions[task] = separate.directions[task];
  soft.differentiate();
  separate.differentiate();
  for (Index task = 0; task < 3; ++task)
    CHECK(soft.policy.representation(soft.flat(soft.memory), 7, task) ==
          separate.policy.representation(separate.flat(separate.memory), 7, task));
  CHECK(soft.gradient == separate.gradient);
  const pt::Vector<double> sum = separate.input_gradient.reshaped(soft.inputs.size(), 3).rowwise().sum();
  CHECK((soft.input_gradient - sum).norm() < 1e-14 * sum.norm());
}

TEST_CASE("a stronger tie draws the towers of a least-squares problem to that of hard sharing") {
  constexpr Index samples = 20;
  for (const double strength : {0.0, 0.5, 50.0, 2000.0}) {
    INFO("strength " << strength);
    Probe probe(SoftSharing{pt::mlp<pt::Identity>({1}), {.strength = strength}}, two,
                {.inputs = 2, .samples = samples, .active = {}, .membership = {}});
    const Eigen::Map<const pt::Matrix<double>> inputs(probe.inputs.data(), 2, samples);
    pt::Matrix<double> labels(2, samples);
    pt::Random random(3);
    for (Index sample = 0; sample < samples; ++sample) {
      labels(0, sample) = 2 * inputs(0, sample) - inputs(1, sample) + random.normal(1, 0.1);
      labels(1, sample) = inputs(0, sample) + inputs(1, sample) + random.normal(-1, 0.1);
    }
    const double rate = 1 / (6 + 4 * strength);
    for (int step = 0; step < static_cast<int>(400 / rate) && step < 200000; ++step) {
      probe.forward();
      for (Index task = 0; task < 2; ++task)
        probe.directions[static_cast<std::size_t>(task)] =
            2.0 / samples * (probe.policy.representation(probe.flat(probe.memory), samples, task) - labels.row(task));
      probe.gradient.setZero();
      probe.backward(probe.options.active);
      probe.policy.add_penalty_gradient(probe.fixed(probe.parameters), pt::ActiveTasks(probe.options.active),
                                        probe.flat(probe.gradient));
      probe.parameters -= rate * probe.gradient;
    }
    // with Z the inputs and a row of ones: the towers' mean solves Z Z' w = Z mean(y), which is hard sharing, and their
    // difference (Z Z' / n + 2 strength) d = Z (y_1 - y_2) / n
    pt::Matrix<double> extended(3, samples);
    extended << inputs, pt::Matrix<double>::Ones(1, samples);
    const Eigen::Matrix3d square = extended * extended.transpose() / samples;
    const Eigen::Vector3d hard = square.inverse() * (extended * labels.colwise().mean().transpose() / samples);
    const Eigen::Matrix3d tied = square + 2 * strength * Eigen::Matrix3d::Identity();
    const Eigen::Vector3d apart = tied.inverse() * (extended * (labels.row(0) - labels.row(1)).transpose() / samples);
    const auto tower = [&](const std::string& task) {
      return Eigen::Vector3d(probe.at(probe.parameters, task + "/tower/0/weights")[0],
                             probe.at(probe.parameters, task + "/tower/0/weights")[1],
                             probe.at(probe.parameters, task + "/tower/0/bias")[0]);
    };
    CHECK(((tower("click") + tower("spend")) / 2 - hard).norm() < 1e-9);
    CHECK((tower("click") - tower("spend") - apart).norm() < 1e-9);
    if (strength == 0) CHECK(apart.norm() > 1);
    if (strength == 2000) CHECK((tower("click") - hard).norm() < 1e-3);
  }
}

TEST_CASE("the way back through towers can be taken in parts") {
  for (const Tables tables : {Tables::shared, Tables::own}) {
    Probe probe(Soft(layers(), {.tables = tables}), three);
    probe.forward();
    const pt::Vector<double> whole = probe.back({1, 1, 1});
    const pt::Vector<double> inputs = probe.input_gradient;
    pt::Vector<double> input_sum = pt::Vector<double>::Zero(inputs.size());
    pt::Vector<double> sum = pt::Vector<double>::Zero(whole.size());
    pt::Vector<double> parts = sum;
    for (std::size_t task = 0; task < 3; ++task) {
      std::vector<std::uint8_t> active(3, 0);
      active[task] = 1;
      probe.input_gradient.setZero();
      pt::Vector<double> alone = probe.back(active);
      sum += alone;
      input_sum += probe.input_gradient;
      for (const auto& segment : probe.layout.segments())
        CHECK((probe.at(alone, segment.name).norm() > 0) == (segment.owner == static_cast<Index>(task)));

      probe.input_gradient.setConstant(5);
      pt::Vector<double> last = probe.back(active, pt::Reach::last_layer);
      const std::string tower = std::string(three[task]) + "/tower/3";
      const auto head = probe.policy.representation_gradient(probe.flat(probe.memory), 7, static_cast<Index>(task));
      CHECK(head == probe.directions[task]);
      CHECK((probe.input_gradient.array() == 5).all());
      CHECK(probe.at(last, tower + "/weights").norm() > 0.1);
      CHECK(last.squaredNorm() ==
            Approx(probe.at(last, tower + "/weights").squaredNorm() + probe.at(last, tower + "/bias").squaredNorm())
                .epsilon(1e-14));
      parts += last;
    }
    CHECK((sum - whole).norm() < 1e-14 * whole.norm());
    CHECK((input_sum - inputs).norm() < 1e-14 * inputs.norm());
    probe.input_gradient.setZero();
    parts += probe.back({1, 1, 1}, pt::Reach::before_last_layer);
    CHECK((parts - whole).norm() < 1e-14 * whole.norm());
    CHECK((probe.input_gradient - inputs).norm() < 1e-14 * inputs.norm());
  }
}

TEST_CASE("without an active task the gradient of shared inputs is zero and that of own inputs is left alone") {
  for (const Tables tables : {Tables::shared, Tables::own}) {
    Probe probe(Soft(layers(), {.tables = tables}), two);
    probe.forward();
    probe.input_gradient.setConstant(5);
    CHECK(probe.back({0, 0}).isZero(0));
    const Index size = probe.options.inputs * probe.options.samples;
    CHECK((probe.input_gradient.head(size).array() == (tables == Tables::shared ? 0 : 5)).all());
  }
}

TEST_CASE("towers belong to their tasks, and their last layers count as the last shared ones") {
  const auto describe = [](const pt::SoftSettings& settings) {
    SoftSharing policy(pt::sequence(pt::dense(4), pt::layer_normalization()), settings);
    policy.connect(3, two);
    std::string found;
    policy.parameters([&](const std::string& segment, Index owner, Index rows, Index columns) {
      found += pt::text(segment, " ", owner, " ", rows, "x", columns, "; ");
    });
    policy.last_shared_layers([&](const std::string& layer) { found += "| " + layer; });
    for (Index copy = 0; copy < policy.input_copies(); ++copy)
      found += pt::text(" copy '", policy.input_copy_name(copy), "' ", policy.input_copy_owner(copy),
                        policy.reads_copy(copy, std::vector<std::uint8_t>{1, 0}) ? " read" : " not read");
    return found;
  };
  const std::string towers =
      "click/tower/0/weights 0 4x3; click/tower/0/bias 0 4x1; click/tower/1/gain 0 4x1; click/tower/1/shift 0 4x1; "
      "spend/tower/0/weights 1 4x3; spend/tower/0/bias 1 4x1; spend/tower/1/gain 1 4x1; spend/tower/1/shift 1 4x1; "
      "| click/tower/0| spend/tower/0";
  CHECK(describe({}) == towers + " copy '' -1 read");
  CHECK(describe({.tables = Tables::own}) == towers + " copy 'click/' 0 read copy 'spend/' 1 not read");
}

TEST_CASE("the penalty of soft sharing allocates nothing") {
  for (const Tie tie : ties) {
    Probe probe(SoftSharing{pt::mlp<pt::Tanh>({30, 20}), {.tie = tie}}, three);
    const std::vector<std::uint8_t> active{1, 1, 0};
    double penalty = 0;
    Eigen::internal::set_is_malloc_allowed(false);
    probe.policy.add_penalty_gradient(probe.fixed(probe.parameters), pt::ActiveTasks(active),
                                      probe.flat(probe.gradient));
    penalty += probe.penalty();
    Eigen::internal::set_is_malloc_allowed(true);
    CHECK(penalty > 0);
  }
}

TEST_CASE("the penalty of floats is that of the same doubles") {
  for (const Tie tie : ties) {
    Probe probe(SoftSharing{pt::mlp({40, 9}), {.tie = tie}}, three);
    const pt::Vector<float> floats = probe.parameters.cast<float>();
    probe.parameters = floats.cast<double>();
    const pt::ConstFlat<float> view(floats.data(), floats.size());
    CHECK(probe.policy.penalty(view) == Approx(probe.penalty()).epsilon(1e-6));
    pt::Vector<float> gradient = pt::Vector<float>::Zero(floats.size());
    probe.policy.add_penalty_gradient(view, pt::ActiveTasks(probe.options.active),
                                      pt::Flat<float>(gradient.data(), gradient.size()));
    const pt::Vector<double> expected = probe.penalty_gradient();
    CHECK((gradient.cast<double>() - expected).norm() < 1e-6 * expected.norm());
  }
}

TEST_CASE("settings of soft sharing that cannot be are refused") {
  const auto message = [](const auto& act) -> std::string {
    try {
      act();
    } catch (const pt::ArgumentError& error) {
      return error.what();
    }
    return "nothing thrown";
  };
  CHECK(message([] { Soft(layers(), {.strength = -1}); }) ==
        "the strength of soft sharing must be a number of at least 0, not -1");
  CHECK_THAT(message([] { Soft(layers(), {.strength = std::nan("")}); }), containing("at least 0, not nan"));
  CHECK(message([] { Soft(layers(), {.layers = -2}); }) == "soft sharing ties at least one layer, or all (0), not -2");
  CHECK(message([] { Soft(layers(), {.layers = 4}).connect(3, two); }) ==
        "soft sharing is to tie 4 layers, but a tower has only 3 with parameters");
  const std::vector<std::string_view> many(65, "task");
  CHECK(message([&] { Soft(layers(), {.tie = Tie::trace_norm}).connect(3, many); }) ==
        "the trace norm ties up to 64 tasks, not 65");
  CHECK(message([&] { Soft(layers()).connect(3, many); }) == "nothing thrown");
}

TEST_CASE("a file keeps the settings of soft sharing") {
  const Soft written(layers(), {.strength = 0.25, .tie = Tie::trace_norm, .layers = 2, .tables = Tables::own});
  pt::Json json = pt::to_json(written);
  CHECK(json["type"] == "soft");
  CHECK(json["tie"] == "trace_norm");
  Soft read;
  pt::from_json(json, read, "sharing");
  CHECK(read.settings.strength == 0.25);
  CHECK(read.settings.tie == Tie::trace_norm);
  CHECK(read.settings.layers == 2);
  CHECK(read.settings.tables == Tables::own);
  CHECK(pt::to_json(read) == json);
  CHECK_THROWS_WITH((json["strength"] = -3, pt::from_json(json, read, "sharing")),
                    containing("sharing: the strength of soft sharing must be a number of at least 0, not -3"));
  CHECK_THROWS_AS(pt::from_json(json, read, "sharing"), pt::FileError);
  CHECK_THROWS_WITH((json["tie"] = "rope", pt::from_json(json, read, "sharing")),
                    "sharing: 'tie' is 'rope', which is none of: pairs, mean, trace_norm");
}

TEST_CASE("the single-task models of soft sharing have its towers") {
  const auto baseline = Soft(layers()).baseline();
  STATIC_REQUIRE(decltype(baseline)::name == "separate");
  CHECK(pt::to_json(baseline.network) == pt::to_json(layers()));
}

}  // namespace soft_tests
