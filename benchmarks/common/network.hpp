/// @file
/// The network that the benchmarks measure: two shared layers of 128 and 64, heads of 8 and 4 outputs, float, Adam.
#pragma once

#include "polytask/losses/squared_error.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/training/step.hpp"
#include "polytask/weighting/fixed.hpp"

#include <numeric>
#include <tuple>
#include <vector>

namespace benchmark {

namespace pt = polytask;
using pt::Index;

/// Samples of a data set.
inline constexpr Index sample_count = 8192;

inline auto first_task() { return pt::task<"first">(pt::SquaredError{}, {"1", "2", "3", "4", "5", "6", "7", "8"}); }
inline auto second_task() { return pt::task<"second">(pt::SquaredError{}, {"1", "2", "3", "4"}); }

inline auto network(const pt::Features& features) {
  return pt::multi_task_model(features, pt::HardSharing{pt::mlp({128, 64})}, first_task(), second_task());
}
using Network = decltype(network({}));

/// Random numbers with random labels.
inline pt::Dataset<float> random_data(Index inputs, Index labels = 12, Index samples = sample_count) {
  const pt::Matrix<float> numbers = pt::Matrix<float>::Random(inputs, samples);
  return pt::Dataset<float>::from(numbers, pt::Matrix<float>::Random(labels, samples));
}

/// What balances the tasks in a training.
struct Rules {
  pt::AnyWeighting weighting = {};
  pt::AnyAggregation aggregation = {};
};

/// Training of a model in steps of one size. A call is a step with the next samples, in a random order.
class Training {
 public:
  Training(pt::Model<float>& model, const pt::Dataset<float>& data, Index batch, Index threads = 1,
           const Rules& rules = {})
      : data_(data),
        batch_(static_cast<std::size_t>(batch)),
        weighting_(rules.weighting.begin({model.names(), kinds_})),
        aggregation_(rules.aggregation.begin<float>({model.names(), model.sharing_size()})),
        workers_(threads),
        step_(model, weighting_, aggregation_,
              {.optimizer = pt::AnyOptimizer<float>(pt::Adam{}),
               .weighting = rules.weighting.needs(),
               .aggregation = rules.aggregation.needs()},
              memory_, workers_, batch, std::vector<std::uint8_t>(model.size(), 1)),
        samples_(static_cast<std::size_t>(data.size())) {
    std::iota(samples_.begin(), samples_.end(), Index{0});
    random_.shuffle(samples_);
  }

  Training(const Training&) = delete;
  Training& operator=(const Training&) = delete;

  /// @return valid until the next step
  const pt::StepReport& operator()() {
    const auto& report = step_(data_, pt::Span<const Index>(samples_).subspan(next_, batch_), 1, random_, 1e-3);
    next_ = (next_ + batch_) % samples_.size();
    return report;
  }

  /// The samples in the order in which the steps take them.
  pt::Span<const Index> order() const { return samples_; }

 private:
  const pt::Dataset<float>& data_;
  std::size_t batch_;
  std::vector<pt::LossKind> kinds_ = std::vector<pt::LossKind>(64);
  pt::AnyWeightingState weighting_;
  pt::AnyAggregationState<float> aggregation_;
  pt::OptimizerMemory<float> memory_;
  pt::Workers workers_;
  pt::Step<float> step_;
  std::vector<Index> samples_;
  std::size_t next_ = 0;
  pt::Random random_{1};
};

/// The matrix products of a step and nothing else: three forward, three for gradients of weights, two for gradients of
/// inputs. The two heads are stacked into one product.
class Products {
 public:
  Products(Index inputs, Index batch)
      : x_(pt::Matrix<float>::Random(inputs, batch)),
        first_(pt::Matrix<float>::Random(128, inputs) * 0.1f),
        second_(pt::Matrix<float>::Random(64, 128) * 0.1f),
        heads_(pt::Matrix<float>::Random(12, 64) * 0.1f),
        a_(128, batch),
        b_(64, batch),
        outputs_(12, batch),
        a_gradient_(128, batch),
        b_gradient_(64, batch),
        first_gradient_(128, inputs),
        second_gradient_(64, 128),
        heads_gradient_(12, 64) {}

  /// Multiplications of single numbers in a call; each comes with an addition.
  double multiplications() const {
    const auto inside = static_cast<double>(second_.size() + heads_.size());
    return static_cast<double>(x_.cols()) * (2 * static_cast<double>(first_.size()) + 3 * inside);
  }

  void operator()() {
    a_.noalias() = first_ * x_;
    b_.noalias() = second_ * a_;
    outputs_.noalias() = heads_ * b_;
    heads_gradient_.noalias() = outputs_ * b_.transpose();
    b_gradient_.noalias() = heads_.transpose() * outputs_;
    second_gradient_.noalias() = b_gradient_ * a_.transpose();
    a_gradient_.noalias() = second_.transpose() * b_gradient_;
    first_gradient_.noalias() = a_gradient_ * x_.transpose();
  }

 private:
  pt::Matrix<float> x_, first_, second_, heads_;
  pt::Matrix<float> a_, b_, outputs_;
  pt::Matrix<float> a_gradient_, b_gradient_, first_gradient_, second_gradient_, heads_gradient_;
};

}  // namespace benchmark
