#include "catch.hpp"

#include "polytask/layers/batch_normalization.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/sharing/networks.hpp"

#include <string>

namespace networks_tests {

namespace pt = polytask;
using pt::Index;

namespace {

using Values = pt::Vector<double>;
constexpr Index samples = 5;
constexpr Index input_count = 3;

auto description() { return pt::sequence(pt::dense<pt::Tanh>(4), pt::batch_normalization(), pt::dense<pt::Gelu>(2)); }

pt::Flat<double> flat(Values& values) { return {values.data(), values.size()}; }
pt::ConstFlat<double> fixed(const Values& values) { return {values.data(), values.size()}; }

pt::Matrix<double> random_matrix(Index rows, std::uint64_t seed) {
  pt::Random random(seed);
  pt::Matrix<double> made(rows, samples);
  for (double& value : made.reshaped()) value = random.normal();
  return made;
}

pt::ConstColumns<double> views(const pt::Matrix<double>& matrix) {
  return {matrix.data(), matrix.rows(), matrix.cols()};
}
pt::Columns<double> views(pt::Matrix<double>& matrix) { return {matrix.data(), matrix.rows(), matrix.cols()}; }

/// Networks with all of their buffers.
template <pt::Network N>
struct Several {
  pt::Networks<N> networks;
  Values parameters, statistics, memory, gradient;

  Several(const N& network, Index count) {
    networks.connect(network, input_count, count);
    parameters.setZero(networks.parameter_size());
    statistics.setZero(networks.statistic_size());
    memory.setZero(networks.memory_size(samples));
    gradient.setZero(parameters.size());
    pt::Random random(1);
    networks.initialize(flat(parameters), flat(statistics), random);
  }

  void forward(Index which, const pt::Matrix<double>& inputs, const pt::Random& random = pt::Random(2)) {
    networks.forward(which, fixed(parameters), views(inputs), flat(memory), flat(statistics), random, true);
  }
};

}  // namespace

TEST_CASE("several networks are what as many single ones are") {
  Several several(description(), 3);
  const auto inputs = random_matrix(input_count, 5);
  const auto direction = random_matrix(2, 6);
  for (Index which = 0; which < 3; ++which) several.forward(which, inputs);
  pt::Matrix<double> sent(input_count, samples);
  several.networks.gradient(flat(several.memory), samples, 1) = direction;
  several.networks.backward(1, fixed(several.parameters), views(inputs), flat(several.memory), flat(several.gradient),
                            views(sent), pt::Reach::whole);

  auto single = description();
  single.connect(input_count);
  const Index size = pt::parameter_size(single);
  const Index statistic_size = pt::statistic_size(single);
  CHECK(several.networks.parameter_size() == 3 * size);
  CHECK(several.networks.statistic_size() == 3 * statistic_size);
  Values parameters(size);
  Values statistics = Values::Zero(statistic_size);
  pt::Random random(1);
  Values memory = Values::Zero(single.memory_size(samples));
  pt::Matrix<double> outputs(2, samples);
  for (Index which = 0; which < 3; ++which) {  // the same start, one after the other
    parameters.setZero();
    single.initialize(flat(parameters), flat(statistics), random);
    CHECK(parameters == several.parameters.segment(which * size, size));
    CHECK(pt::Flat<double>(several.networks.parameters_of(flat(several.parameters), which)) == parameters);
    single.forward(pt::Forward<double>{fixed(parameters), views(static_cast<const pt::Matrix<double>&>(inputs)),
                                       views(outputs), flat(memory), flat(statistics), pt::Random(2), true});
    CHECK(several.networks.outputs(flat(several.memory), samples, which) == outputs);
    CHECK(several.statistics.segment(which * statistic_size, statistic_size) == statistics);
    if (which != 1) {
      CHECK(several.gradient.segment(which * size, size).isZero(0));
      continue;
    }
    Values gradient = Values::Zero(size);
    pt::Matrix<double> arriving = direction;
    pt::Matrix<double> expected(input_count, samples);
    single.backward(pt::Backward<double>{fixed(parameters), views(static_cast<const pt::Matrix<double>&>(inputs)),
                                         views(static_cast<const pt::Matrix<double>&>(outputs)), views(arriving),
                                         flat(memory), flat(gradient), views(expected)});
    CHECK(several.gradient.segment(size, size) == gradient);
    CHECK(gradient.norm() > 0.1);
    CHECK(sent == expected);
  }
  CHECK(several.parameters.head(size) != several.parameters.segment(size, size));
}

TEST_CASE("a network of several may be run alone, and again, and leaves the others as they are") {
  Several several(description(), 3);
  const auto inputs = random_matrix(input_count, 5);
  for (Index which = 0; which < 3; ++which) several.forward(which, inputs);
  const pt::Matrix<double> first = several.networks.outputs(flat(several.memory), samples, 0);
  const pt::Matrix<double> second = several.networks.outputs(flat(several.memory), samples, 1);
  const pt::Matrix<double> third = several.networks.outputs(flat(several.memory), samples, 2);
  several.forward(1, random_matrix(input_count, 9));
  several.networks.gradient(flat(several.memory), samples, 1).setConstant(8);
  CHECK(several.networks.outputs(flat(several.memory), samples, 0) == first);
  CHECK(several.networks.outputs(flat(several.memory), samples, 1) != second);
  CHECK(several.networks.outputs(flat(several.memory), samples, 2) == third);
}

TEST_CASE("each of several networks draws noise of its own, the same whether others run or not") {
  Several several(pt::sequence(pt::dropout(0.5)), 2);
  const pt::Matrix<double> inputs = pt::Matrix<double>::Ones(input_count, samples);
  several.forward(0, inputs);
  several.forward(1, inputs);
  const pt::Matrix<double> first = several.networks.outputs(flat(several.memory), samples, 0);
  const pt::Matrix<double> second = several.networks.outputs(flat(several.memory), samples, 1);
  CHECK(first != second);
  several.forward(1, inputs);
  CHECK(several.networks.outputs(flat(several.memory), samples, 1) == second);
}

TEST_CASE("the two reaches of several networks are together the whole way back") {
  Several several(pt::sequence(pt::dense<pt::Tanh>(4), pt::dense<pt::Tanh>(2)), 2);
  const auto inputs = random_matrix(input_count, 5);
  const auto direction = random_matrix(2, 6);
  several.forward(1, inputs);
  const auto back = [&](pt::Reach reach) {
    several.gradient.setZero();
    several.networks.gradient(flat(several.memory), samples, 1) = direction;
    several.networks.backward(1, fixed(several.parameters), views(inputs), flat(several.memory), flat(several.gradient),
                              pt::no_columns<double>(), reach);
    return several.gradient;
  };
  const Values whole = back(pt::Reach::whole);
  const Values last = back(pt::Reach::last_layer);
  CHECK(several.networks.gradient(flat(several.memory), samples, 1) == direction);
  const Values before = back(pt::Reach::before_last_layer);
  CHECK(last.norm() > 0.1);
  CHECK(before.norm() > 0.1);
  CHECK(last.cwiseProduct(before).isZero(0));
  CHECK(last + before == whole);
}

TEST_CASE("several networks name their segments and their last layers") {
  pt::Networks<decltype(description())> networks;
  networks.connect(description(), 3, 2);
  CHECK(networks.count() == 2);
  CHECK(networks.inputs() == 3);
  CHECK(networks.outputs() == 2);
  std::string found;
  const auto add = [&](const std::string& name, Index owner, Index rows, Index columns) {
    found += pt::text(name, " ", owner, " ", rows, "x", columns, "; ");
  };
  networks.parameters("a/", pt::shared_owner, add);
  networks.statistics("b/", 4, add);
  networks.last_layer("a/", [&](const std::string& name) { found += name; });
  CHECK(found ==
        "a/0/weights -1 4x3; a/0/bias -1 4x1; a/1/gain -1 4x1; a/1/shift -1 4x1; a/2/weights -1 2x4; a/2/bias -1 2x1; "
        "b/1/mean 4 4x1; b/1/variance 4 4x1; a/2");
}

TEST_CASE("networks without layers have no last layer and pass their inputs on") {
  Several several(pt::Sequence<>{}, 2);
  several.networks.last_layer("a/", [](const std::string&) { FAIL("there is none"); });
  const auto inputs = random_matrix(input_count, 5);
  several.forward(1, inputs);
  CHECK(several.networks.outputs(flat(several.memory), samples, 1) == inputs);
}

TEST_CASE("a sum of gradients is the first written and the others added") {
  pt::Matrix<double> target = pt::Matrix<double>::Constant(2, samples, 1e9);
  pt::Matrix<double> scratch = target;
  const auto run = [&](int readers) {
    pt::GradientSum<double> sum(views(target), views(scratch));
    for (int reader = 1; reader <= readers; ++reader)
      sum.add([&](pt::Columns<double> place) { place.setConstant(reader); });  // over what was there
    sum.finish();
  };
  run(1);
  CHECK(target.isConstant(1, 0));
  run(4);
  CHECK(target.isConstant(10, 0));
  run(0);
  CHECK(target.isZero(0));
}

TEST_CASE("a sum of gradients that nobody asks for shows its readers an empty view") {
  pt::Matrix<double> scratch = pt::Matrix<double>::Constant(2, samples, 3);
  pt::GradientSum<double> sum(pt::no_columns<double>(), views(scratch));
  int readers = 0;
  for (int reader = 0; reader < 3; ++reader)
    sum.add([&](const pt::Columns<double>& place) {
      CHECK(place.size() == 0);
      ++readers;
    });
  sum.finish();
  CHECK(readers == 3);
  CHECK(scratch.isConstant(3, 0));
}

}  // namespace networks_tests
