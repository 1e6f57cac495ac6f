#include "catch.hpp"
#include "every_rule.hpp"
#include "problem.hpp"

#include "polytask/aggregation/mo_co.hpp"
#include "polytask/aggregation/nash_mtl.hpp"
#include "polytask/files/checkpoint.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/weighting/famo.hpp"

#include <filesystem>

#include <unistd.h>

namespace pt = polytask;
using pt::Index;

namespace {

template <pt::Scalar S>
void goes_on(const pt::AnyWeighting& weighting, const pt::AnyAggregation& aggregation) {
  INFO("weighting " << weighting.name << ", aggregation " << aggregation.name);
  const auto train = problem::table(60);
  const auto original = problem::model<S>(train, pt::HardSharing{pt::mlp<pt::Tanh>({6})});
  const auto path = std::filesystem::temp_directory_path() / pt::text("polytask_rules_", ::getpid());
  const pt::FitOptions<S> all{.epochs = 6, .batch = 16};
  pt::FitOptions<S> half = all;
  half.epochs = 3;
  auto straight = original;
  pt::Trainer(straight, weighting, aggregation, pt::Adam{}).fit(train, all);
  auto stopped = original;
  pt::Trainer before(stopped, weighting, aggregation, pt::Adam{});
  before.fit(train, half);
  pt::save_checkpoint(path, before);
  auto taken_up = original;
  pt::Trainer after(taken_up, weighting, aggregation, pt::Adam{});
  pt::load_checkpoint(path, after, taken_up);
  std::filesystem::remove(path);
  after.fit(train, all);
  CHECK(taken_up.parameters.values == straight.parameters.values);
  for (std::size_t table = 0; table < straight.embeddings.size(); ++table)
    CHECK(taken_up.embeddings[table].values == straight.embeddings[table].values);
  CHECK(taken_up.parameters.values != stopped.parameters.values);
}

}  // namespace

TEST_CASE("with every weighting a run that stops and goes on is the run that never stopped, bit for bit") {
  for (const auto& weighting : every_weighting()) {
    goes_on<double>(weighting, pt::Sum{});
    goes_on<float>(weighting, pt::Sum{});
  }
}

TEST_CASE("with every aggregation a run that stops and goes on is the run that never stopped, bit for bit") {
  for (const auto& aggregation : every_aggregation()) {
    goes_on<double>(pt::Equal{}, aggregation);
    goes_on<float>(pt::Equal{}, aggregation);
  }
  goes_on<double>(pt::Famo{}, pt::MoCo{});
  goes_on<double>(pt::Equal{}, pt::NashMtl{.update_every = 5});  // half of the run ends between two solutions
}
