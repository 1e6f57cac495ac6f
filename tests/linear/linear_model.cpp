#include "polytask/linear/linear_model.hpp"

#include "catch.hpp"
#include "linear/problems.hpp"
#include "polytask/core/gradient_check.hpp"
#include "polytask/linear/methods.hpp"
#include "polytask/linear/ridge.hpp"

#include <numeric>

using namespace polytask;
namespace pl = polytask::linear;

namespace {

/// 40 customers with two numbers and a city, and labels of which some are missing.
Table customers() {
  Random random(3);
  std::vector<double> age;
  std::vector<double> basket;
  std::vector<std::string> city;
  std::vector<double> spend;
  std::vector<double> click;
  for (Index row = 0; row < 40; ++row) {
    age.push_back(random.normal());
    basket.push_back(random.normal());
    city.push_back(random.chance(0.5) ? "Ulm" : "Cork");
    const double score = 2 * age.back() - basket.back() + (city.back() == "Ulm" ? 1 : 0) + 0.1 * random.normal();
    spend.push_back(row % 5 == 0 ? missing : score + 3);
    click.push_back(score + random.normal() > 0 ? 1 : 0);
  }
  Table table("customers.csv");
  table.add_numbers("age", age).add_numbers("basket", basket).add_categories("city", city);
  table.add_numbers("spend", spend, Use::label).add_numbers("click", click, Use::label);
  return table;
}

LinearModel model_of(const Table& table) {
  return LinearModel(features(table, {.one_hot = true}), {{"spend"}, {"bought", pl::Loss::logistic, "click"}});
}

}  // namespace

TEST_CASE("A linear model predicts what its solution says, in the labels' own units") {
  const Table table = customers();
  auto model = model_of(table);
  CHECK(std::vector<std::string>(model.names().begin(), model.names().end()) ==
        std::vector<std::string>{"spend", "bought"});
  const auto solution = model.fit(table, pl::Ridge{0.01}, {.tolerance = 1e-10});
  CHECK(solution.converged);
  const auto data = model.encode_inputs(table);
  const Matrix<double> scores = (solution.coefficients.transpose() * data.numbers).colwise() + solution.intercepts;
  CHECK((model.predict("spend", table) - scores.row(0)).norm() < 1e-12);
  CHECK((model.predict("bought", table).array() - 1 / (1 + (-scores.row(1).array()).exp())).matrix().norm() < 1e-12);
  CHECK((model.coefficients() - solution.coefficients).norm() == 0);
  CHECK(model.parameters["bought/weights"](0, 1) == solution.coefficients(1, 1));
  CHECK(model.parameters["spend/bias"](0, 0) == solution.intercepts[0]);
  CHECK(model.parameter_count() == 2 * (5 + 1));
  // any method is fitted as that method
  auto other = model_of(table);
  other.fit(table, pl::Method(pl::Ridge{0.01}), {.tolerance = 1e-10});
  CHECK(other.coefficients() == model.coefficients());
  // the options and the balance reach the solver
  CHECK(other.fit(table, pl::Ridge{0.01}, {.tolerance = 1e-10, .iterations = 1}).iterations == 1);
  other.fit(table, pl::Ridge{0.01}, {.tolerance = 1e-10}, pl::Balance::samples);
  CHECK((other.coefficients() - model.coefficients()).norm() > 1e-6);
  // the fit is good where labels are missing, too
  CHECK(std::abs(model.predict("spend", table)(0, 0) - 3 -
                 (2 * table.numbers("age").values[0] - table.numbers("basket").values[0] +
                  (table.categories("city").at(0) == "Ulm" ? 1 : 0))) < 0.5);
}

TEST_CASE("A copy of a linear model keeps its names and its numbers when the original goes") {
  auto original = std::make_unique<LinearModel>(model_of(customers()));
  original->fit(customers(), pl::Ridge{0.1});
  const auto copy = original->clone();
  const auto before = original->predict("bought", customers());
  original.reset();
  CHECK(copy->names()[1] == "bought");
  CHECK(copy->shapes()[1].name == "bought");
  CHECK((copy->predict("bought", customers()) - before).norm() == 0);
}

TEST_CASE("The passes of a linear model: its gradient is that of its losses") {
  const Table table = customers();
  auto model = model_of(table);
  Random random(5);
  for (auto& number : model.parameters.values) number = 0.3 * random.normal();
  const auto data = model.encode(table);
  std::vector<Index> all(40);
  std::iota(all.begin(), all.end(), Index{0});
  auto space = model.workspace(40, true);
  const auto loss = [&](bool back) {
    model.gather(space, data, all);
    model.gather_labels(space, data, all);
    model.forward(space, view(model.statistics.values), Random(), true);
    double sum = 0;
    for (std::size_t task = 0; task < 2; ++task)
      sum += model.evaluate_loss(
          task, LossPass<double>{read_only<double>(space.logits(task)), read_only<double>(space.labels(task)),
                                 read_only<double>(space.weights(task)), 1.0,
                                 back ? space.logit_gradient(task) : no_columns<double>()});
    return sum;
  };
  loss(true);
  std::fill(space.gradient.begin(), space.gradient.end(), 0.0);
  model.backward(space, data, all);
  const auto gradient = space.gradient;
  const auto checked = check_gradient(view(model.parameters.values), view(gradient), [&] { return loss(false); });
  CHECK(checked.error < 1e-7);
  CHECK(view(gradient).norm() > 1);
}

TEST_CASE("Every label column of a table is a task") {
  Table table = customers();
  const std::vector<std::string> level(40, "high");
  table.add_categories("level", level, Use::label);
  const auto tasks = linear_tasks(table);
  REQUIRE(tasks.size() == 3);
  CHECK(tasks[0].name == "spend");
  CHECK(tasks[0].loss == pl::Loss::squared);
  CHECK(tasks[2].loss == pl::Loss::logistic);
  CHECK_THROWS_WITH(LinearModel(features(table, {.one_hot = true}), tasks), containing("task 'level': "));
}

TEST_CASE("What a linear model cannot take is named") {
  const Table table = customers();
  CHECK_THROWS_WITH(LinearModel(features(table), {{"spend"}}),
                    containing("column 'city' holds categories, which must be one_hot"));
  CHECK_THROWS_WITH(LinearModel(Features::dense(2), {}), containing("at least one task"));
  CHECK_THROWS_WITH(LinearModel(Features::dense(2), {{"a"}, {"a"}}),
                    containing("two tasks of the model have the name 'a'"));
  auto model = model_of(table);
  CHECK_THROWS_WITH(model.fit(table.rows(std::vector<Index>{0, 5}), pl::Ridge{}),
                    containing("task 'spend' has no sample with a label"));
  pl::Solution wrong;
  wrong.coefficients.setZero(2, 2);
  CHECK_THROWS_WITH(model.take(wrong),
                    containing("the solution has 2 x 2 coefficients, the model 5 inputs and 2 tasks"));
  CHECK_THROWS_WITH(model.predict("clicked", table), containing("the tasks are: spend, bought"));
}
