#include "catch.hpp"
#include "problem.hpp"

#include "polytask/insight/gates.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"

#include <cmath>
#include <numbers>
#include <sstream>
#include <string>

namespace pt = polytask;
using pt::Index;

namespace {

constexpr Index samples = 1200;  // more than two batches of prediction, and a rest

/// Inputs of one number: 1 for the first quarter of the samples, else -1.
template <pt::Scalar S>
pt::Dataset<S> data() {
  pt::Matrix<S> inputs = pt::Matrix<S>::Constant(1, samples, S(-1));
  inputs.leftCols(samples / 4).setOnes();
  return pt::Dataset<S>::from(inputs, pt::Matrix<S>::Zero(2, samples));
}

template <pt::Scalar S>
auto model(pt::MixtureSettings settings) {
  auto made = pt::multi_task_model<S>(pt::Features::dense(1), pt::MixtureOfExperts{pt::mlp({3}), settings},
                                      pt::task<"click">(pt::SquaredError{}), pt::task<"spend">(pt::SquaredError{}));
  for (const auto& segment : made.parameters.layout.segments())
    if (segment.name.find("/gate/") != std::string::npos) made.parameters[segment.name].setZero();
  return made;
}

}  // namespace

TEMPLATE_TEST_CASE("the use of gates is counted over all samples", "", float, double) {
  auto gated = model<TestType>({.experts = 2});
  // click: logits ln 3 and 0 for every sample; spend: the first expert alone for 1, half and half for -1
  gated.parameters["click/gate/bias"](0, 0) = std::log(TestType(3));
  gated.parameters["spend/gate/bias"](0, 0) = 400;
  gated.parameters["spend/gate/weights"](0, 0) = 400;
  const auto uses = pt::gate_use(gated, data<TestType>());
  const auto equal = [](double value) { return Approx(value).epsilon(sizeof(TestType) == 4 ? 1e-6 : 1e-13); };
  const double quarters = -0.75 * std::log(0.75) - 0.25 * std::log(0.25);
  REQUIRE(uses.size() == 2);
  CHECK(uses[0].task == "click");
  REQUIRE(uses[0].choices.size() == 2);
  CHECK(uses[0].choices[0].name == "expert 0");
  CHECK(uses[0].choices[1].name == "expert 1");
  CHECK(uses[0].choices[0].mean_share == equal(0.75));
  CHECK(uses[0].choices[1].mean_share == equal(0.25));
  CHECK(uses[0].choices[0].largest == 1);
  CHECK(uses[0].choices[1].largest == 0);
  CHECK(uses[0].mean_entropy == equal(quarters));
  CHECK(uses[0].entropy_of_mean == equal(quarters));

  CHECK(uses[1].task == "spend");
  CHECK(uses[1].choices[0].mean_share == equal(0.25 + 0.75 / 2));
  CHECK(uses[1].choices[1].mean_share == equal(0.75 / 2));
  CHECK(uses[1].choices[0].largest == 1);  // of equals the first
  CHECK(uses[1].mean_entropy == equal(0.75 * std::numbers::ln2));
  CHECK(uses[1].entropy_of_mean == equal(-0.625 * std::log(0.625) - 0.375 * std::log(0.375)));
}

TEST_CASE("a gate that tells samples apart has no entropy a sample, a collapsed one none at all") {
  auto gated = model<double>({.experts = 3, .top = 1});
  gated.parameters["click/gate/weights"].col(0) << 1, -1, 0;  // the first expert for 1, the second for -1
  gated.parameters["spend/gate/bias"].col(0) << 0, 0, 1;
  const auto uses = pt::gate_use(gated, data<double>());
  CHECK(uses[0].mean_entropy == 0);
  CHECK(uses[0].entropy_of_mean == Approx(-0.75 * std::log(0.75) - 0.25 * std::log(0.25)).epsilon(1e-13));
  CHECK(uses[0].choices[0].largest == 0.25);
  CHECK(uses[0].choices[1].largest == 0.75);
  CHECK(uses[0].choices[1].mean_share == 0.75);
  CHECK(uses[1].mean_entropy == 0);
  CHECK(uses[1].entropy_of_mean == 0);
  CHECK(uses[1].choices[2].mean_share == 1);
}

TEST_CASE("the use of one gate for all is the same for every task") {
  auto gated = model<double>({.experts = 3, .gates = pt::MixtureGates::one_for_all});
  gated.parameters["shared/gate/bias"].col(0) << 0, std::log(2.0), std::log(5.0);
  const auto uses = pt::gate_use(gated, data<double>());
  for (const auto& use : uses) {
    CHECK(use.choices[1].mean_share == Approx(0.25).epsilon(1e-13));
    CHECK(use.choices[2].largest == 1);
  }
  CHECK(uses[1].task == "spend");
}

TEST_CASE("the use of gates of a model with embeddings is that of its samples one by one") {
  const auto train = problem::table(40);
  const auto gated = problem::model<double>(train, pt::MixtureOfExperts{pt::mlp({5}), {.experts = 4}});
  const auto encoded = gated.encode(train);
  const auto together = pt::gate_use(gated, encoded);
  CHECK(pt::gate_use(gated, train)[0].choices[1].mean_share == together[0].choices[1].mean_share);
  std::vector<double> mean(4, 0);
  double entropy = 0;
  for (Index row = 0; row < 40; ++row) {
    const auto alone = pt::gate_use(gated, encoded.samples(std::vector<Index>{row}));
    for (std::size_t choice = 0; choice < 4; ++choice) mean[choice] += alone[2].choices[choice].mean_share / 40;
    CHECK(alone[2].mean_entropy == Approx(alone[2].entropy_of_mean).epsilon(1e-13));
    entropy += alone[2].mean_entropy / 40;
  }
  for (std::size_t choice = 0; choice < 4; ++choice)
    CHECK(together[2].choices[choice].mean_share == Approx(mean[choice]).epsilon(1e-12));
  CHECK(together[2].mean_entropy == Approx(entropy).epsilon(1e-12));
  CHECK(together[2].entropy_of_mean > together[2].mean_entropy);  // concave
}

TEST_CASE("the use of gates is printed as a table") {
  const std::vector<pt::GateUse> uses{{"click", {{"expert 0", 0.75, 1}, {"expert 1", 0.25, 0}}, 0.5623, 0.6},
                                      {"spend", {{"an expert of a long name", 1, 0.125}}, 0, 0}};
  std::ostringstream stream;
  stream << uses;
  CHECK(stream.str() ==
        "gate of click  mean share  largest for\n"
        "expert 0            0.750      100.0 %\n"
        "expert 1            0.250        0.0 %\n"
        "entropy 0.562 a sample, 0.600 of the mean share, at most 0.693\n"
        "\n"
        "gate of spend             mean share  largest for\n"
        "an expert of a long name       1.000       12.5 %\n"
        "entropy 0.000 a sample, 0.000 of the mean share, at most 0.000\n");
}

TEST_CASE("the use of gates needs samples of the model's shape") {
  const auto gated = model<double>({.experts = 2});
  const auto of = [](Index rows, Index count) {
    return pt::Dataset<double>::from(pt::Matrix<double>::Zero(rows, count), pt::Matrix<double>::Zero(2, count));
  };
  CHECK_THROWS_AS(pt::gate_use(gated, of(1, 0)), pt::DataError);
  CHECK_THROWS_WITH(pt::gate_use(gated, of(1, 0)), containing("the use of gates needs at least one sample"));
  CHECK_THROWS_WITH(pt::gate_use(gated, of(2, 5)), containing("the model takes 1 numbers a sample"));
}

TEST_CASE("only policies with gates can be asked for their use") {
  STATIC_REQUIRE(pt::Gated<pt::MixtureOfExperts<decltype(pt::mlp({3}))>>);
  STATIC_REQUIRE(!pt::Gated<pt::HardSharing<decltype(pt::mlp({3}))>>);
}
