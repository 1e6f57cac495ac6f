/// @file
/// What every loss must keep, whatever it measures; each test of a loss calls check_loss().
///
/// The check that nothing is allocated works when the whole test program is compiled with EIGEN_RUNTIME_NO_MALLOC.
#pragma once

#ifndef EIGEN_RUNTIME_NO_MALLOC
#define EIGEN_RUNTIME_NO_MALLOC
#endif

#include "catch.hpp"

#include "polytask/core/random.hpp"
#include "polytask/losses/loss.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <string>
#include <vector>

/// One batch for a loss, with the gradient it writes.
template <class S>
struct LossBatch {
  polytask::Matrix<S> logits;
  polytask::Matrix<S> labels;
  polytask::Matrix<S> weights;
  polytask::Matrix<S> gradient = {};

  /// The sum of the losses; with the gradient, or without it being touched.
  template <class L>
  double evaluate(const L& loss, S scale = 1) {
    gradient.setConstant(logits.rows(), logits.cols(), S(12345));
    return loss.evaluate(pass(scale, polytask::Columns<S>(gradient.data(), gradient.rows(), gradient.cols())));
  }

  template <class L>
  double value(const L& loss) const {
    return loss.evaluate(pass(S(1), polytask::no_columns<S>()));
  }

  polytask::LossPass<S> pass(S scale, polytask::Columns<S> into) const {
    return {view(logits), view(labels), view(weights), scale, into};
  }

  static polytask::ConstColumns<S> view(const polytask::Matrix<S>& matrix) {
    return polytask::ConstColumns<S>(matrix.data(), matrix.rows(), matrix.cols());
  }
};

/// A one-sample batch: the logits, the label, weight 1.
template <class S>
LossBatch<S> one_sample(std::initializer_list<double> logits, double label, double weight = 1) {
  LossBatch<S> batch;
  batch.logits.resize(static_cast<polytask::Index>(logits.size()), 1);
  std::transform(logits.begin(), logits.end(), batch.logits.data(), [](double z) { return static_cast<S>(z); });
  batch.labels.setConstant(1, 1, static_cast<S>(label));
  batch.weights.setConstant(1, 1, static_cast<S>(weight));
  return batch;
}

/// What predict() makes of one sample.
template <class S, class L>
std::vector<S> predicted(const L& loss, std::initializer_list<double> logits) {
  const auto batch = one_sample<S>(logits, 0);
  std::vector<S> prediction(static_cast<std::size_t>(loss.prediction_rows()), S(12345));
  loss.predict(LossBatch<S>::view(batch.logits), polytask::Columns<S>(prediction.data(), loss.prediction_rows(), 1));
  return prediction;
}

/// As near as the scalar type allows.
template <class S>
Approx near_to(double expected) {
  return Approx(expected).epsilon(sizeof(S) == 4 ? 2e-6 : 1e-12).margin(sizeof(S) == 4 ? 1e-7 : 1e-15);
}

/// A batch of a size that is no multiple of anything, with random logits and weights and labels of the caller's.
template <class S, class L, class Label>
LossBatch<S> random_batch(const L& loss, Label label, polytask::Index samples = 601) {
  polytask::Random random(7);
  LossBatch<S> batch;
  batch.logits.resize(loss.outputs(), samples);
  batch.labels.resize(loss.label_rows(), samples);
  batch.weights.resize(loss.label_rows(), samples);
  for (S& logit : batch.logits.reshaped()) logit = static_cast<S>(random.normal(0, 2));
  for (S& number : batch.labels.reshaped()) number = static_cast<S>(label(random));
  for (polytask::Index sample = 0; sample < samples; ++sample)
    batch.weights.col(sample).setConstant(static_cast<S>(random.chance(0.2) ? 0 : random.uniform(0.1, 3)));
  return batch;
}

/// The columns of a batch for which `keep` holds.
template <class S, class Keep>
LossBatch<S> samples_where(const LossBatch<S>& batch, Keep keep) {
  std::vector<polytask::Index> chosen;
  for (polytask::Index sample = 0; sample < batch.logits.cols(); ++sample)
    if (keep(sample)) chosen.push_back(sample);
  return {batch.logits(Eigen::all, chosen), batch.labels(Eigen::all, chosen), batch.weights(Eigen::all, chosen)};
}

/// The gradient against central differences of fourth order, sample by sample so that no other sample's value rounds.
template <class L, class Label>
void check_gradient(const L& loss, Label label) {
  auto batch = random_batch<double>(loss, label);
  const double scale = 0.37;
  batch.evaluate(loss, scale);
  double largest_error = 0;
  for (polytask::Index sample = 0; sample < batch.logits.cols(); ++sample) {
    auto one = samples_where(batch, [&](polytask::Index other) { return other == sample; });
    for (polytask::Index row = 0; row < loss.outputs(); ++row) {
      const double step = 1e-4;
      const double logit = one.logits(row, 0);
      const auto at = [&](double offset) {
        one.logits(row, 0) = logit + offset;
        return one.value(loss);
      };
      const double difference = (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
      one.logits(row, 0) = logit;
      const double expected = scale * difference;
      // Relative to the gradient; near 0 to 1e-3 of the value, which the difference cannot resolve any finer.
      const double size = (std::max)(std::abs(expected), 1e-3 * (std::max)(1.0, std::abs(one.value(loss))));
      largest_error = (std::max)(largest_error, std::abs(batch.gradient(row, sample) - expected) / size);
    }
  }
  CHECK(largest_error < 1e-7);
}

/// Everything that the contract of losses/loss.hpp promises, for both scalar types.
template <class S, class L, class Label>
void check_contract(const L& loss, Label label) {
  auto batch = random_batch<S>(loss, label);
  const double value = batch.evaluate(loss);
  const polytask::Matrix<S> gradient = batch.gradient;
  CHECK(std::isfinite(value));
  CHECK(gradient.allFinite());
  CHECK(batch.value(loss) == Approx(value).epsilon(sizeof(S) == 4 ? 1e-6 : 1e-14));

  // The scale multiplies the gradient, not the value. 4 is a power of two: no rounding.
  CHECK(batch.evaluate(loss, S(4)) == value);
  CHECK(batch.gradient == S(4) * gradient);

  // Weight 0 is the same as not being there: value and gradient.
  const auto present = [&](polytask::Index sample) { return batch.weights(0, sample) != S(0); };
  auto kept = samples_where(batch, present);
  REQUIRE(kept.logits.cols() < batch.logits.cols());
  CHECK(kept.evaluate(loss) == Approx(value).epsilon(sizeof(S) == 4 ? 1e-6 : 1e-13));

  // What stands where the weight is 0 does not matter, and the gradient there is exactly 0.
  auto masked = batch;
  const S horrors[] = {S(1000),
                       S(-1000),
                       std::numeric_limits<S>::infinity(),
                       -std::numeric_limits<S>::infinity(),
                       std::numeric_limits<S>::quiet_NaN(),
                       (std::numeric_limits<S>::max)()};
  const S labels[] = {S(0), S(-1e30), S(1e30), S(0.5)};
  for (polytask::Index sample = 0; sample < masked.logits.cols(); ++sample)
    if (!present(sample)) {
      masked.logits.col(sample).setConstant(horrors[sample % 6]);
      masked.labels.col(sample).setConstant(labels[sample % 4]);
    }
  CHECK(masked.evaluate(loss) == Approx(value).epsilon(sizeof(S) == 4 ? 1e-6 : 1e-14));
  CHECK(masked.value(loss) == Approx(value).epsilon(sizeof(S) == 4 ? 1e-6 : 1e-14));
  for (polytask::Index sample = 0; sample < masked.logits.cols(); ++sample) {
    if (present(sample)) {
      REQUIRE(masked.gradient.col(sample).isApprox(gradient.col(sample), S(sizeof(S) == 4 ? 1e-5 : 1e-13)));
    } else {
      REQUIRE(masked.gradient.col(sample) == polytask::Matrix<S>::Zero(loss.outputs(), 1));
    }
  }
  masked.weights.setZero();
  CHECK(masked.evaluate(loss) == 0.0);
  CHECK(masked.gradient.isZero(S(0)));

  // Far logits: finite value, gradient and prediction.
  for (const double far : {1000.0, -1000.0})
    for (polytask::Index row = 0; row < loss.outputs(); ++row) {
      auto extreme = batch;
      extreme.logits.row(row).setConstant(static_cast<S>(far));
      CHECK(std::isfinite(extreme.evaluate(loss)));
      CHECK(extreme.gradient.allFinite());
      polytask::Matrix<S> predictions(loss.prediction_rows(), extreme.logits.cols());
      loss.predict(LossBatch<S>::view(extreme.logits),
                   polytask::Columns<S>(predictions.data(), predictions.rows(), predictions.cols()));
      CHECK(predictions.allFinite());
    }

  // A logit that is not a number shows in the value, wherever it stands.
  for (const polytask::Index sample : {polytask::Index(3), batch.logits.cols() - 1}) {
    auto broken = batch;
    broken.weights.col(sample).setOnes();
    broken.logits(loss.outputs() - 1, sample) = std::numeric_limits<S>::quiet_NaN();
    if (L::name == "zero_inflated_lognormal") broken.labels(0, sample) = S(1);  // at 0 only the first logit counts
    CHECK(std::isnan(broken.value(loss)));
    CHECK(std::isnan(broken.evaluate(loss)));
  }

  // A batch of samples predicts what each predicts alone.
  polytask::Matrix<S> predictions(loss.prediction_rows(), batch.logits.cols());
  predictions.setConstant(S(12345));
  loss.predict(LossBatch<S>::view(batch.logits),
               polytask::Columns<S>(predictions.data(), predictions.rows(), predictions.cols()));
  polytask::Matrix<S> alone(loss.prediction_rows(), 1);
  for (polytask::Index sample = 0; sample < batch.logits.cols(); ++sample) {
    loss.predict(polytask::ConstColumns<S>(batch.logits.col(sample).data(), loss.outputs(), 1),
                 polytask::Columns<S>(alone.data(), alone.rows(), 1));
    REQUIRE(alone.isApprox(predictions.col(sample), S(sizeof(S) == 4 ? 1e-5 : 1e-13)));
  }

  // Nothing is allocated.
  const auto into = polytask::Columns<S>(batch.gradient.data(), batch.gradient.rows(), batch.gradient.cols());
  const auto pass = batch.pass(S(1), into);
  const auto value_pass = batch.pass(S(1), polytask::no_columns<S>());
  const polytask::Columns<S> outcome(predictions.data(), predictions.rows(), predictions.cols());
  Eigen::internal::set_is_malloc_allowed(false);
  const double again = loss.evaluate(pass);
  const double value_again = loss.evaluate(value_pass);
  loss.predict(pass.logits, outcome);
  Eigen::internal::set_is_malloc_allowed(true);
  CHECK(again == value);
  CHECK(value_again == Approx(value).epsilon(sizeof(S) == 4 ? 1e-6 : 1e-14));

  // An empty batch has no loss.
  LossBatch<S> empty{polytask::Matrix<S>(loss.outputs(), 0), polytask::Matrix<S>(loss.label_rows(), 0),
                     polytask::Matrix<S>(loss.label_rows(), 0)};
  CHECK(empty.evaluate(loss) == 0.0);
}

/// All of it.
/// @param loss connected
/// @param label draws a label from a Random
template <class L, class Label>
void check_loss(const L& loss, Label label) {
  static_assert(polytask::Loss<L, float> && polytask::Loss<L, double>);
  check_gradient(loss, label);
  check_contract<double>(loss, label);
  check_contract<float>(loss, label);
}

/// The loss, connected.
template <class L>
L connected(L loss, polytask::Index label_columns = 1, polytask::Index classes = 0) {
  loss.connect(label_columns, classes);
  return loss;
}

/// The names of the settings, in the order of configuration(), read from a constant loss.
template <class L>
std::string setting_names(const L& loss) {
  std::string names;
  L::configuration(loss, [&](const char* name, const auto&) { names += std::string(names.empty() ? "" : " ") + name; });
  return names;
}
