#include "polytask/linear/l21.hpp"

#include "catch.hpp"
#include "golden.hpp"
#include "linear/problems.hpp"
#include "polytask/linear/elastic_net.hpp"
#include "polytask/linear/lasso.hpp"
#include "polytask/linear/methods.hpp"
#include "polytask/linear/ridge.hpp"
#include "polytask/linear/solve.hpp"

using namespace polytask;
namespace pl = polytask::linear;

namespace {

pl::Problem golden_problem(const golden::File& file) {
  pl::Problem problem;
  problem.add(file["x"].transpose(), file["y"].transpose());
  return problem;
}

}  // namespace

TEST_CASE("The multi-task lasso and elastic net are scikit-learn's") {
  const golden::File file("multi_task_lasso.txt");
  const pl::Prepared prepared(golden_problem(file));
  for (const std::string alpha : {"0.01", "0.1", "0.5", "2.0"}) {
    INFO("alpha " << alpha);
    const double strength = std::stod(alpha);
    const auto lasso = solve(prepared, pl::L21{strength}, {.tolerance = 1e-14});
    CHECK(lasso.converged);
    CHECK((lasso.coefficients - file["lasso." + alpha + ".weight"]).cwiseAbs().maxCoeff() < 1e-7);
    CHECK((lasso.intercepts.transpose() - file["lasso." + alpha + ".bias"]).cwiseAbs().maxCoeff() < 1e-7);
    const auto net = solve(prepared, pl::ElasticNet{.strength = strength, .ratio = 0.5}, {.tolerance = 1e-14});
    CHECK(net.converged);
    CHECK((net.coefficients - file["elastic." + alpha + ".weight"]).cwiseAbs().maxCoeff() < 1e-7);
    CHECK((net.intercepts.transpose() - file["elastic." + alpha + ".bias"]).cwiseAbs().maxCoeff() < 1e-7);
    CHECK(problems::falls(lasso));
    CHECK(problems::falls(net));
  }
}

TEST_CASE("Proximal gradient descent finds what row descent finds") {
  const golden::File file("multi_task_lasso.txt");
  const pl::Prepared prepared(golden_problem(file));
  const auto found = pl::minimize(
      prepared, 1, {}, [](Index, auto block, double step) { return 0.1 * pl::shrink_rows(block, 0.1 * step); },
      {.tolerance = 1e-12}, nullptr);
  CHECK(found.converged);
  CHECK((found.coefficients - file["lasso.0.1.weight"]).cwiseAbs().maxCoeff() < 1e-9);
  CHECK((found.intercepts.transpose() - file["lasso.0.1.bias"]).cwiseAbs().maxCoeff() < 1e-9);
  CHECK(problems::falls(found));
}

TEST_CASE("Row descent solves tasks with samples of their own, fewer or more than features") {
  for (const Index samples : {8, 40}) {
    const auto problem = problems::apart(15, 4, samples, 3);
    const pl::Prepared prepared(problem);
    CHECK(prepared.groups().size() == 4);
    CHECK(prepared.groups().front().has_gram() == (samples > 15));
    const double strength = 0.4 * pl::L21{}.largest_strength(prepared);
    const auto found = solve(prepared, pl::L21{strength}, {.tolerance = 1e-13});
    CHECK(found.converged);
    CHECK(problems::falls(found));
    double norms = 0;
    Index zero = 0;
    Matrix<double> point(16, 4);
    Matrix<double> gradient;
    point << found.coefficients, Matrix<double>::Zero(1, 4);
    prepared.losses(point, gradient);
    for (Index row = 0; row < 15; ++row) {  // the optimality of every row
      const double norm = found.coefficients.row(row).norm();
      norms += norm;
      zero += norm == 0;
      if (norm == 0)
        CHECK(gradient.row(row).norm() <= strength + 1e-6);
      else
        CHECK((gradient.row(row) + strength / norm * found.coefficients.row(row)).norm() < 1e-5);
    }
    CHECK(zero > 0);
    CHECK(zero < 15);
    CHECK(found.objective ==
          Approx(problems::losses(problem, found.coefficients, found.intercepts) + strength * norms).epsilon(1e-10));
  }
}

TEST_CASE("A working set smaller than the rows gives the same as all rows") {
  linear::Problem problem;
  const Matrix<double> inputs = problems::normal(300, 60, 7);
  problem.add(inputs, problems::normal(300, 3, 8).transpose() * inputs);
  const pl::Prepared prepared(problem);
  const double largest = pl::L21{}.largest_strength(prepared);
  const auto found = solve(prepared, pl::L21{0.05 * largest}, {.tolerance = 1e-12});
  CHECK(found.converged);
  const auto other = pl::minimize(
      prepared, 1, {},
      [&](Index, auto block, double step) { return 0.05 * largest * pl::shrink_rows(block, 0.05 * largest * step); },
      {.tolerance = 1e-9, .iterations = 200000}, nullptr);
  CHECK(other.converged);
  CHECK(found.objective == Approx(other.objective).epsilon(1e-9));
  CHECK((found.coefficients - other.coefficients).cwiseAbs().maxCoeff() < 1e-5);
}

TEST_CASE("From the largest strength on all rows are zero, and just below it one is not") {
  const pl::Prepared prepared(problems::shared(6, 3, 30, 5));
  const auto check = [&](auto penalty) {
    const double largest = penalty.largest_strength(prepared);
    penalty.strength = largest * (1 + 1e-9);
    CHECK(solve(prepared, penalty).coefficients.isZero(0));
    penalty.strength = largest * 0.99;
    CHECK_FALSE(solve(prepared, penalty, {.tolerance = 1e-10}).coefficients.isZero(0));
  };
  check(pl::L21{});
  check(pl::Lasso{});
  check(pl::ElasticNet{});
}

TEST_CASE("Strength zero is least squares") {
  const auto problem = problems::apart(5, 3, 30, 9);
  const pl::Prepared prepared(problem);
  const auto squares = solve(prepared, pl::Ridge{0});
  for (Index task = 0; task < 3; ++task) {  // residuals are orthogonal to every feature and sum to 0
    const auto& own = problem.tasks()[static_cast<std::size_t>(task)];
    const Vector<double> residual = (squares.coefficients.col(task).transpose() * own.samples->inputs).transpose() -
                                    own.labels + Vector<double>::Constant(own.labels.size(), squares.intercepts[task]);
    CHECK(std::abs(residual.sum()) < 1e-10);
    CHECK((own.samples->inputs * residual).cwiseAbs().maxCoeff() < 1e-10);
  }
  CHECK((solve(prepared, pl::L21{0}).coefficients - squares.coefficients).norm() == 0);
  CHECK((solve(prepared, pl::L21{1e-9}, {.tolerance = 1e-14}).coefficients - squares.coefficients).norm() < 1e-6);
  CHECK((solve(prepared, pl::Lasso{0}).coefficients - squares.coefficients).norm() == 0);
}

TEST_CASE("With one task the l2,1 norm is the lasso, and with orthonormal inputs both are thresholds") {
  const pl::Prepared one(problems::shared(8, 1, 20, 4));
  const auto rows = solve(one, pl::L21{0.3}, {.tolerance = 1e-14});
  CHECK((rows.coefficients - solve(one, pl::Lasso{0.3}, {.tolerance = 1e-14}).coefficients).norm() < 1e-12);
  CHECK(rows.coefficients.norm() > 0);

  Matrix<double> truth(3, 2);
  truth << 3, 4, 0.3, -0.4, -2, 0;
  const pl::Prepared orthonormal(problems::orthonormal(truth));
  Matrix<double> by_rows(3, 2);
  by_rows << 2.4, 3.2, 0, 0, -1, 0;  // lengths 5, 0.5, 2, each less 1
  CHECK((solve(orthonormal, pl::L21{1}, {.tolerance = 1e-14}).coefficients - by_rows).norm() < 1e-12);
  Matrix<double> by_entries(3, 2);
  by_entries << 2, 3, 0, 0, -1, 0;
  CHECK((solve(orthonormal, pl::Lasso{1}, {.tolerance = 1e-14}).coefficients - by_entries).norm() < 1e-12);
  CHECK((solve(orthonormal, pl::Ridge{1}).coefficients - 0.5 * truth).norm() < 1e-12);
}

TEST_CASE("A warm start needs fewer rounds and ends at the same place") {
  const pl::Prepared prepared(problems::apart(20, 5, 40, 6));
  const auto cold = solve(prepared, pl::L21{0.1}, {.tolerance = 1e-10});
  const auto warm = solve(prepared, pl::L21{0.1}, {.tolerance = 1e-10}, &cold);
  CHECK(warm.iterations == 0);
  CHECK((warm.coefficients - cold.coefficients).norm() == 0);
  const auto few = solve(prepared, pl::L21{0.1}, {.tolerance = 1e-14, .iterations = 2});
  CHECK_FALSE(few.converged);
  CHECK(few.iterations <= 2);
  CHECK(few.accuracy > 1e-14);
}

TEST_CASE("Settings out of range are named") {
  const pl::Prepared prepared(problems::shared(3, 2, 9, 5));
  CHECK_THROWS_WITH(solve(prepared, pl::L21{-1}), containing("l21: strength must be"));
  CHECK_THROWS_WITH(solve(prepared, pl::ElasticNet{1, 1.5}), containing("ratio must be from 0 to 1, not 1.5"));
  CHECK_THROWS_WITH(solve(prepared, pl::L21{1}, {.tolerance = 0}), containing("tolerance must be above 0"));
  CHECK_THROWS_WITH(solve(prepared, pl::L21{1}, {.iterations = 0}), containing("at least one iteration"));
  pl::Solution wrong;
  wrong.coefficients.setZero(2, 2);
  CHECK_THROWS_WITH(solve(prepared, pl::L21{1}, {}, &wrong), containing("the start has 2 x 2"));
}

TEST_CASE("Row descent finds the same with and without the second moments of all features") {
  const auto problem = problems::shared(300, 3, 400, 8);
  const pl::Prepared with(problem);
  const pl::Prepared without(problem, false);
  REQUIRE(with.groups().front().has_gram());
  REQUIRE_FALSE(without.groups().front().has_gram());
  CHECK(without.curvature() == Approx(with.curvature()).epsilon(1e-10));
  const double largest = pl::L21{}.largest_strength(with);
  CHECK(pl::L21{}.largest_strength(without) == Approx(largest).epsilon(1e-12));
  for (const double part : {0.8, 0.01}) {
    const pl::L21 penalty{part * largest};
    const auto found = solve(with, penalty, {.tolerance = 1e-13});
    const auto left = (found.coefficients.rowwise().norm().array() > 0).count();
    INFO(left << " rows left");
    CHECK((part == 0.8 ? left < 60 : left > 75));  // less than a quarter of the rows, and more
    CHECK((solve(without, penalty, {.tolerance = 1e-13}).coefficients - found.coefficients).norm() < 1e-9);
    CHECK((solve(problem, penalty, {.tolerance = 1e-13}).coefficients - found.coefficients).norm() < 1e-9);
  }
}

TEST_CASE("One strength is solved as by a path where row descent is not what runs") {
  auto problem = problems::shared(6, 2, 80, 9);
  const Matrix<double> inputs = problems::normal(6, 80, 10);
  const Matrix<double> labels = (problems::normal(1, 80, 11).array() > 0).cast<double>();
  problem.add(inputs, labels, pl::Loss::logistic, {}, {"bought"});
  for (const pl::Method& method : {pl::Method(pl::L21{0.05}), pl::Method(pl::ElasticNet{0.05, 0}),
                                   pl::Method(pl::ElasticNet{0.05, 0.5}), pl::Method(pl::L21{0})}) {
    const auto kept = solve(pl::Prepared(problem), method, {.tolerance = 1e-10});
    CHECK(kept.coefficients.norm() > 0.1);
    CHECK((solve(problem, method, {.tolerance = 1e-10}).coefficients - kept.coefficients).norm() < 1e-12);
  }
}
