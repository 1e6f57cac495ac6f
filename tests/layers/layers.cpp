#include "catch.hpp"

#include "polytask/layers/batch_normalization.hpp"
#include "polytask/layers/check.hpp"
#include "polytask/layers/dense.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/layers/layer_normalization.hpp"
#include "polytask/layers/sequence.hpp"

namespace pt = polytask;
using pt::Index;

namespace {

template <class L>
L connected(L layer, Index inputs) {
  layer.connect(inputs);
  return layer;
}

template <class L>
double error_of(L layer, Index inputs = 5, Index samples = 7) {
  double worst = 0;
  for (std::uint64_t seed = 1; seed <= 3; ++seed)
    worst = std::max(worst, pt::check_layer(connected(layer, inputs), samples, seed).error);
  return worst;
}

/// Runs a layer forward on its own memory.
template <pt::Layer L>
struct Run {
  L layer;
  pt::Vector<double> parameters;
  pt::Vector<double> statistics;
  pt::Vector<double> memory;
  pt::Matrix<double> outputs;

  Run(L from, Index inputs) : layer(connected(from, inputs)) {
    parameters.setZero(pt::parameter_size(layer));
    statistics.setZero(pt::statistic_size(layer));
    pt::Random random(1);
    layer.initialize(pt::Flat<double>(parameters.data(), parameters.size()),
                     pt::Flat<double>(statistics.data(), statistics.size()), random);
  }

  const pt::Matrix<double>& operator()(const pt::Matrix<double>& inputs, bool training, std::uint64_t seed = 1) {
    memory.resize(layer.memory_size(inputs.cols()));
    outputs.resize(layer.outputs(), inputs.cols());
    layer.forward(pt::Forward<double>{pt::ConstFlat<double>(parameters.data(), parameters.size()),
                                      pt::ConstColumns<double>(inputs.data(), inputs.rows(), inputs.cols()),
                                      pt::Columns<double>(outputs.data(), outputs.rows(), outputs.cols()),
                                      pt::Flat<double>(memory.data(), memory.size()),
                                      pt::Flat<double>(statistics.data(), statistics.size()), pt::Random(seed),
                                      training});
    return outputs;
  }
};

pt::Matrix<double> normal(Index rows, Index columns) {
  pt::Random random(9);
  pt::Matrix<double> values(rows, columns);
  for (double& value : values.reshaped()) value = random.normal(1, 2);
  return values;
}

}  // namespace

TEST_CASE("every layer's gradient agrees with finite differences") {
  CHECK(error_of(pt::dense<pt::Identity>(4)) < 1e-7);
  CHECK(error_of(pt::dense<pt::Tanh>(4)) < 1e-7);
  CHECK(error_of(pt::dense<pt::Sigmoid>(4)) < 1e-7);
  CHECK(error_of(pt::dense<pt::Gelu>(4)) < 1e-7);
  CHECK(error_of(pt::dense<pt::Gelu>(1)) < 1e-7);
  CHECK(error_of(pt::dense<pt::Tanh>(1)) < 1e-7);
  CHECK(error_of(pt::dropout(0.4)) < 1e-7);
  CHECK(error_of(pt::layer_normalization()) < 1e-7);
  CHECK(error_of(pt::batch_normalization()) < 1e-7);
  CHECK(error_of(pt::batch_normalization(), 5, 1) < 1e-7);
  CHECK(error_of(pt::sequence(pt::dense<pt::Tanh>(6), pt::dropout(0.2), pt::layer_normalization(),
                              pt::dense<pt::Gelu>(3), pt::batch_normalization(), pt::dense<pt::Identity>(2))) < 1e-7);
  CHECK(error_of(pt::Sequence<>{}) < 1e-7);
}

TEST_CASE("the gradient of activations with a kink agrees away from the kink") {
  // inputs of at least 1.3 in size and weights near the identity keep every sum away from zero
  pt::Random random(3);
  for (const bool leaky : {false, true}) {
    const auto check = [&](auto layer) {
      layer.connect(1);
      pt::Vector<double> parameters = pt::Vector<double>::Zero(pt::parameter_size(layer));
      parameters[0] = 0.7;
      parameters[1] = -1.2;
      parameters[16] = 0.1;
      parameters[17] = -0.2;
      pt::Matrix<double> inputs(1, 6);
      inputs << 1.5, -2, 1.3, -1.4, 3, -1.7;
      pt::Matrix<double> outputs(2, 6), input_gradient(1, 6);
      pt::Matrix<double> direction = normal(2, 6);
      pt::Vector<double> gradient = pt::Vector<double>::Zero(parameters.size());
      pt::Vector<double> memory(layer.memory_size(6));
      const auto value = [&] {
        layer.forward(pt::Forward<double>{
            pt::ConstFlat<double>(parameters.data(), parameters.size()), pt::ConstColumns<double>(inputs.data(), 1, 6),
            pt::Columns<double>(outputs.data(), 2, 6), pt::Flat<double>(memory.data(), memory.size()),
            pt::no_flat<double>(), random, true});
        return outputs.cwiseProduct(direction).sum();
      };
      value();
      pt::Matrix<double> output_gradient = direction;
      layer.backward(pt::Backward<double>{
          pt::ConstFlat<double>(parameters.data(), parameters.size()), pt::ConstColumns<double>(inputs.data(), 1, 6),
          pt::ConstColumns<double>(outputs.data(), 2, 6), pt::Columns<double>(output_gradient.data(), 2, 6),
          pt::Flat<double>(memory.data(), memory.size()), pt::Flat<double>(gradient.data(), gradient.size()),
          pt::Columns<double>(input_gradient.data(), 1, 6)});
      auto worst = pt::check_gradient(pt::Flat<double>(inputs.data(), 6),
                                      pt::ConstFlat<double>(input_gradient.data(), 6), value);
      worst.merge(
          pt::check_gradient(pt::Flat<double>(parameters.data(), 2), pt::ConstFlat<double>(gradient.data(), 2), value));
      worst.merge(pt::check_gradient(pt::Flat<double>(parameters.data() + 16, 2),
                                     pt::ConstFlat<double>(gradient.data() + 16, 2), value));
      return worst.error;
    };
    CHECK((leaky ? check(pt::dense<pt::LeakyRelu>(2)) : check(pt::dense<pt::Relu>(2))) < 1e-9);
  }
}

TEST_CASE("the gradient check finds a wrong gradient") {
  pt::Vector<double> point(2);
  point << 1, 2;
  pt::Vector<double> gradient(2);
  gradient << 2, 4.0001;
  const auto check = pt::check_gradient(pt::Flat<double>(point.data(), 2), pt::ConstFlat<double>(gradient.data(), 2),
                                        [&] { return point.squaredNorm(); });
  CHECK(check.place == 1);
  CHECK(check.error == Approx(0.0001 / 4.0001).epsilon(1e-6));
}

TEST_CASE("a dense layer computes activation(W x + b)") {
  Run run(pt::dense<pt::Relu>(2), 2);
  run.parameters.head(4) << 1, 2, 3, 4;  // columns (1, 2) and (3, 4)
  run.parameters.segment(16, 2) << 0.5, -20;
  pt::Matrix<double> inputs(2, 2);
  inputs << 1, -1, 2, -1;
  const auto& outputs = run(inputs, false);
  CHECK(outputs(0, 0) == 7.5);
  CHECK(outputs(1, 0) == 0);  // 2 + 8 - 20
  CHECK(outputs(0, 1) == 0);  // -1 - 3 + 0.5
}

TEST_CASE("activations have their known values") {
  const auto at = [](auto layer, double z) {
    Run run(layer, 1);
    run.parameters.setZero();
    run.parameters[0] = 1;
    return run(pt::Matrix<double>::Constant(1, 1, z), false)(0, 0);
  };
  CHECK(at(pt::dense<pt::Identity>(1), -3) == -3);
  CHECK(at(pt::dense<pt::LeakyRelu>(1), -3) == Approx(-0.03));
  CHECK(at(pt::dense<pt::LeakyRelu>(1), 3) == 3);
  CHECK(at(pt::dense<pt::Tanh>(1), 0.5) == Approx(0.46211715726000975).epsilon(1e-14));
  CHECK(at(pt::dense<pt::Sigmoid>(1), 0.5) == Approx(0.6224593312018546).epsilon(1e-14));
  CHECK(at(pt::dense<pt::Gelu>(1), 1) == Approx(0.8411919906082768).epsilon(1e-12));
  CHECK(at(pt::dense<pt::Gelu>(1), -1) == Approx(-0.15880800939172324).epsilon(1e-12));
}

TEST_CASE("He and Glorot initialisation have the variance of their papers") {
  const auto variance = [](auto layer, Index inputs) {
    Run run(layer, inputs);
    const auto weights = run.parameters.head(layer.outputs() * inputs);
    CHECK(run.parameters.tail(layer.outputs()).isZero());
    return weights.squaredNorm() / static_cast<double>(weights.size());
  };
  CHECK(variance(pt::dense<pt::Relu>(400), 300) == Approx(2.0 / 300).epsilon(0.02));
  CHECK(variance(pt::dense<pt::Tanh>(400), 300) == Approx(2.0 / 700).epsilon(0.02));
  CHECK(variance(pt::dense<pt::Tanh>(400, pt::Initialization::he), 300) == Approx(2.0 / 300).epsilon(0.02));
}

TEST_CASE("dropout zeroes its share, keeps the mean, and leaves prediction alone") {
  Run run(pt::dropout(0.3), 100);
  const pt::Matrix<double> ones = pt::Matrix<double>::Ones(100, 1000);
  CHECK(run(ones, false) == ones);
  const pt::Matrix<double> first = run(ones, true);
  CHECK(static_cast<double>((first.array() == 0).count()) / 1e5 == Approx(0.3).margin(0.006));
  CHECK(first.mean() == Approx(1).margin(0.01));
  CHECK(run(ones, true) == first);     // the same stream, the same mask
  CHECK(run(ones, true, 2) != first);  // another stream, another mask
  CHECK(first.row(0) != first.row(1));
}

TEST_CASE("layer normalisation brings each sample to mean 0 and variance 1") {
  Run run(pt::layer_normalization(), 50);
  const pt::Matrix<double> outputs = run(normal(50, 4), true);
  for (Index sample = 0; sample < 4; ++sample) {
    CHECK(outputs.col(sample).mean() == Approx(0).margin(1e-12));
    CHECK(outputs.col(sample).squaredNorm() / 50 == Approx(1).epsilon(1e-4));
  }
}

TEST_CASE("batch normalisation uses the batch in training and its running statistics in prediction") {
  Run run(pt::batch_normalization(0.5), 3);
  const pt::Matrix<double> inputs = normal(3, 200);
  const pt::Matrix<double> outputs = run(inputs, true);
  for (Index feature = 0; feature < 3; ++feature) {
    CHECK(outputs.row(feature).mean() == Approx(0).margin(1e-12));
    CHECK(outputs.row(feature).squaredNorm() / 200 == Approx(1).epsilon(1e-4));
    // running mean: half way from 0 to the batch's; running variance: half way from 1 to the unbiased one
    const double mean = inputs.row(feature).mean();
    CHECK(run.statistics[feature] == Approx(mean / 2).epsilon(1e-12));
    const double variance = (inputs.row(feature).array() - mean).square().sum() / 199;
    CHECK(run.statistics[16 + feature] == Approx((1 + variance) / 2).epsilon(1e-12));
  }
  const pt::Vector<double> statistics = run.statistics;
  const pt::Matrix<double> together = run(inputs, false);
  const pt::Matrix<double> alone = run(inputs.leftCols(1), false);
  CHECK(together.col(0) == alone.col(0));  // a prediction does not depend on its batch
  run(inputs.leftCols(1), true);
  CHECK(run.statistics == statistics);  // one sample moves nothing
}

TEST_CASE("a sequence infers widths and names its parameters") {
  auto layers = pt::sequence(pt::dense<pt::Relu>(8), pt::layer_normalization(), pt::dense<pt::Identity>(3));
  CHECK(layers.connect(5) == 3);
  std::string names;
  layers.parameters([&](std::string_view part, Index rows, Index columns) {
    names += std::string(part) + " " + std::to_string(rows) + "x" + std::to_string(columns) + ";";
  });
  CHECK(names == "0/weights 8x5;0/bias 8x1;1/gain 8x1;1/shift 8x1;2/weights 3x8;2/bias 3x1;");
  CHECK(pt::parameter_size(layers) == 48 + 16 + 16 + 16 + 32 + 16);
}

TEST_CASE("layers refuse settings that make no sense") {
  CHECK_THROWS_WITH(pt::dense(0), containing("at least one output, not 0"));
  CHECK_THROWS_WITH(pt::dropout(1), containing("less than 1, not 1"));
  CHECK_THROWS_WITH(pt::batch_normalization(0), containing("more than 0"));
}
