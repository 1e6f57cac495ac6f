#include "catch.hpp"
#include "golden.hpp"

#include "polytask/layers/dropout.hpp"
#include "polytask/layers/layer_normalization.hpp"
#include "polytask/sharing/check.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"

#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace mixture_of_experts_tests {

namespace pt = polytask;
using pt::Index;
using pt::MixtureGates;
using pt::MixtureOfExperts;
using pt::MixtureSettings;

namespace {

using Values = pt::Vector<double>;
const std::vector<std::string_view> names{"click", "spend", "visits"};
const std::vector<std::string_view> two_names{"click", "spend"};

auto tanh_layers() { return pt::mlp<pt::Tanh>({6, 4}); }
auto normalised_layers() {
  return pt::sequence(pt::dense<pt::Gelu>(5), pt::layer_normalization(), pt::dense<pt::Tanh>(4));
}

struct Placed {
  Index owner, offset, size;
};

/// Where the segments of a policy lie in the flat buffer.
template <class P>
std::map<std::string, Placed> segments(const P& policy) {
  std::map<std::string, Placed> found;
  Index offset = 0;
  policy.parameters([&](const std::string& name, Index owner, Index rows, Index columns) {
    REQUIRE(found.emplace(name, Placed{owner, offset, rows * columns}).second);
    offset += pt::piece_size(rows * columns);
  });
  return found;
}

auto part(Values& all, const Placed& place) { return all.segment(place.offset, place.size); }
auto part(const Values& all, const Placed& place) { return all.segment(place.offset, place.size); }

template <class Probe>
pt::Matrix<double> representation(Probe& probe, Index task) {
  return probe.policy.representation(probe.flat(probe.memory), probe.options.samples, task);
}

template <class Probe>
pt::Matrix<double> shares(Probe& probe, Index task) {
  return probe.policy.gate(probe.flat(probe.memory), probe.options.samples, task);
}

/// A pass in prediction.
template <class Probe>
void predict(Probe& probe, std::uint64_t seed = 5) {
  probe.policy.forward(
      pt::SharingForward<double>{probe.fixed(probe.parameters),
                                 {probe.inputs.data(), probe.options.inputs, probe.options.samples, 0},
                                 probe.options.active,
                                 probe.flat(probe.memory),
                                 probe.flat(probe.statistics),
                                 pt::Random(seed),
                                 false,
                                 probe.options.samples,
                                 {probe.options.membership.data(), probe.tasks, probe.options.samples}});
}

template <class Probe>
Values gradient_of(Probe& probe, std::vector<std::uint8_t> active, pt::Reach reach = pt::Reach::whole,
                   bool own_terms = false) {
  probe.gradient.setZero();
  probe.input_gradient.head(probe.options.inputs * probe.options.samples).setConstant(1e9);  // is written, not added
  probe.backward(active, reach, own_terms);
  return probe.gradient;
}

double apart(const pt::Matrix<double>& one, const pt::Matrix<double>& other) {
  return (one - other).cwiseAbs().maxCoeff();
}

const std::vector<MixtureSettings> all_settings{
    {.experts = 3},
    {.experts = 3, .gates = MixtureGates::one_for_all},
    {.experts = 4, .top = 2},
    {.experts = 4, .gates = MixtureGates::one_for_all, .top = 3, .balance = 0.8},
    {.experts = 3, .balance = 1.3},
    {.experts = 3, .expert_dropout = 0.4},
    {.experts = 3, .gates = MixtureGates::one_for_all, .expert_dropout = 0.3},
    {.experts = 5, .top = 3, .balance = 2, .expert_dropout = 0.3},
    {.experts = 1, .balance = 1},
};

}  // namespace

TEST_CASE("the gradients of a mixture of experts are right with all settings, for all tasks and for some") {
  for (std::size_t which = 0; which < all_settings.size(); ++which)
    for (const std::vector<std::uint8_t>& active :
         {std::vector<std::uint8_t>{1, 1, 1}, {0, 1, 1}, {0, 0, 1}, {0, 0, 0}}) {
      const auto check = pt::check_sharing(MixtureOfExperts{tanh_layers(), all_settings[which]}, names,
                                           {.active = active, .seed = 3 + which});
      INFO("settings " << which << ", active " << int(active[0]) << int(active[1]) << int(active[2]) << ", place "
                       << check.place << ": " << check.gradient << " and " << check.difference);
      CHECK(check.error < 1e-9);
    }
}

TEST_CASE("the gradients of a mixture are right with layer normalisation and dropout in the experts") {
  CHECK(pt::check_sharing(MixtureOfExperts{normalised_layers(), {.experts = 3, .balance = 0.5}}, names).error < 1e-8);
  const auto dropped = pt::sequence(pt::dense<pt::Tanh>(5), pt::dropout(0.3));
  CHECK(pt::check_sharing(MixtureOfExperts{dropped, {.experts = 2}}, names).error < 1e-9);
  CHECK(pt::check_sharing(MixtureOfExperts{pt::Sequence<>{}, {.experts = 2}}, names).error < 1e-9);
}

TEST_CASE("a mixture is the sum of its experts' outputs times their shares") {
  // one input, two linear experts of one output: 2 x + 1 and -x + 3; logits ln 3 + x and 2 x
  pt::SharingProbe probe(MixtureOfExperts{pt::mlp<pt::Identity>({1}), {.experts = 2}}, two_names,
                         {.inputs = 1, .samples = 1});
  const auto places = segments(probe.policy);
  const auto set = [&](const std::string& name, double value) { part(probe.parameters, places.at(name))[0] = value; };
  set("shared/experts/0/0/weights", 2);
  set("shared/experts/0/0/bias", 1);
  set("shared/experts/1/0/weights", -1);
  set("shared/experts/1/0/bias", 3);
  part(probe.parameters, places.at("click/gate/weights")) << 1, 2;
  part(probe.parameters, places.at("click/gate/bias")) << std::log(3.0), 0;
  part(probe.parameters, places.at("spend/gate/weights")) << 0, 0;
  part(probe.parameters, places.at("spend/gate/bias")) << std::log(4.0), 0;
  probe.inputs[0] = 0;  // experts 1 and 3, shares 3/4 and 1/4, and 4/5 and 1/5
  probe.forward();
  CHECK(representation(probe, 0)(0, 0) == Approx(1.5).epsilon(1e-15));
  CHECK(representation(probe, 1)(0, 0) == Approx(1.4).epsilon(1e-15));
  CHECK(shares(probe, 0)(0, 0) == Approx(0.75).epsilon(1e-15));
  CHECK(shares(probe, 1)(1, 0) == Approx(0.2).epsilon(1e-15));
  probe.directions[0](0, 0) = 10;
  probe.directions[1](0, 0) = 100;
  const Values gradient = gradient_of(probe, {1, 1});
  const auto at = [&](const std::string& name) { return part(gradient, places.at(name)); };
  CHECK(at("shared/experts/0/0/bias")[0] == Approx(10 * 0.75 + 100 * 0.8));
  CHECK(at("shared/experts/1/0/bias")[0] == Approx(10 * 0.25 + 100 * 0.2));
  // dL/dz0 = direction * share0 * (expert0 - mixture)
  CHECK(at("click/gate/bias")[0] == Approx(10 * 0.75 * (1 - 1.5)));
  CHECK(at("click/gate/bias")[1] == Approx(10 * 0.25 * (3 - 1.5)));
  CHECK(at("spend/gate/bias")[0] == Approx(100 * 0.8 * (1 - 1.4)));
  // dx: through the experts 87.5 * 2 - 22.5, through click's gate -3.75 * 1 + 3.75 * 2
  CHECK(probe.input_gradient[0] == Approx(87.5 * 2 - 22.5 + 3.75));
}

TEST_CASE("the first losses of the reference run of a mixture of experts come out") {
  const golden::File file("mmoe_adam.txt");
  pt::SharingProbe probe(MixtureOfExperts{pt::mlp({5}), {.experts = 3}}, two_names, {.inputs = 6, .samples = 24});
  const auto places = segments(probe.policy);
  const auto copy = [&](const std::string& name, const std::string& key) {
    part(probe.parameters, places.at(name + "weights")) = file["initial." + key + ".weight"].reshaped();
    part(probe.parameters, places.at(name + "bias")) = file["initial." + key + ".bias"].reshaped();
  };
  for (const char* expert : {"0", "1", "2"})
    copy(pt::text("shared/experts/", expert, "/0/"), pt::text("expert", expert));
  copy("click/gate/", "gate0");
  copy("spend/gate/", "gate1");
  pt::Columns<double>(probe.inputs.data(), 6, 24) = file["x"].transpose();
  probe.forward();
  const auto logits = [&](Index task) {
    const std::string head = pt::text("initial.head", task);
    return pt::Matrix<double>((file[head + ".weight"] * representation(probe, task)).colwise() +
                              file[head + ".bias"].row(0).transpose());
  };
  const double squared = (logits(0) - file["y0"].transpose()).squaredNorm() / 72;
  double entropy = 0;
  const pt::Matrix<double> z = logits(1);
  for (Index sample = 0; sample < 24; ++sample)
    entropy += (std::log1p(std::exp(z(0, sample))) - file["y1"](sample, 0) * z(0, sample)) / 24;
  CHECK(squared == Approx(file["losses"](0, 0)).epsilon(1e-13));
  CHECK(entropy == Approx(file["losses"](0, 1)).epsilon(1e-13));
}

TEST_CASE("a mixture names its segments and their owners") {
  const auto found = [](MixtureGates gates) {
    MixtureOfExperts policy{pt::sequence(pt::dense<pt::Relu>(4), pt::layer_normalization()),
                            {.experts = 2, .gates = gates}};
    policy.connect(3, two_names);
    std::string list;
    policy.parameters([&](const std::string& name, Index owner, Index rows, Index columns) {
      list += pt::text(name, " ", owner, " ", rows, "x", columns, "; ");
    });
    policy.last_shared_layers([&](const std::string& name) { list += name + "; "; });
    return list;
  };
  const std::string experts =
      "shared/experts/0/0/weights -1 4x3; shared/experts/0/0/bias -1 4x1; shared/experts/0/1/gain -1 4x1; "
      "shared/experts/0/1/shift -1 4x1; shared/experts/1/0/weights -1 4x3; shared/experts/1/0/bias -1 4x1; "
      "shared/experts/1/1/gain -1 4x1; shared/experts/1/1/shift -1 4x1; ";
  CHECK(found(MixtureGates::per_task) ==
        experts +
            "click/gate/weights 0 2x3; click/gate/bias 0 2x1; spend/gate/weights 1 2x3; spend/gate/bias 1 2x1; "
            "shared/experts/0/0; shared/experts/1/0; ");
  CHECK(found(MixtureGates::one_for_all) ==
        experts + "shared/gate/weights -1 2x3; shared/gate/bias -1 2x1; shared/experts/0/0; shared/experts/1/0; ");
}

TEST_CASE("a task alone moves the experts and its own gate") {
  for (const auto& settings : all_settings) {
    if (settings.balance > 0 || settings.experts == 1) continue;
    pt::SharingProbe probe(MixtureOfExperts{tanh_layers(), settings}, names);
    probe.forward();
    for (Index task = 0; task < 3; ++task) {
      std::vector<std::uint8_t> active(3, 0);
      active[static_cast<std::size_t>(task)] = 1;
      const Values gradient = gradient_of(probe, active);
      for (const auto& [name, place] : segments(probe.policy)) {
        INFO(name << " in the gradient of task " << task);
        CHECK((part(gradient, place).norm() > 0) == (place.owner == pt::shared_owner || place.owner == task));
      }
    }
  }
}

TEST_CASE("a mixture's gradients of tasks, of last layers and before, and of own terms add up") {
  for (const auto& settings : all_settings) {
    pt::SharingProbe probe(MixtureOfExperts{normalised_layers(), settings}, names);
    probe.forward();
    const Values joint = gradient_of(probe, {1, 1, 1}, pt::Reach::whole, true);
    const Values joint_inputs = probe.input_gradient;
    const double scale = joint.norm();
    CHECK(scale > 1);

    Values sum = gradient_of(probe, {0, 0, 0}, pt::Reach::whole, true);  // the own terms alone
    Values input_sum = probe.input_gradient;
    CHECK((sum.norm() > 0) == (settings.balance > 0 && settings.experts > 1));
    for (std::size_t task = 0; task < 3; ++task) {
      std::vector<std::uint8_t> active(3, 0);
      active[task] = 1;
      sum += gradient_of(probe, active);
      input_sum += probe.input_gradient;
    }
    CHECK((sum - joint).norm() < 1e-13 * scale);
    CHECK((input_sum - joint_inputs).norm() < 1e-13 * scale);

    // one task with the terms, the others without
    Values mixed = gradient_of(probe, {1, 0, 0}, pt::Reach::whole, true);
    mixed += gradient_of(probe, {0, 1, 1});
    CHECK((mixed - joint).norm() < 1e-13 * scale);

    Values by_reach = Values::Zero(joint.size());
    const auto places = segments(probe.policy);
    for (std::size_t task = 0; task < 3; ++task) {
      std::vector<std::uint8_t> active(3, 0);
      active[task] = 1;
      const Values last = gradient_of(probe, active, pt::Reach::last_layer);
      CHECK(apart(probe.policy.representation_gradient(probe.flat(probe.memory), 7, static_cast<Index>(task)),
                  probe.directions[task]) == 0);
      for (const auto& [name, place] : places)  // no work that nobody asked for
        if (name.find("/gate/") != std::string::npos) CHECK(part(last, place).isZero(0));
      probe.policy.last_shared_layers([&](const std::string& layer) {
        for (const char* name : {"/weights", "/bias"}) {
          part(by_reach, places.at(layer + name)) += part(last, places.at(layer + name));
          CHECK(part(last, places.at(layer + name)).norm() > 0);
        }
      });
    }
    const Values before = gradient_of(probe, {1, 1, 1}, pt::Reach::before_last_layer, true);
    CHECK((probe.input_gradient - joint_inputs).norm() < 1e-13 * scale);
    probe.policy.last_shared_layers([&](const std::string& layer) {
      CHECK(part(before, places.at(layer + "/weights")).isZero(0));
      CHECK(part(before, places.at(layer + "/bias")).isZero(0));
    });
    by_reach += before;
    CHECK((by_reach - joint).norm() < 1e-13 * scale);
  }
}

TEST_CASE("a mixture without an active task computes nothing, and its way back is zero") {
  pt::SharingProbe probe(MixtureOfExperts{tanh_layers(), {.experts = 3, .balance = 1}}, names, {.active = {0, 0, 0}});
  probe.memory.setConstant(8);
  probe.forward();
  CHECK(representation(probe, 0).isConstant(8, 0));
  CHECK(probe.policy.own_terms(probe.flat(probe.memory), 7) == 0);
  CHECK(gradient_of(probe, {0, 0, 0}, pt::Reach::whole, true).isZero(0));
  CHECK(probe.input_gradient.head(5 * 7).isZero(0));
}

TEST_CASE("a mixture of one expert is hard sharing") {
  for (const auto gates : {MixtureGates::per_task, MixtureGates::one_for_all}) {
    pt::SharingProbe mixture(MixtureOfExperts{normalised_layers(), {.experts = 1, .gates = gates}}, names);
    pt::SharingProbe hard(pt::HardSharing{normalised_layers()}, names);
    hard.parameters = mixture.parameters.head(hard.parameters.size());
    hard.inputs = mixture.inputs;
    hard.directions = mixture.directions;
    mixture.differentiate();
    hard.differentiate();
    for (Index task = 0; task < 3; ++task)
      CHECK(apart(representation(mixture, task), representation(hard, task)) < 1e-15);
    CHECK((mixture.gradient.head(hard.gradient.size()) - hard.gradient).cwiseAbs().maxCoeff() < 1e-14);
    CHECK(hard.gradient.norm() > 1);
    CHECK(mixture.gradient.tail(mixture.gradient.size() - hard.gradient.size()).cwiseAbs().maxCoeff() == 0);
    CHECK((mixture.input_gradient - hard.input_gradient).cwiseAbs().maxCoeff() < 1e-14);
  }
}

TEST_CASE("one gate for all tasks is the same as equal gates of tasks") {
  pt::SharingProbe one(MixtureOfExperts{tanh_layers(), {.experts = 3, .gates = MixtureGates::one_for_all}}, names);
  pt::SharingProbe own(MixtureOfExperts{tanh_layers(), {.experts = 3}}, names);
  own.inputs = one.inputs;
  own.directions = one.directions;
  const auto from = segments(one.policy);
  const auto to = segments(own.policy);
  const auto source_of = [&](const std::string& name) {
    const auto gate = name.find("/gate/");
    return from.at(gate == std::string::npos ? name : "shared" + name.substr(gate));
  };
  for (const auto& [name, place] : to) part(own.parameters, place) = part(one.parameters, source_of(name));
  one.differentiate();
  own.differentiate();
  for (Index task = 0; task < 3; ++task) CHECK(apart(representation(one, task), representation(own, task)) == 0);
  Values sum = Values::Zero(one.gradient.size());
  for (const auto& [name, place] : to) part(sum, source_of(name)) += part(own.gradient, place);
  CHECK((sum - one.gradient).norm() < 1e-13 * one.gradient.norm());
  CHECK((own.input_gradient - one.input_gradient).norm() < 1e-13 * one.input_gradient.norm());
}

TEST_CASE("with one gate all tasks read the same mixture, and their gradients are apart") {
  pt::SharingProbe one(MixtureOfExperts{tanh_layers(), {.experts = 3, .gates = MixtureGates::one_for_all}}, names);
  pt::SharingProbe own(MixtureOfExperts{tanh_layers(), {.experts = 3}}, names);
  const auto place = [](auto& probe, Index task) {
    return probe.policy.representation(probe.flat(probe.memory), 7, task).data();
  };
  const auto gradient_place = [](auto& probe, Index task) {
    return probe.policy.representation_gradient(probe.flat(probe.memory), 7, task).data();
  };
  CHECK(place(one, 0) == place(one, 2));
  CHECK(place(own, 0) != place(own, 2));
  CHECK(gradient_place(one, 0) != gradient_place(one, 2));
  CHECK(gradient_place(own, 0) != gradient_place(own, 2));
}

TEST_CASE("a sparse gate with as many choices as experts is the softmax") {
  pt::SharingProbe all(MixtureOfExperts{tanh_layers(), {.experts = 4}}, names);
  pt::SharingProbe top(MixtureOfExperts{tanh_layers(), {.experts = 4, .top = 4}}, names);
  all.differentiate();
  top.differentiate();
  for (Index task = 0; task < 3; ++task) CHECK(representation(all, task) == representation(top, task));
  CHECK(all.gradient == top.gradient);
}

TEST_CASE("a sparse gate mixes the experts it keeps") {
  pt::SharingProbe probe(MixtureOfExperts{tanh_layers(), {.experts = 5, .top = 2}}, names);
  probe.forward();
  for (Index task = 0; task < 3; ++task)
    for (Index sample = 0; sample < 7; ++sample) {
      const pt::Matrix<double> column = shares(probe, task).col(sample);
      CHECK((column.array() > 0).count() == 2);
      CHECK(column.sum() == Approx(1).epsilon(1e-15));
    }
}

TEST_CASE("experts and gates differ from each other at the start") {
  MixtureOfExperts policy{pt::mlp({6, 4}), {.experts = 8}};
  policy.connect(5, names);
  const auto places = segments(policy);
  Index size = 0;
  for (const auto& [name, place] : places) size = (std::max)(size, place.offset + pt::piece_size(place.size));
  Values parameters = Values::Zero(size);
  pt::Random random(1);
  policy.initialize(pt::Flat<double>(parameters.data(), size), pt::no_flat<double>(), random);
  for (Index one = 0; one < 8; ++one)
    for (Index other = 0; other < one; ++other)
      for (const char* layer : {"/0/weights", "/1/weights"}) {
        const auto weights = [&](Index expert) {
          return part(parameters, places.at(pt::text("shared/experts/", expert, layer)));
        };
        CHECK((weights(one).array() != weights(other).array()).all());
      }
  const auto gate = [&](std::string_view task) {
    return part(parameters, places.at(std::string(task) + "/gate/weights"));
  };
  CHECK((gate("click").array() != gate("spend").array()).all());
  CHECK(gate("click").cwiseAbs().minCoeff() > 0);
}

TEST_CASE("the importance term is the squared coefficient of variation of the summed shares") {
  // no weights: the shares of every sample are those of the bias, 1/6, 2/6, 3/6: times 3, less 1: -1/2, 0, 1/2
  pt::SharingProbe probe(MixtureOfExperts{tanh_layers(), {.experts = 3, .balance = 0.6}}, two_names);
  const auto places = segments(probe.policy);
  for (const std::string task : {"click", "spend"}) part(probe.parameters, places.at(task + "/gate/weights")).setZero();
  part(probe.parameters, places.at("click/gate/bias")) << 0, std::log(2.0), std::log(3.0);
  part(probe.parameters, places.at("spend/gate/bias")) << 1, 1, 1;
  probe.forward();
  const auto term = [&] { return probe.policy.own_terms(probe.flat(probe.memory), 7); };
  CHECK(term() == Approx(0.6 * (0.25 + 0.25) / 3).epsilon(1e-14));
  part(probe.parameters, places.at("spend/gate/bias")) << 500, 0, 0;  // collapsed: 2, -1, -1
  probe.forward();
  CHECK(term() == Approx(0.6 * (0.5 / 3 + 2)).epsilon(1e-14));
  probe.options.active = {1, 0};  // spend is not in the batch
  probe.forward();
  CHECK(term() == Approx(0.6 * 0.5 / 3).epsilon(1e-14));
  // by click's first logit: 7 samples * share0 * (g0 - shares' g), g = 2 * balance * excess / 7
  const Values gradient = gradient_of(probe, {0, 0}, pt::Reach::whole, true);
  const double mean = 1.2 * (-0.5 / 6 + 0.5 * 3 / 6);
  CHECK(part(gradient, places.at("click/gate/bias"))[0] == Approx((-0.6 - mean) / 6).epsilon(1e-13));
  CHECK(part(gradient, places.at("spend/gate/bias")).isZero(0));
  CHECK(gradient_of(probe, {0, 0}, pt::Reach::whole, false).isZero(0));
}

TEST_CASE("one gate for all has one importance term however many tasks there are") {
  pt::SharingProbe probe(
      MixtureOfExperts{tanh_layers(), {.experts = 3, .gates = MixtureGates::one_for_all, .balance = 0.6}}, names);
  const auto places = segments(probe.policy);
  part(probe.parameters, places.at("shared/gate/weights")).setZero();
  part(probe.parameters, places.at("shared/gate/bias")) << 0, std::log(2.0), std::log(3.0);
  probe.forward();
  CHECK(probe.policy.own_terms(probe.flat(probe.memory), 7) == Approx(0.1).epsilon(1e-14));
}

TEST_CASE("a mixture with load balance wants the whole batch at once") {
  CHECK_FALSE(MixtureOfExperts{tanh_layers()}.couples_samples());
  CHECK(MixtureOfExperts{tanh_layers(), {.balance = 0.1}}.couples_samples());
}

TEST_CASE("expert dropout leaves experts out in training only, and never all of them") {
  const MixtureOfExperts with_dropout{tanh_layers(), {.experts = 4, .expert_dropout = 0.6}};
  pt::SharingProbe none(MixtureOfExperts{tanh_layers(), {.experts = 4}}, names, {.samples = 300});
  pt::SharingProbe some(with_dropout, names, {.samples = 300});
  none.forward();
  predict(some);
  for (Index task = 0; task < 3; ++task) {
    CHECK(representation(none, task) == representation(some, task));
    CHECK(shares(none, task) == shares(some, task));
  }
  some.forward();
  std::vector<pt::Matrix<double>> found;
  for (Index task = 0; task < 3; ++task) {
    found.push_back(shares(some, task));
    const auto zeros = (found.back().array() == 0).count();
    // left out with 0.6, but for the samples that would lose all, 0.6^4 of them: 0.6 - 0.1296 of 1200
    CHECK(std::abs(static_cast<double>(zeros) - 0.4704 * 1200) < 4 * std::sqrt(1200 * 0.25) + 1);
    CHECK((found.back().colwise().sum().array() - 1).abs().maxCoeff() < 1e-15);
    // the representation is that mixture
    pt::Matrix<double> mixture = pt::Matrix<double>::Zero(4, 300);
    pt::Networks<decltype(tanh_layers())> experts;
    experts.connect(tanh_layers(), 5, 4);
    for (Index expert = 0; expert < 4; ++expert)
      mixture += experts.outputs(some.flat(some.memory), 300, expert) * found.back().row(expert).asDiagonal();
    CHECK(apart(mixture, representation(some, task)) < 1e-14);
  }
  CHECK((found[0].array() == 0).matrix() != (found[1].array() == 0).matrix());  // each gate for itself
  const pt::Matrix<double> before = representation(some, 2);
  some.forward();
  CHECK(representation(some, 2) == before);  // the same noise, the same experts
  some.options.active = {0, 0, 1};
  some.forward();
  CHECK(representation(some, 2) == before);  // whichever tasks are in the batch
}

TEST_CASE("a mixture allocates nothing in its passes") {
  for (const auto& settings : all_settings) {
    pt::SharingProbe probe(MixtureOfExperts{tanh_layers(), settings}, names);
    const Values parameters = probe.parameters;
    const std::vector<std::uint8_t> active{1, 0, 1};
    const auto flat = [](Values& values) { return pt::Flat<double>(values.data(), values.size()); };
    for (Index task = 0; task < 3; ++task)
      probe.policy.representation_gradient(probe.flat(probe.memory), 7, task).setOnes();
    const pt::Inputs<double> inputs{probe.inputs.data(), 5, 7, 0};
    Eigen::internal::set_is_malloc_allowed(false);
    probe.policy.forward(pt::SharingForward<double>{probe.fixed(parameters),
                                                    inputs,
                                                    active,
                                                    flat(probe.memory),
                                                    flat(probe.statistics),
                                                    pt::Random(1),
                                                    true,
                                                    7,
                                                    {probe.options.membership.data(), 3, 7}});
    probe.policy.backward(pt::SharingBackward<double>{probe.fixed(parameters),
                                                      inputs,
                                                      active,
                                                      flat(probe.memory),
                                                      flat(probe.gradient),
                                                      {probe.input_gradient.data(), 5, 7, 0},
                                                      pt::Reach::whole,
                                                      true});
    Eigen::internal::set_is_malloc_allowed(true);
    CHECK(probe.gradient.norm() > 0);
  }
}

TEST_CASE("the experts of a mixture have names for its readers") {
  MixtureOfExperts policy{tanh_layers(), {.experts = 3}};
  policy.connect(5, names);
  CHECK(policy.gate_choices(1) == 3);
  CHECK(policy.choice_name(1, 2) == "expert 2");
  CHECK(policy.representation_width(0) == 4);
  CHECK(decltype(policy)::name == "mixture_of_experts");
  CHECK(decltype(policy.baseline())::name == "separate");
  CHECK(MixtureOfExperts{tanh_layers()}.settings.experts == 8);
}

TEST_CASE("the settings of a mixture that cannot be are refused by name") {
  const auto made = [](MixtureSettings settings) { return MixtureOfExperts{tanh_layers(), settings}; };
  CHECK_THROWS_AS(made({.experts = 0}), pt::ArgumentError);
  CHECK_THROWS_WITH(made({.experts = 0}), containing("at least one expert: `experts` is 0"));
  CHECK_THROWS_WITH(made({.experts = 3, .top = 4}),
                    containing("of 3 experts a gate can keep 1 to 3, or all with 0: `top` is 4"));
  CHECK_THROWS_WITH(made({.top = -1}), containing("`top` is -1"));
  CHECK_THROWS_WITH(made({.balance = -0.5}), containing("a finite number of at least 0: `balance` is -0.5"));
  CHECK_THROWS_WITH(made({.balance = std::numeric_limits<double>::infinity()}), containing("`balance` is inf"));
  CHECK_THROWS_WITH(made({.balance = std::nan("")}), containing("`balance` is nan"));
  CHECK_THROWS_WITH(made({.expert_dropout = 1}), containing("at least 0 and less than 1: `expert_dropout` is 1"));
  CHECK_THROWS_WITH(made({.expert_dropout = -0.1}), containing("`expert_dropout` is -0.1"));
  auto later = made({.experts = 3});
  later.settings.top = 9;
  CHECK_THROWS_WITH(later.connect(5, names), containing("`top` is 9"));
}

namespace {

/// Stands for a file: keeps each number and text, or puts them in their places.
struct Kept {
  std::map<std::string, double> numbers;
  std::map<std::string, std::string> texts;

  void read(const MixtureSettings& settings) {
    MixtureSettings::configuration(settings, [&](std::string_view key, const auto& value) {
      if constexpr (std::is_arithmetic_v<std::decay_t<decltype(value)>>)
        numbers[std::string(key)] = static_cast<double>(value);
      else
        texts[std::string(key)] = value;
    });
  }

  MixtureSettings made() {
    MixtureSettings settings;
    MixtureSettings::configuration(settings, [&](std::string_view key, auto& value) {
      using Value = std::decay_t<decltype(value)>;
      if constexpr (std::is_arithmetic_v<Value>)
        value = static_cast<Value>(numbers.at(std::string(key)));
      else
        value = texts.at(std::string(key));
    });
    return settings;
  }
};

}  // namespace

TEST_CASE("a file restores the settings of a mixture and is not believed blindly") {
  Kept kept;
  kept.read({.experts = 5, .gates = MixtureGates::one_for_all, .top = 2, .balance = 0.25, .expert_dropout = 0.5});
  const auto settings = kept.made();
  CHECK(settings.experts == 5);
  CHECK(settings.gates == MixtureGates::one_for_all);
  CHECK(settings.top == 2);
  CHECK(settings.balance == 0.25);
  CHECK(settings.expert_dropout == 0.5);
  CHECK(kept.numbers.size() == 4);
  CHECK(kept.texts == std::map<std::string, std::string>{{"gates", "one for all"}});
  kept.texts["gates"] = "some";
  CHECK_THROWS_AS(kept.made(), pt::ArgumentError);
  CHECK_THROWS_WITH(kept.made(), containing("'gates' is 'some', which is none of: per task, one for all"));
  kept.texts["gates"] = "per task";
  CHECK(kept.made().gates == MixtureGates::per_task);
  kept.numbers["top"] = 6;
  CHECK_THROWS_AS(kept.made(), pt::ArgumentError);
}

}  // namespace mixture_of_experts_tests
