#include "polytask/linear/prepared.hpp"

#include "catch.hpp"
#include "linear/problems.hpp"
#include "polytask/core/gradient_check.hpp"
#include "polytask/data/table.hpp"
#include "polytask/linear/problem.hpp"

using namespace polytask;
namespace pl = polytask::linear;

namespace {

/// Checks value and gradient of the losses at a point against the problem's definition and finite differences.
void check_losses(const pl::Problem& problem) {
  const pl::Prepared prepared(problem);
  const Index features = problem.features();
  Matrix<double> point = problems::normal(features + 1, problem.size(), 77);
  Matrix<double> gradient;
  Matrix<double> unused;
  const double value = prepared.losses(point, gradient);
  const Matrix<double> coefficients = point.topRows(features);
  const Vector<double> intercepts = prepared.intercepts(coefficients, point.row(features).transpose());
  CHECK(value == Approx(problems::losses(problem, coefficients, intercepts)).epsilon(1e-12));
  const auto checked =
      check_gradient(Flat<double>(point.data(), point.size()), ConstFlat<double>(gradient.data(), gradient.size()),
                     [&] { return prepared.losses(point, unused); });
  INFO("place " << checked.place << ": " << checked.gradient << " against " << checked.difference);
  CHECK(checked.error < 1e-7);
  CHECK((prepared.centred_intercepts(coefficients, intercepts) - point.row(features).transpose())
            .cwiseProduct(Vector<double>::NullaryExpr(
                problem.size(),
                [&](Index task) {
                  return problem.intercepts && prepared.group_of(task).loss == pl::Loss::logistic ? 1.0 : 0.0;
                }))
            .norm() < 1e-12);
}

/// Tasks of both losses, weighted, with missing labels, two of them on the same samples.
pl::Problem mixed(bool intercepts, pl::Balance balance, Index samples) {
  Matrix<double> labels = problems::normal(3, samples, 1);
  labels(1, 2) = missing;
  const Vector<double> weights = problems::normal(samples, 1, 2).cwiseAbs();
  pl::Problem problem;
  problem.intercepts = intercepts;
  problem.balance = balance;
  const Matrix<double> inputs = problems::normal(5, samples, 3).array() + 0.3;
  problem.add(inputs, labels, pl::Loss::squared, weights, {"first", "second", "third"});
  problem.add(inputs, (labels.topRows(1).array() > 0).cast<double>().matrix(), pl::Loss::logistic, weights, {"sign"});
  return problem;
}

}  // namespace

TEST_CASE("Losses and gradients are those of the definition, with Gram matrices and without") {
  for (const Index samples : {4, 12})
    for (const bool intercepts : {true, false})
      for (const auto balance : {pl::Balance::tasks, pl::Balance::samples})
        check_losses(mixed(intercepts, balance, samples));
}

TEST_CASE("Tasks on the same samples are one group, and a missing label makes one of its own") {
  const auto problem = mixed(true, pl::Balance::tasks, 12);
  CHECK(problem.tasks()[0].samples == problem.tasks()[2].samples);
  CHECK(problem.tasks()[0].samples != problem.tasks()[1].samples);
  CHECK(problem.tasks()[1].labels.size() == 11);
  const pl::Prepared prepared(problem);
  CHECK(prepared.groups().size() == 3);
  CHECK(prepared.groups()[0].tasks == std::vector<Index>{0, 2});
  CHECK_FALSE(prepared.all_squared());
}

TEST_CASE("A sample of weight two counts like two samples, and one of weight 0 like none") {
  const Matrix<double> inputs = problems::normal(3, 5, 1);
  const Matrix<double> labels = problems::normal(1, 5, 2);
  Vector<double> weights(5);
  weights << 1, 2, 0, 1, 1;
  pl::Problem weighted;
  weighted.add(inputs, labels, pl::Loss::squared, weights);
  pl::Problem doubled;
  const std::vector<Index> chosen{0, 1, 1, 3, 4};
  doubled.add(inputs(Eigen::all, chosen), labels(Eigen::all, chosen));
  const pl::Prepared one(weighted);
  const pl::Prepared two(doubled);
  CHECK((one.groups()[0].gram - two.groups()[0].gram).norm() < 1e-14);
  CHECK((one.correlations() - two.correlations()).norm() < 1e-14);
  CHECK(one.label_squares()[0] == Approx(two.label_squares()[0]).epsilon(1e-14));
}

TEST_CASE("A part of a problem keeps shared samples shared") {
  const auto problem = mixed(true, pl::Balance::tasks, 12);
  const auto part = problem.part({{0, 3, 4}, {1, 2}, {0, 3, 4}, {5, 6}});
  CHECK(part.tasks()[0].samples == part.tasks()[2].samples);
  CHECK(part.tasks()[1].samples != part.tasks()[0].samples);
  CHECK(part.tasks()[0].labels[1] == problem.tasks()[0].labels[3]);
  CHECK(part.tasks()[0].samples->inputs.col(2) == problem.tasks()[0].samples->inputs.col(4));
  CHECK_THROWS_WITH(problem.part({{0}, {}, {0}, {0}}), containing("task 'second' is left without a sample"));
}

TEST_CASE("A problem is made from an encoded data set") {
  Matrix<double> labels(2, 3);
  labels << 1, 2, missing, 0, 1, 1;
  const auto data = Dataset<double>::from(problems::normal(2, 3, 1), labels);
  const auto problem = pl::Problem::from(data, {{"spend", pl::Loss::squared}, {"click", pl::Loss::logistic}}, false);
  CHECK(problem.tasks()[0].name == "spend");
  CHECK(problem.tasks()[0].labels.size() == 2);
  CHECK(problem.tasks()[1].labels.size() == 3);
  CHECK_FALSE(problem.intercepts);
  Dataset<double> categories = data;
  categories.categories.setZero(1, 3);
  CHECK_THROWS_WITH(pl::Problem::from(categories, {{"a", pl::Loss::squared}, {"b", pl::Loss::squared}}),
                    containing("one_hot"));
}

TEST_CASE("What is wrong with a problem is named") {
  pl::Problem problem;
  Matrix<double> inputs = problems::normal(2, 3, 1);
  const Matrix<double> labels = Matrix<double>::Ones(1, 3);
  CHECK_THROWS_WITH(problem.add(inputs, Matrix<double>::Constant(1, 3, missing), pl::Loss::squared, {}, {"spend"}),
                    containing("task 'spend' has no sample with a label"));
  CHECK_THROWS_WITH(problem.add(inputs, labels * 2, pl::Loss::logistic, {}, {"click"}),
                    containing("task 'click', sample 0: the label is 2, but must be 0 or 1"));
  CHECK_THROWS_WITH(problem.add(inputs, labels * (1 / 0.0), pl::Loss::squared, {}, {"spend"}),
                    containing("the label is inf"));
  CHECK_THROWS_WITH(problem.add(inputs, labels, pl::Loss::squared, Vector<double>::Constant(3, -1)),
                    containing("the weight is -1"));
  CHECK_THROWS_WITH(problem.add(inputs, Matrix<double>::Ones(1, 4)), containing("3 samples of inputs and 4 of labels"));
  Matrix<double> two = Matrix<double>::Ones(2, 3);
  two.row(1).setConstant(missing);
  CHECK_THROWS_WITH(problem.add(inputs, two, pl::Loss::squared, {}, {"spend", "visits"}), containing("task 'visits'"));
  CHECK(problem.size() == 0);  // all or none
  problem.add(inputs, labels, pl::Loss::squared, {}, {"spend"});
  CHECK_THROWS_WITH(problem.add(inputs, labels, pl::Loss::squared, {}, {"spend"}),
                    containing("two tasks named 'spend'"));
  CHECK_THROWS_WITH(problem.add(problems::normal(4, 3, 1), labels), containing("so far have 2 features, these have 4"));
  inputs(1, 2) = missing;
  CHECK_THROWS_WITH(problem.add(inputs, labels), containing("feature 1 of sample 2 is nan"));
  CHECK_THROWS_WITH(pl::Prepared(pl::Problem{}), containing("at least one task"));
}
