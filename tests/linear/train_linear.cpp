#include "polytask/linear/train_linear.hpp"

#include "catch.hpp"
#include "polytask/optimizers/sgd.hpp"
#include "polytask/sharing/separate.hpp"
#include "polytask/training/trainer.hpp"

using namespace polytask;

namespace {

/// Two tasks that are linear in three numbers, and noise.
Table linear_table(Index rows, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::vector<double>> columns(5);
  for (Index row = 0; row < rows; ++row) {
    for (std::size_t column = 0; column < 3; ++column) columns[column].push_back(random.normal());
    const double score = columns[0].back() - 2 * columns[1].back();
    columns[3].push_back(score + 0.5 * random.normal());
    columns[4].push_back(score + 0.5 * columns[2].back() + 0.5 * random.normal());
  }
  Table table;
  table.add_numbers("a", columns[0]).add_numbers("b", columns[1]).add_numbers("c", columns[2]);
  table.add_numbers("first", columns[3], Use::label).add_numbers("second", columns[4], Use::label);
  return table;
}

}  // namespace

TEST_CASE("A linear method is a row of a comparison, with the strength fixed or chosen by folds") {
  const Table train = linear_table(300, 1);
  const Table test = linear_table(200, 2);
  const LinearModel model(features(train), linear_tasks(train));
  const auto chosen =
      train_linear(model, {.method = linear::Mtrl{}, .folds = 3, .path = {.count = 5}}, train, test, {}, {.seeds = 2});
  CHECK(chosen.sharing == "linear mtrl");
  CHECK(chosen.tasks == std::vector<std::string>{"first", "second"});
  REQUIRE(chosen.scores[0].size() == 2);
  for (const auto& scores : chosen.scores)
    for (const double score : scores) CHECK(score == Approx(0.5).epsilon(0.15));  // the noise
  const auto fixed = train_linear(model, {.method = linear::Ridge{1000}, .folds = 0}, train, test, {}, {.seeds = 2});
  CHECK(fixed.scores[0][0] > 2);
  const auto comparison = compare(chosen, fixed);
  CHECK(comparison.gains[0] > 50);
  CHECK_THROWS_WITH(
      train_linear(model,
                   {.method = linear::L21{1e-3}, .folds = 0, .path = {.solver = {.tolerance = 1e-15, .iterations = 1}}},
                   train, test),
      containing("the linear method 'l21' came to an accuracy of"));
}

TEST_CASE("The trainer of deep models brings a linear model to its least squares") {
  const Table train = linear_table(128, 1);
  LinearModel exact(features(train), linear_tasks(train));
  exact.fit(train, linear::Ridge{0});
  LinearModel trained(features(train), linear_tasks(train));
  Trainer trainer{trained, Sgd{.rate = 0.2}};
  trainer.fit(train, {.epochs = 100, .batch = 128});
  CHECK((trained.coefficients() - exact.coefficients()).cwiseAbs().maxCoeff() < 1e-6);
  CHECK(exact.coefficients().norm() > 1);
}
