#include "polytask/linear/path.hpp"

#include "catch.hpp"
#include "linear/problems.hpp"
#include "polytask/linear/cross_validation.hpp"
#include "polytask/linear/pooled.hpp"

using namespace polytask;
namespace pl = polytask::linear;

TEST_CASE("A path goes down from the largest strength, and each point is the solution for its strength") {
  const pl::Prepared prepared(problems::apart(8, 3, 30, 5));
  for (const auto& name : pl::method_names()) {
    INFO(name);
    const auto method = pl::method_named(name);
    CHECK(pl::name_of(method) == name);
    const auto points =
        pl::path(prepared, method, {.count = 4, .smallest = 1e-2, .solver = {.tolerance = 1e-8, .iterations = 100000}});
    REQUIRE(points.size() == 4);
    CHECK(points[0].strength == Approx(pl::largest_strength(prepared, method)));
    CHECK(points[3].strength == Approx(0.01 * points[0].strength));
    for (std::size_t place = 1; place < 4; ++place) {
      CHECK(points[place].strength < points[place - 1].strength);
      CHECK(points[place].solution.converged);
      if (name == "go_mtl") continue;  // not convex: another start may end elsewhere
      const auto cold =
          solve(prepared, pl::with_strength(method, points[place].strength), {.tolerance = 1e-8, .iterations = 100000});
      CHECK(points[place].solution.objective == Approx(cold.objective).epsilon(1e-7));
      CHECK((points[place].solution.coefficients - cold.coefficients).cwiseAbs().maxCoeff() < 1e-4);
    }
  }
  CHECK_THROWS_WITH(pl::method_named("lass"), containing("no linear method 'lass'; there are: ridge, pooled, lasso"));
  CHECK_THROWS_WITH(pl::falling_strengths(1, 3, 0), containing("must be a part of the largest"));
}

TEST_CASE("At the largest strength of the norms nothing is left") {
  const pl::Prepared prepared(problems::apart(8, 3, 30, 5));
  for (const auto* name : {"lasso", "l21", "elastic_net", "trace_norm", "dirty", "robust"}) {
    INFO(name);
    const auto method = pl::method_named(name);
    const double largest = pl::largest_strength(prepared, method);
    CHECK(solve(prepared, pl::with_strength(method, largest * 1.0001), {.tolerance = 1e-10})
              .coefficients.cwiseAbs()
              .maxCoeff() < 1e-6);
  }
}

TEST_CASE("All methods take logistic losses, and their objectives fall to what the definition says") {
  const auto problem = problems::apart(4, 3, 60, 8, pl::Loss::logistic);
  const pl::Prepared prepared(problem);
  for (const auto& name : pl::method_names()) {
    INFO(name);
    const auto found =
        solve(prepared, pl::with_strength(pl::method_named(name), 0.03), {.tolerance = 1e-7, .iterations = 50000});
    CHECK(found.converged);
    CHECK(problems::falls(found));
    CHECK(found.coefficients.norm() > 0.01);
    CHECK(found.objective > problems::losses(problem, found.coefficients, found.intercepts));
    CHECK(found.objective < prepared.null_losses());
  }
}

TEST_CASE("Pooled is one model for all tasks: a single task of all samples") {
  auto problem = problems::apart(4, 3, 20, 6);
  problem.intercepts = false;
  problem.balance = pl::Balance::samples;
  const auto found = solve(pl::Prepared(problem), pl::Pooled{0});
  const auto near = solve(pl::Prepared(problem), pl::MeanRegularized{1e7}, {.tolerance = 1e-12});
  CHECK((found.coefficients - near.coefficients).norm() < 1e-5);
  CHECK((found.coefficients.col(0) - found.coefficients.col(2)).norm() == 0);
}

TEST_CASE("Folds are even within each task and the same for tasks on the same samples") {
  pl::Problem problem;
  problem.add(problems::normal(2, 11, 1), problems::normal(2, 11, 2));
  problem.add(problems::normal(2, 1, 3), problems::normal(1, 1, 4), pl::Loss::squared, {}, {"lone"});
  const auto folds = pl::folds_of(problem, 4, 5);
  CHECK(folds[0] == folds[1]);
  for (Index fold = 0; fold < 4; ++fold) {
    const auto count = std::count(folds[0].begin(), folds[0].end(), fold);
    CHECK((count == 2 || count == 3));
  }
  CHECK(folds[2] == std::vector<Index>{-1});
  CHECK(pl::folds_of(problem, 4, 6)[0] != folds[0]);
}

TEST_CASE("The chosen strength has the least loss on samples left out") {
  const auto problem = problems::apart(10, 4, 15, 7);
  const auto chosen =
      pl::choose_strength(problem, pl::MeanRegularized{}, {.folds = 3, .path = {.count = 6, .smallest = 1e-4}});
  REQUIRE(chosen.losses.size() == 6);
  for (const double loss : chosen.losses)
    CHECK(
        chosen.losses[static_cast<std::size_t>(
            std::find(chosen.strengths.begin(), chosen.strengths.end(), chosen.strength) - chosen.strengths.begin())] <=
        loss);
  CHECK(chosen.strength < chosen.strengths.front());
  CHECK(chosen.strength > chosen.strengths.back());
  CHECK((chosen.solution.coefficients - solve(problem, pl::MeanRegularized{chosen.strength}).coefficients).norm() <
        1e-4);

  // by hand: the loss of one strength over two folds
  const auto two = pl::choose_strength(problem, pl::Ridge{}, {.folds = 2, .seed = 9, .path = {.strengths = {0.3}}});
  const auto folds = pl::folds_of(problem, 2, 9);
  double expected = 0;
  for (Index fold = 0; fold < 2; ++fold) {
    std::vector<std::vector<Index>> kept(4);
    std::vector<std::vector<Index>> left(4);
    for (std::size_t task = 0; task < 4; ++task)
      for (std::size_t sample = 0; sample < folds[task].size(); ++sample)
        (folds[task][sample] == fold ? left : kept)[task].push_back(static_cast<Index>(sample));
    const auto fit = solve(problem.part(kept), pl::Ridge{0.3});
    const auto rest = problem.part(left);
    for (Index task = 0; task < 4; ++task) {
      const auto& own = rest.tasks()[static_cast<std::size_t>(task)];
      const Vector<double> errors = (fit.coefficients.col(task).transpose() * own.samples->inputs).transpose() -
                                    own.labels + Vector<double>::Constant(own.labels.size(), fit.intercepts[task]);
      expected += 0.5 * errors.squaredNorm() /
                  static_cast<double>(problem.tasks()[static_cast<std::size_t>(task)].labels.size());
    }
  }
  CHECK(two.losses[0] == Approx(expected).epsilon(1e-10));
  CHECK_THROWS_WITH(pl::choose_strength(problem, pl::Ridge{}, {.folds = 1}), containing("at least 2 folds, not 1"));
}

TEST_CASE("Of several methods the one with the least loss on samples left out is chosen") {
  auto problem = problems::apart(10, 6, 8, 7);  // few samples of tasks that are alike
  const pl::CrossValidation options{.folds = 3, .path = {.count = 6, .smallest = 1e-4}};
  const auto least = [&](const pl::Method& method) {
    const auto chosen = pl::choose_strength(problem, method, options);
    return *std::min_element(chosen.losses.begin(), chosen.losses.end());
  };
  CHECK(least(pl::Mtrl{}) < least(pl::Ridge{}));
  for (const auto& methods : {std::vector<pl::Method>{pl::Ridge{}, pl::Mtrl{}}, {pl::Mtrl{}, pl::Ridge{}}}) {
    const auto chosen = pl::choose_strength(problem, methods, options);
    CHECK(pl::name_of(chosen.method) == "mtrl");
    CHECK(pl::strength_of(chosen.method) == chosen.strength);
    CHECK(*std::min_element(chosen.losses.begin(), chosen.losses.end()) == least(pl::Mtrl{}));
    CHECK(chosen.solution.relation.rows() == 6);
  }
  // settings other than the strength stay
  const auto chosen =
      pl::choose_strength(problem, {pl::Clustered{.clusters = 1}, pl::Clustered{.clusters = 5}}, options);
  CHECK(least(pl::Clustered{.clusters = std::get<pl::Clustered>(chosen.method).clusters}) <=
        (std::min)(least(pl::Clustered{.clusters = 1}), least(pl::Clustered{.clusters = 5})));
  CHECK_THROWS_WITH(pl::choose_strength(problem, std::vector<pl::Method>{}),
                    containing("no linear method to choose from"));
}
