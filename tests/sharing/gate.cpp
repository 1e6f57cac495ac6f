#include "catch.hpp"

#include "polytask/core/gradient_check.hpp"
#include "polytask/sharing/gate.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace gate_tests {

namespace pt = polytask;
using pt::Index;

namespace {

/// A gate with its numbers; the inputs are the logits as long as nobody changes the weights, which are the identity.
struct Probe {
  pt::Gate gate;
  Index samples;
  pt::Vector<double> parameters;
  pt::Vector<double> memory;
  pt::Matrix<double> inputs;

  Probe(const pt::Matrix<double>& logits, Index top) : samples(logits.cols()), inputs(logits) {
    const Index choices = logits.rows();
    gate.connect(choices, choices, top);
    parameters.setZero(gate.parameter_size());
    weights().setIdentity();
    memory.setZero(gate.memory_size(samples));
  }

  pt::Columns<double> weights() { return {parameters.data(), inputs.rows(), inputs.rows()}; }
  pt::Flat<double> bias() { return {parameters.data() + pt::piece_size(inputs.rows() * inputs.rows()), inputs.rows()}; }
  pt::Flat<double> flat_memory() { return {memory.data(), memory.size()}; }
  pt::ConstFlat<double> flat_parameters() const { return {parameters.data(), parameters.size()}; }
  pt::ConstColumns<double> views() const { return {inputs.data(), inputs.rows(), inputs.cols()}; }

  pt::Matrix<double> forward() {
    gate.forward(flat_parameters(), views(), flat_memory());
    return gate.shares(flat_memory(), samples);
  }
};

pt::Matrix<double> column(std::initializer_list<double> values) {
  pt::Matrix<double> made(static_cast<Index>(values.size()), 1);
  Index row = 0;
  for (const double value : values) made(row++, 0) = value;
  return made;
}

void check_equal(const pt::Matrix<double>& found, const pt::Matrix<double>& expected) {
  CHECK((found - expected).cwiseAbs().maxCoeff() < 1e-15);
}

/// Random weights and bias, so that the inputs are not the logits any more.
Probe random_probe(Index choices, Index samples, Index top) {
  pt::Random random(3);
  pt::Matrix<double> inputs(choices, samples);
  for (double& value : inputs.reshaped()) value = random.normal();
  Probe probe(inputs, top);
  for (double& value : probe.weights().reshaped()) value = random.normal();
  for (double& value : probe.bias()) value = random.normal();
  return probe;
}

/// The gradients of <direction, shares>, compared with differences.
template <class After>
pt::GradientCheck check_gate(Probe probe, After&& after, double smallest = 0.1) {
  pt::Random random(4);
  pt::Matrix<double> direction(probe.inputs.rows(), probe.samples);
  for (double& value : direction.reshaped()) value = random.normal();
  const auto value = [&] {
    probe.forward();
    after(probe);
    return direction.cwiseProduct(probe.gate.shares(probe.flat_memory(), probe.samples)).sum();
  };
  value();
  pt::Vector<double> gradient = pt::Vector<double>::Zero(probe.parameters.size());
  pt::Matrix<double> input_gradient = pt::Matrix<double>::Constant(probe.inputs.rows(), probe.samples, 77);
  probe.gate.share_gradient(probe.flat_memory(), probe.samples) = direction;
  probe.gate.backward(probe.flat_parameters(), probe.views(), probe.flat_memory(),
                      pt::Flat<double>(gradient.data(), gradient.size()),
                      pt::Columns<double>(input_gradient.data(), probe.inputs.rows(), probe.samples));
  auto check =
      pt::check_gradient({probe.parameters.data(), probe.parameters.size()}, {gradient.data(), gradient.size()}, value);
  check.merge(pt::check_gradient({probe.inputs.data(), probe.inputs.size()},
                                 {input_gradient.data(), input_gradient.size()}, value));
  CHECK(gradient.norm() >= smallest);
  return check;
}

}  // namespace

TEST_CASE("the shares of a gate are the softmax of weights times inputs plus bias") {
  // exp of the logits 0, ln 2, ln 5 is 1, 2, 5
  Probe probe(column({0, std::log(2.0), std::log(5.0)}), 0);
  check_equal(probe.forward(), column({0.125, 0.25, 0.625}));
  probe.bias() << std::log(4.0), 0, 0;  // 4, 2, 5
  check_equal(probe.forward(), column({4.0 / 11, 2.0 / 11, 5.0 / 11}));
  probe.weights().setZero();
  probe.weights()(1, 2) = 1;  // the second logit is the third input: 4, 5, 1
  check_equal(probe.forward(), column({0.4, 0.5, 0.1}));
}

TEST_CASE("a gate works each sample by itself") {
  pt::Matrix<double> logits(2, 3);
  logits << 0, std::log(3.0), 1,  //
      0, 0, 1;
  pt::Matrix<double> expected(2, 3);
  expected << 0.5, 0.75, 0.5,  //
      0.5, 0.25, 0.5;
  check_equal(Probe(logits, 0).forward(), expected);
}

TEST_CASE("a sparse gate gives the largest logits the softmax among themselves and the others nothing") {
  const auto logits = column({0, std::log(2.0), std::log(5.0), std::log(3.0)});
  check_equal(Probe(logits, 1).forward(), column({0, 0, 1, 0}));
  check_equal(Probe(logits, 2).forward(), column({0, 0, 0.625, 0.375}));
  check_equal(Probe(logits, 3).forward(), column({0, 0.2, 0.5, 0.3}));
  CHECK(Probe(logits, 2).forward()(0, 0) == 0);
  // all choices: the same numbers as without `top`
  CHECK(Probe(logits, 4).forward() == Probe(logits, 0).forward());
}

TEST_CASE("of equal logits a sparse gate keeps the first") {
  check_equal(Probe(column({1, 1, 1, 1}), 2).forward(), column({0.5, 0.5, 0, 0}));
  check_equal(Probe(column({0, 2, 1, 2, 2}), 2).forward(), column({0, 0.5, 0, 0.5, 0}));
  check_equal(Probe(column({1, 0, 1}), 1).forward(), column({1, 0, 0}));
}

TEST_CASE("huge logits do not overflow") {
  check_equal(Probe(column({1e300, 1e300, -1e300}), 0).forward(), column({0.5, 0.5, 0}));
  check_equal(Probe(column({-1e300, -1e300}), 0).forward(), column({0.5, 0.5}));
  check_equal(Probe(column({1024, 1025}), 0).forward(), column({1 / (1 + std::exp(1.0)), 1 / (1 + std::exp(-1.0))}));
  check_equal(Probe(column({-1e300, 1e300, -1e300}), 2).forward(), column({0, 1, 0}));
}

TEST_CASE("a sparse gate keeps the best of what is left when logits have overflowed") {
  pt::Matrix<double> logits = column({0, 0, 0, 0, 0});
  Probe probe(logits, 2);
  const double none = -std::numeric_limits<double>::infinity();
  probe.bias() << none, 1, none, none, 1 + std::log(3.0);
  check_equal(probe.forward(), column({0, 0.25, 0, 0, 0.75}));
  probe.bias() << none, 1, none, none, none;
  check_equal(probe.forward(), column({0, 1, 0, 0, 0}));
  probe.bias().setConstant(none);  // nothing is left: not a number, which training reports
  CHECK(std::isnan(probe.forward()(0, 0)));
}

TEST_CASE("what a sparse gate does not keep has no share at all, in float too") {
  pt::Gate gate;
  gate.connect(1, 9, 2);
  pt::Vector<float> parameters = pt::Vector<float>::LinSpaced(gate.parameter_size(), 0, 1);
  pt::Vector<float> memory(gate.memory_size(30));
  const pt::Matrix<float> inputs = pt::Matrix<float>::Ones(1, 30);
  const pt::Flat<float> places(memory.data(), memory.size());
  gate.forward<float>({parameters.data(), parameters.size()}, {inputs.data(), 1, 30}, places);
  const auto shares = gate.shares<float>(places, 30);
  CHECK((shares.topRows(7).array() == 0).all());
  CHECK((shares.bottomRows(2).array() > 0.4f).all());
}

TEST_CASE("the gradient of a gate is right for all choices and for some") {
  for (const Index top : {0, 2, 4}) {
    const auto check = check_gate(random_probe(5, 6, top), [](Probe&) {});
    INFO("top " << top << ", place " << check.place << ": " << check.gradient << " and " << check.difference);
    CHECK(check.error < 1e-9);
  }
}

TEST_CASE("a gate that keeps one choice has no gradient") {
  CHECK(check_gate(
            random_probe(5, 6, 1), [](Probe&) {}, 0)
            .error == 0);
}

TEST_CASE("a gate adds its parameters' gradient and may be asked for it alone") {
  Probe probe = random_probe(4, 3, 0);
  probe.forward();
  const auto once = [&](double start, bool with_inputs) {
    pt::Vector<double> gradient = pt::Vector<double>::Constant(probe.parameters.size(), start);
    pt::Matrix<double> inputs(4, 3);
    probe.gate.share_gradient(probe.flat_memory(), 3) = pt::Matrix<double>(probe.inputs.array().square());
    probe.gate.backward(probe.flat_parameters(), probe.views(), probe.flat_memory(),
                        pt::Flat<double>(gradient.data(), gradient.size()),
                        with_inputs ? pt::Columns<double>(inputs.data(), 4, 3) : pt::no_columns<double>());
    return gradient;
  };
  const auto first = once(0, true);
  CHECK(first.norm() > 0.1);
  CHECK(once(0, false) == first);
  CHECK((once(2, false) - first).isConstant(2, 1e-14));
}

TEST_CASE("choices that are left out have no share and the others sum to 1") {
  const Index samples = 4000;
  const Index choices = 3;
  pt::Matrix<double> logits = pt::Matrix<double>::Zero(choices, samples);
  for (Index sample = 0; sample < samples; ++sample) logits(0, sample) = std::log(2.0);
  Probe probe(logits, 0);
  const pt::Matrix<double> whole = probe.forward();
  probe.gate.leave_out(0.3, pt::Random(9), probe.flat_memory(), samples);
  const pt::Matrix<double> shares = probe.gate.shares(probe.flat_memory(), samples);
  CHECK((shares.colwise().sum().array() - 1).abs().maxCoeff() < 1e-15);
  std::vector<Index> seen(8, 0);
  for (Index sample = 0; sample < samples; ++sample) {
    std::size_t left = 0;
    double kept = 0;
    for (Index choice = 0; choice < choices; ++choice) {
      if (shares(choice, sample) == 0) continue;
      left |= std::size_t{1} << choice;
      kept += whole(choice, sample);
    }
    for (Index choice = 0; choice < choices; ++choice)
      if (shares(choice, sample) > 0)
        REQUIRE(shares(choice, sample) == Approx(whole(choice, sample) / kept).epsilon(1e-14));
    ++seen[left];
  }
  // never nothing; everything with 0.7^3 and, where all would have been left out, 0.3^3
  const std::vector<double> expected{0,          0.7 * 0.09, 0.7 * 0.09, 0.49 * 0.3,
                                     0.7 * 0.09, 0.49 * 0.3, 0.49 * 0.3, 0.343 + 0.027};
  CHECK(seen[0] == 0);
  for (std::size_t which = 1; which < 8; ++which) {
    const double deviation = std::sqrt(expected[which] * (1 - expected[which]) * samples);
    CHECK(std::abs(static_cast<double>(seen[which]) - expected[which] * samples) < 4 * deviation);
  }
}

TEST_CASE("a gate that leaves nothing out is as it was") {
  Probe probe = random_probe(4, 20, 0);
  const auto whole = probe.forward();
  probe.gate.leave_out(0, pt::Random(1), probe.flat_memory(), 20);
  CHECK((probe.gate.shares(probe.flat_memory(), 20) - whole).cwiseAbs().maxCoeff() < 1e-15);
}

TEST_CASE("of a sparse gate a sample whose kept choices are all left out keeps its shares") {
  pt::Matrix<double> logits = pt::Matrix<double>::Zero(6, 200);
  for (Index sample = 0; sample < 200; ++sample) logits(sample % 6, sample) = 1;
  Probe probe(logits, 1);
  const auto whole = probe.forward();
  probe.gate.leave_out(0.9, pt::Random(2), probe.flat_memory(), 200);
  CHECK((probe.gate.shares(probe.flat_memory(), 200) - whole).isZero(0));
}

TEST_CASE("the gradient of a gate is right where choices are left out") {
  for (const Index top : {0, 3}) {
    const auto check = check_gate(random_probe(5, 8, top), [](Probe& probe) {
      probe.gate.leave_out(0.4, pt::Random(6), probe.flat_memory(), probe.samples);
    });
    CHECK(check.error < 1e-9);
  }
}

TEST_CASE("a mixture adds each choice's columns times its share, and sends back their products") {
  pt::Matrix<double> shares(2, 2);
  shares << 0.25, 1,  //
      0.75, 0;
  pt::Matrix<double> source(2, 2);
  source << 4, 3,  //
      8, 5;
  pt::Matrix<double> mixture = pt::Matrix<double>::Ones(2, 2);
  const auto fixed = [](const pt::Matrix<double>& matrix) { return pt::ConstColumns<double>(matrix.data(), 2, 2); };
  pt::add_share<double>(pt::Columns<double>(mixture.data(), 2, 2), fixed(source), fixed(shares), 0);
  pt::Matrix<double> expected(2, 2);
  expected << 2, 4,  //
      3, 6;
  CHECK(mixture == expected);
  pt::Matrix<double> gradient = pt::Matrix<double>::Constant(2, 2, 9);
  pt::share_gradient_of<double>(pt::Columns<double>(gradient.data(), 2, 2), 1, fixed(source), fixed(expected));
  expected << 9, 9,  //
      4 * 2 + 8 * 3, 3 * 4 + 5 * 6;
  CHECK(gradient == expected);
}

TEST_CASE("a gate names its segments and starts with small weights and no bias") {
  pt::Gate gate;
  gate.connect(5, 3);
  std::string found;
  gate.parameters("click/gate/", 1, [&](const std::string& name, Index owner, Index rows, Index columns) {
    found += pt::text(name, " ", owner, " ", rows, "x", columns, "; ");
  });
  CHECK(found == "click/gate/weights 1 3x5; click/gate/bias 1 3x1; ");
  pt::Vector<double> parameters = pt::Vector<double>::Constant(gate.parameter_size(), 7);
  pt::Random random(1);
  gate.initialize(pt::Flat<double>(parameters.data(), parameters.size()), random);
  const double limit = std::sqrt(6.0 / 8);
  CHECK(parameters.head(15).cwiseAbs().maxCoeff() <= limit);
  CHECK(parameters.head(15).cwiseAbs().minCoeff() > 0);
  CHECK(parameters.segment(16, 3).isZero(0));
}

TEST_CASE("a gate without a choice or with too many to keep is refused") {
  pt::Gate gate;
  CHECK_THROWS_WITH(gate.connect(4, 0), containing("a gate needs something to choose from"));
  CHECK_THROWS_WITH(gate.connect(4, 3, 4), containing("a gate with 3 choices cannot keep the 4 best"));
  CHECK_THROWS_AS(gate.connect(4, 3, -1), pt::ArgumentError);
}

}  // namespace gate_tests
