// No training step and no prediction with a workspace allocates, once the first is over. This folder is a program of
// its own because it counts every allocation of the program.
#include "allocations.hpp"
#include "catch.hpp"
#include "problem.hpp"

#include "polytask/layers/batch_normalization.hpp"
#include "polytask/layers/dropout.hpp"
#include "polytask/layers/layer_normalization.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/regularization/l2.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/separate.hpp"
#include "polytask/weighting/fixed.hpp"
#include "steps.hpp"

#include <new>
#include <string>
#include <vector>

namespace pt = polytask;
using pt::Index;

namespace {

/// The largest number of allocations in a call of function(round), for rounds 1 .. 8 after round 0.
template <class Function>
std::size_t most_allocations(Function&& function) {
  function(0);
  std::size_t most = 0;
  for (int round = 1; round <= 8; ++round) {
    const std::size_t before = allocations();
    function(round);
    most = (std::max)(most, allocations() - before);
  }
  return most;
}

template <class Model>
std::size_t in_training(Model model, const pt::Table& train, Index batch, Index threads) {
  using S = typename Model::scalar;
  const auto data = model.encode(train);
  const pt::L2 penalty{.strength = 0.01, .segments = "*"};
  steps::Steps<S> step(model,
                       {.optimizer = pt::AnyOptimizer<S>(pt::Adam{}),
                        .regularizations = {pt::AnyRegularization<S>(penalty)},
                        .clip_norm = 1.0},
                       batch, threads);
  pt::Random random(3);
  std::vector<Index> rows(static_cast<std::size_t>(batch));
  return most_allocations([&](int round) {
    // the first step touches one row of each table only, so that room for the others must have been made before
    for (auto& row : rows)
      row = round == 0 ? 0 : static_cast<Index>(random.below(static_cast<std::uint64_t>(train.size())));
    step(data, rows, 1e-3, random.stream(static_cast<std::uint64_t>(round)));
  });
}

template <class Model>
std::size_t in_prediction(const Model& model, const pt::Table& table, Index batch) {
  const auto data = model.encode(table);
  auto space = model.workspace(batch);
  pt::Random random(3);
  std::vector<Index> rows(static_cast<std::size_t>(batch));
  return most_allocations([&](int) {
    for (auto& row : rows) row = static_cast<Index>(random.below(static_cast<std::uint64_t>(table.size())));
    model.predict(space, data, rows);
  });
}

auto without_batch() {
  return pt::sequence(pt::dense<pt::Gelu>(32), pt::dropout(0.2), pt::layer_normalization(), pt::dense<pt::Relu>(16));
}
auto with_batch() {
  return pt::sequence(pt::dense<pt::Relu>(16), pt::batch_normalization(), pt::dropout(0.2), pt::dense<pt::Tanh>(16));
}

template <pt::Scalar S, class SharingPolicy>
void allocates_nothing(SharingPolicy sharing) {
  const auto train = problem::table(700);
  const auto model = problem::model<S>(train, std::move(sharing));
  for (const Index threads : {1, 2})
    for (const Index batch : {256, 600}) {
      INFO(threads << " threads, batches of " << batch);
      CHECK(in_training(model, train, batch, threads) == 0);
    }
  CHECK(in_prediction(model, train, 256) == 0);
  CHECK(in_prediction(model, train, 1) == 0);
}

}  // namespace

TEST_CASE("allocations are counted, those of Eigen too where malloc can be") {
  std::size_t before = allocations();
  ::operator delete(::operator new(8));
  CHECK(allocations() > before);
  before = allocations();
  const pt::Buffer<float> aligned(100);
  CHECK(allocations() > before);
  before = allocations();
  const pt::Matrix<double> matrix(30, 30);
  CHECK((allocations() > before) == counts_malloc());
}

TEMPLATE_TEST_CASE("hard sharing allocates nothing after the first step or prediction", "", float, double) {
  allocates_nothing<TestType>(pt::HardSharing{without_batch()});
}

TEMPLATE_TEST_CASE("hard sharing with batch normalisation allocates nothing after the first", "", float, double) {
  allocates_nothing<TestType>(pt::HardSharing{with_batch()});
}

TEMPLATE_TEST_CASE("separate networks allocate nothing after the first step or prediction", "", float, double) {
  allocates_nothing<TestType>(pt::Separate{without_batch()});
}

TEST_CASE("layers so wide that products copy a factor allocate nothing after the first step or prediction") {
  pt::Table train;
  pt::Random random(5);
  for (int column = 0; column < 450; ++column) {
    std::vector<double> numbers(80);
    for (auto& number : numbers) number = random.normal();
    train.add_numbers("number " + std::to_string(column), numbers, column == 0 ? pt::Use::label : pt::Use::feature);
  }
  const auto model = pt::multi_task_model(pt::features(train), pt::HardSharing{pt::mlp({256})},
                                          pt::task<"number 0">(pt::SquaredError{}));
  for (const Index threads : {1, 2}) CHECK(in_training(model, train, 64, threads) == 0);
  CHECK(in_prediction(model, train, 64) == 0);
}

TEST_CASE("tables with more rows than a slice touches allocate nothing after the first step") {
  pt::Random random(4);
  std::vector<std::string> shops;
  std::vector<double> sales;
  for (Index row = 0; row < 4000; ++row) {
    shops.push_back("shop " + std::to_string(random.below(3000)));
    sales.push_back(random.normal());
  }
  pt::Table train;
  train.add_categories("shop", shops).add_numbers("sales", sales, pt::Use::label);
  const auto model =
      pt::multi_task_model(pt::features(train), pt::HardSharing{pt::mlp({8})}, pt::task<"sales">(pt::SquaredError{}));
  for (const Index threads : {1, 2}) CHECK(in_training(model, train, 1500, threads) == 0);
}
