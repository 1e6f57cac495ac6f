// What adversarial training is for: after it the shared features do not tell the tasks apart, the private ones do.
#include "catch.hpp"

#include "polytask/losses/binary_cross_entropy.hpp"
#include "polytask/losses/squared_error.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/shared_private.hpp"
#include "polytask/training/trainer.hpp"

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

constexpr Index width = 8;  // of an extractor

/// Two tasks with samples of their own in turns. Both labels are driven by inputs 0 and 1, whose distribution is the
/// same for both; the first task's also by input 2, the second's by input 3, which lie elsewhere for each task.
pt::Dataset<float> samples(Index count, std::uint64_t seed) {
  pt::Random random(seed);
  pt::Matrix<float> inputs(6, count);
  pt::Matrix<float> labels = pt::Matrix<float>::Constant(2, count, std::nanf(""));
  for (Index sample = 0; sample < count; ++sample) {
    const Index task = sample % 2;
    const double shift = task == 0 ? 1 : -1;
    auto x = inputs.col(sample);
    for (float& value : x) value = static_cast<float>(random.normal());
    x[2] += static_cast<float>(shift);
    x[3] += static_cast<float>(shift);
    labels(task, sample) = std::tanh(x[0]) + x[1] + 0.7f * x[2 + task] + 0.1f * static_cast<float>(random.normal());
  }
  return pt::Dataset<float>::from(inputs, labels);
}

auto trained(const pt::Dataset<float>& data, double adversarial, std::uint64_t seed) {
  auto model = pt::multi_task_model<float>(
      pt::Features::dense(6),
      pt::SharedPrivate{pt::mlp<pt::Tanh>({16, width}), {.adversarial = adversarial, .discriminator_width = 16}},
      pt::task<"left">(pt::SquaredError{}), pt::task<"right">(pt::SquaredError{}));
  model.initialize(seed);
  // a game of two sides comes to rest as the rate falls
  pt::Trainer(model, pt::Adam{.rate = 0.01}).fit(data, {.epochs = 100, .batch = 64, .schedule = pt::Cosine{}});
  return model;
}

/// What the first task's head reads, for all samples.
template <class Model>
pt::Matrix<float> features(const Model& model, const pt::Dataset<float>& data) {
  auto space = model.workspace(data.size());
  std::vector<Index> all(static_cast<std::size_t>(data.size()));
  std::iota(all.begin(), all.end(), Index{0});
  model.predict(space, data, all);
  return model.sharing().representation(space.sharing_memory(), data.size(), 0);
}

/// What a network that is trained anew on features predicts for samples that it has not seen.
template <class Loss>
pt::Matrix<float> probed(Loss loss, const pt::Matrix<float>& train, const pt::Matrix<float>& labels,
                         const pt::Matrix<float>& test) {
  auto probe = pt::multi_task_model<float>(pt::Features::dense(train.rows()), pt::HardSharing{pt::mlp<pt::Tanh>({16})},
                                           pt::task<"label">(loss));
  pt::Trainer(probe, pt::Adam{.rate = 0.01}).fit(pt::Dataset<float>::from(train, labels), {.epochs = 40, .batch = 64});
  return probe.template predict<"label">(pt::Dataset<float>::from(test, pt::Matrix<float>::Zero(1, test.cols())));
}

/// How often a probe tells which task a sample is of.
double task_accuracy(const pt::Matrix<float>& train, const pt::Matrix<float>& test) {
  const auto task_of = [](Index sample) { return static_cast<float>(sample % 2); };
  pt::Matrix<float> tasks(1, train.cols());
  for (Index sample = 0; sample < train.cols(); ++sample) tasks(0, sample) = task_of(sample);
  const auto shares = probed(pt::BinaryCrossEntropy{}, train, tasks, test);
  double right = 0;
  for (Index sample = 0; sample < test.cols(); ++sample)
    right += (shares(0, sample) > 0.5f) == (task_of(sample) > 0.5f);
  return right / static_cast<double>(test.cols());
}

struct Found {
  double by_shared;   ///< how often a probe tells the tasks apart by the shared features
  double by_private;  ///< and by those of the first task's private extractor, of the samples of both tasks
  double common;      ///< correlation of a probe on the shared features with what both labels depend on
};

Found found_after(double adversarial, std::uint64_t seed) {
  const auto train = samples(2000, 1);
  const auto test = samples(2000, 2);
  const auto model = trained(train, adversarial, seed);
  const auto seen = features(model, train);
  const auto unseen = features(model, test);
  const auto signal = [](const pt::Dataset<float>& data) -> pt::Matrix<float> {
    return data.numbers.row(0).array().tanh() + data.numbers.row(1).array();
  };
  const auto centred = [](const pt::Matrix<float>& row) -> pt::Matrix<float> { return row.array() - row.mean(); };
  const auto one = centred(probed(pt::SquaredError{}, seen.topRows(width), signal(train), unseen.topRows(width)));
  const auto other = centred(signal(test));
  return {task_accuracy(seen.topRows(width), unseen.topRows(width)),
          task_accuracy(seen.bottomRows(width), unseen.bottomRows(width)),
          static_cast<double>(one.cwiseProduct(other).sum() / (one.norm() * other.norm()))};
}

/// The mean over models of several seeds: how such a game ends depends on how it begins.
Found mean_found(double adversarial, std::uint64_t seeds) {
  Found mean{};
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const Found one = found_after(adversarial, seed);
    mean.by_shared += one.by_shared / static_cast<double>(seeds);
    mean.by_private += one.by_private / static_cast<double>(seeds);
    mean.common += one.common / static_cast<double>(seeds);
  }
  return mean;
}

constexpr double chance = 0.5;

}  // namespace

TEST_CASE("after adversarial training the shared features hardly tell the tasks apart, the private ones do") {
  const auto found = mean_found(5, 6);
  INFO("shared " << found.by_shared << ", private " << found.by_private << ", common " << found.common);
  CHECK(found.by_shared < chance + 0.1);
  CHECK(found.by_private > chance + 0.2);
  CHECK(found.common > 0.6);  // they have not merely become empty
}

TEST_CASE("without an adversary the shared features tell the tasks apart") {
  const auto found = mean_found(0, 2);
  INFO("shared " << found.by_shared << ", private " << found.by_private << ", common " << found.common);
  CHECK(found.by_shared > chance + 0.2);
  CHECK(found.by_private > chance + 0.2);
}
