// The link itself, on logits given by hand; with whole models: entire_space_gradient.cpp, link_training.cpp.
#include "funnel.hpp"

#include "polytask/models/entire_space.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

using Two = pt::EntireSpace<"click", "purchase">;
using Three = pt::EntireSpace<"view", "click", "purchase">;

/// A link and all that it works on, rows being steps.
template <pt::Scalar S, class Link>
struct Bench {
  Link link;
  Index samples;
  pt::Buffer<S> parameters;
  pt::Buffer<S> memory;
  pt::Buffer<S> parameter_gradient;
  std::vector<pt::Matrix<S>> representations, representation_gradients, logits, logit_gradients, labels, weights;

  Bench(Link of, Index count, Index width = 1) : link(of), samples(count) {
    const std::vector<Index> widths(Link::tasks.size(), width);
    link.connect(widths);
    Index size = 0;
    link.parameters(
        [&](const std::string&, Index, Index rows, Index columns) { size += pt::piece_size(rows * columns); });
    parameters.assign(static_cast<std::size_t>(size), S(0));
    parameter_gradient = parameters;
    memory.resize(static_cast<std::size_t>(link.memory_size(samples)));
    for (std::size_t step = 0; step < Link::tasks.size(); ++step) {
      for (auto* rows : {&logits, &logit_gradients, &labels}) rows->push_back(pt::Matrix<S>::Zero(1, samples));
      for (auto* rows : {&representations, &representation_gradients})
        rows->push_back(pt::Matrix<S>::Zero(width, samples));
      weights.push_back(pt::Matrix<S>::Ones(1, samples));
    }
  }

  void forward() {
    with([&](const auto& pass) { link.forward_logits(pass); });
  }
  /// The way back from logit_gradients, through the raw logits and the representations.
  double backward(bool own_terms) {
    double terms = 0;
    with(
        [&](const auto& pass) {
          terms = link.backward_logits(pass);
          link.backward_representations(pass);
        },
        own_terms);
    return terms;
  }

 private:
  template <class Function>
  void with(Function&& function, bool own_terms = false) {
    const auto view = [](pt::Matrix<S>& matrix) { return pt::Columns<S>(matrix.data(), matrix.rows(), matrix.cols()); };
    std::vector<pt::LinkedTask<S>> tasks;
    for (std::size_t step = 0; step < Link::tasks.size(); ++step)
      tasks.push_back({pt::read_only<S>(view(representations[step])), view(representation_gradients[step]),
                       view(logits[step]), view(logit_gradients[step]), pt::read_only<S>(view(labels[step])),
                       pt::read_only<S>(view(weights[step]))});
    function(pt::LinkPass<S>{pt::ConstFlat<S>(parameters.data(), static_cast<Index>(parameters.size())),
                             pt::view(memory), samples, tasks, pt::view(parameter_gradient), samples, own_terms});
  }
};

/// Cross-entropy of label and logit.
double cross_entropy(double label, double logit) {
  return std::log1p(std::exp(-std::abs(logit))) + std::max(0.0, label == 1 ? -logit : logit);
}

}  // namespace

TEST_CASE("the answers along a chain are the products of the heads' probabilities") {
  Bench<double, Three> bench({}, 2);
  bench.logits[0] << std::log(0.8 / 0.2), std::log(0.5 / 0.5);
  bench.logits[1] << std::log(0.5 / 0.5), std::log(0.9 / 0.1);
  bench.logits[2] << std::log(0.25 / 0.75), std::log(0.6 / 0.4);
  bench.forward();
  const auto probability = [&](std::size_t step, Index sample) {
    return funnel::sigmoid(bench.logits[step](0, sample));
  };
  CHECK(probability(0, 0) == Approx(0.8).epsilon(1e-14));
  CHECK(probability(1, 0) == Approx(0.4).epsilon(1e-14));
  CHECK(probability(2, 0) == Approx(0.1).epsilon(1e-14));
  CHECK(probability(0, 1) == Approx(0.5).epsilon(1e-14));
  CHECK(probability(1, 1) == Approx(0.45).epsilon(1e-14));
  CHECK(probability(2, 1) == Approx(0.27).epsilon(1e-14));
}

TEMPLATE_TEST_CASE("extreme logits give the accurate log-odds of the product and accurate derivatives", "", float,
                   double) {
  using S = TestType;
  std::vector<S> points;
  for (const double size : {0.0, 1e-4, 0.3, 1.0, 5.0, 20.0, 50.0, 88.0, 100.0, 104.0, 300.0, 1e4, 1e30})
    for (const double sign : {-1.0, 1.0}) points.push_back(static_cast<S>(sign * size));
  const auto count = static_cast<Index>(points.size() * points.size());
  Bench<S, Two> bench({}, count);
  for (Index sample = 0; sample < count; ++sample) {
    bench.logits[0](0, sample) = points[static_cast<std::size_t>(sample) / points.size()];
    bench.logits[1](0, sample) = points[static_cast<std::size_t>(sample) % points.size()];
  }
  const auto click = bench.logits[0];
  const auto purchase = bench.logits[1];
  bench.forward();
  CHECK(bench.logits[0] == click);
  bench.logit_gradients[1].setOnes();
  bench.backward(false);
  long double worst_value = 0;
  long double worst_slope = 0;
  bool above = false;
  for (Index sample = 0; sample < count; ++sample) {
    // a <= b; -log of e^-a + e^-b + e^-a-b, and the derivatives, in a wider type
    const auto a = static_cast<long double>(std::min(click(0, sample), purchase(0, sample)));
    const auto b = static_cast<long double>(std::max(click(0, sample), purchase(0, sample)));
    const long double sum = b >= 0 ? 1 + std::exp(-b) + std::exp(a - b) : 1 + std::exp(b) + std::exp(a);
    const long double expected = a + std::min(b, 0.0L) - std::log1p(sum - 1);
    const long double found = bench.logits[1](0, sample);
    worst_value = std::max(worst_value, std::abs(found - expected) / std::max(1.0L, std::abs(expected)));
    above = above || found > a;
    const bool click_is_a = click(0, sample) <= purchase(0, sample);
    const long double of_a = (click_is_a ? bench.logit_gradients[0] : bench.logit_gradients[1])(0, sample);
    const long double of_b = (click_is_a ? bench.logit_gradients[1] : bench.logit_gradients[0])(0, sample);
    const long double slope_a = (1 + std::exp(-std::abs(b))) / sum;
    const long double slope_b = ((b >= 0 ? std::exp(-b) : 1) + std::exp(b >= 0 ? a - b : a)) / sum;
    worst_slope = std::max(worst_slope, std::abs(of_a - slope_a) / slope_a);
    worst_slope = std::max(worst_slope, std::abs(of_b - slope_b) / (slope_b + 1e-30L) / std::max(1.0L, b - a));
  }
  CHECK(worst_value < 4 * std::numeric_limits<S>::epsilon());
  CHECK(worst_slope < 16 * std::numeric_limits<S>::epsilon());
  CHECK(!above);
  CHECK(bench.logits[1].allFinite());
}

TEST_CASE("with propensities of 1 and all clicked the terms are an ordinary cross-entropy more") {
  Bench<double, Two> bench({.counterfactual = pt::Counterfactual::inverse_propensity, .strength = 0.7}, 3);
  bench.labels[0].setOnes();
  bench.labels[1] << 1, 0, 1;
  bench.logits[0].setConstant(60);
  bench.logits[1] << 0.3, -1.2, 2.0;
  const auto raw = bench.logits[1];
  double mean = 0;
  for (Index sample = 0; sample < 3; ++sample) mean += cross_entropy(bench.labels[1](0, sample), raw(0, sample)) / 3;
  bench.forward();
  CHECK(bench.backward(true) == Approx(0.7 * mean).epsilon(1e-14));
  for (Index sample = 0; sample < 3; ++sample)
    CHECK(bench.logit_gradients[1](0, sample) ==
          Approx(0.7 / 3 * (funnel::sigmoid(raw(0, sample)) - bench.labels[1](0, sample))).epsilon(1e-14));
  CHECK(bench.logit_gradients[0].isZero());
}

TEST_CASE("inverse propensities weigh the samples of the step before, by hand") {
  Bench<double, Two> bench(
      {.counterfactual = pt::Counterfactual::inverse_propensity, .strength = 2, .least_propensity = 0.1}, 5);
  bench.logits[0] << std::log(0.25 / 0.75), std::log(0.01 / 0.99), 0, 0, 0;
  bench.logits[1].setZero();
  bench.labels[0] << 1, 1, 0, 1, 1;
  bench.labels[1] << 1, 0, 0, 1, 1;
  bench.weights[0] << 1, 1, 1, 0, 1;    // the fourth click is unknown
  bench.weights[1] << 3, 0.5, 1, 1, 0;  // so is the fifth purchase
  bench.forward();
  // 2 / 5 (3 log 2 / 0.25 + 0.5 log 2 / 0.1), the second propensity being too small
  CHECK(bench.backward(true) == Approx(0.4 * (12 + 5) * std::log(2)).epsilon(1e-14));
  CHECK(bench.logit_gradients[1](0, 0) == Approx(-0.4 * 12 * 0.5).epsilon(1e-14));
  CHECK(bench.logit_gradients[1](0, 1) == Approx(0.4 * 5 * 0.5).epsilon(1e-14));
  CHECK(bench.logit_gradients[1].rightCols(3).isZero());
  CHECK(bench.logit_gradients[0].isZero());
  bench.logit_gradients[1].setZero();
  CHECK(bench.backward(false) == 0);
  CHECK(bench.logit_gradients[1].isZero());
}

TEST_CASE("with the right propensities the terms are in the mean those of full information") {
  pt::Matrix<double> click(1, 4);
  pt::Matrix<double> purchase(1, 4);
  click << 0.4, -1.0, 1.5, -2.0;
  purchase << 0.7, 0.1, -0.8, 1.1;
  const std::vector<double> would_buy{1, 0, 1, 1};  // if clicked
  pt::Vector<double> errors(4);
  for (Index sample = 0; sample < 4; ++sample)
    errors[sample] = cross_entropy(would_buy[static_cast<std::size_t>(sample)], purchase(0, sample));
  // over all outcomes of the clicks, each as likely as the logits say; without a click a purchase is labelled 0
  const auto mean_terms = [&](auto& bench) {
    double mean = 0;
    for (unsigned outcome = 0; outcome < 16; ++outcome) {
      double probability = 1;
      for (Index sample = 0; sample < 4; ++sample) {
        const bool clicked = (outcome >> sample & 1u) != 0;
        bench.labels[0](0, sample) = clicked;
        bench.labels[1](0, sample) = clicked ? would_buy[static_cast<std::size_t>(sample)] : 0;
        probability *= funnel::sigmoid(clicked ? click(0, sample) : -click(0, sample));
      }
      bench.logits[0] = click;
      bench.logits[1] = purchase;
      bench.forward();
      mean += probability * bench.backward(true);
    }
    return mean;
  };
  Bench<double, Two> weighted({.counterfactual = pt::Counterfactual::inverse_propensity, .strength = 0.3}, 4);
  CHECK(mean_terms(weighted) == Approx(0.3 * errors.mean()).epsilon(1e-13));
  for (const double bias : {-2.0, 0.0, 1.5}) {  // whatever the imputation takes the errors for
    Bench<double, Two> robust({.counterfactual = pt::Counterfactual::doubly_robust, .strength = 0.3}, 4, 2);
    robust.representations[1] << 1, 0.5, -1, 0, 2, 1, 0, -1;
    robust.parameters[0] = 0.4;
    robust.parameters[1] = -0.7;
    robust.parameters[16] = bias;
    double squares = 0;
    for (Index sample = 0; sample < 4; ++sample) {
      const auto at = robust.representations[1].col(sample);
      const double logit = 0.4 * at[0] - 0.7 * at[1] + bias;
      squares += std::pow(errors[sample] - std::log1p(std::exp(logit)), 2) / 4;
    }
    CHECK(mean_terms(robust) == Approx(0.3 * (errors.mean() + squares)).epsilon(1e-13));
  }
}

TEST_CASE("an imputation that knows the errors gives their plain mean, whoever clicked") {
  Bench<double, Two> bench({.counterfactual = pt::Counterfactual::doubly_robust, .strength = 0.5}, 3);
  bench.logits[0] << -1, 0.5, 2;
  bench.logits[1] << 0.3, -1.2, 2.0;
  bench.labels[0] << 1, 0, 1;
  bench.labels[1] << 1, 0, 0;
  bench.parameters[0] = 1;
  double mean = 0;
  for (Index sample = 0; sample < 3; ++sample) {
    const double error = cross_entropy(bench.labels[1](0, sample), bench.logits[1](0, sample));
    bench.representations[1](0, sample) = std::log(std::expm1(error));  // softplus gives the error back
    mean += error / 3;
  }
  bench.forward();
  CHECK(bench.backward(true) == Approx(0.5 * mean).epsilon(1e-14));
}

TEST_CASE("settings of the entire space that make no sense are refused") {
  const std::vector<Index> widths{1, 1};
  CHECK_THROWS_WITH((Two{.strength = -1}.connect(widths)),
                    containing("strength is -1; it must be a finite number of at least 0"));
  CHECK_THROWS_WITH((Two{.least_propensity = 0}.connect(widths)), containing("least_propensity is 0; it must be"));
  CHECK_THROWS_AS((Two{.least_propensity = 1.5}.connect(widths)), pt::ArgumentError);
  for (const double value : {std::nan(""), HUGE_VAL}) {
    CHECK_THROWS_WITH((Two{.strength = value}.connect(widths)), containing("it must be a finite number"));
    CHECK_THROWS_WITH((Two{.least_propensity = value}.connect(widths)), containing("it must be between"));
  }
}
