// What holds for every method.
#include "polytask/linear/methods.hpp"

#include "catch.hpp"
#include "linear/problems.hpp"
#include "polytask/linear/path.hpp"

#include <cmath>
#include <limits>
#include <vector>

using namespace polytask;
namespace pl = polytask::linear;

namespace {

constexpr pl::SolverOptions exact{.tolerance = 1e-8, .iterations = 100000};

/// Three tasks on the same samples, of weight 1 or 2; the third has no label for the first two samples.
struct Weighted {
  Matrix<double> inputs = problems::normal(4, 16, 5);
  Matrix<double> labels = problems::normal(3, 4, 6) * inputs + 0.5 * problems::normal(3, 16, 7);
  Vector<double> weights = Vector<double>::Ones(16);

  explicit Weighted(pl::Loss loss) {
    if (loss == pl::Loss::logistic)
      labels = ((labels + problems::normal(3, 16, 8)).array() > 0).cast<double>().matrix();
    for (const Index sample : {1, 4, 9}) weights[sample] = 2;
    labels(2, 0) = labels(2, 1) = std::numeric_limits<double>::quiet_NaN();
  }

  pl::Problem problem(pl::Loss loss, pl::Balance balance) const {
    pl::Problem made;
    made.balance = balance;
    return made.add(inputs, labels, loss, weights);
  }

  /// The same without weights and missing labels: every task has samples of its own, some of them twice.
  pl::Problem repeated(pl::Loss loss, pl::Balance balance) const {
    pl::Problem made;
    made.balance = balance;
    for (Index task = 0; task < 3; ++task) {
      std::vector<Index> samples;
      for (Index sample = 0; sample < 16; ++sample)
        for (double count = 0; count < weights[sample]; ++count)
          if (!std::isnan(labels(task, sample))) samples.push_back(sample);
      made.add(inputs(Eigen::all, samples), labels.row(task)(samples), loss);
    }
    return made;
  }
};

/// A strength at which something is left.
pl::Method moderate(const pl::Prepared& prepared, const std::string& name) {
  const auto method = pl::method_named(name);
  return pl::with_strength(method, std::sqrt(pl::smallest_part(method)) * pl::largest_strength(prepared, method));
}

}  // namespace

TEST_CASE("For every method a weight of two is the sample twice, and a missing label no sample") {
  for (const auto loss : {pl::Loss::squared, pl::Loss::logistic})
    for (const auto balance : {pl::Balance::tasks, pl::Balance::samples}) {
      const Weighted data(loss);
      const pl::Prepared weighted(data.problem(loss, balance));
      const pl::Prepared repeated(data.repeated(loss, balance));
      CHECK(weighted.groups().size() == 2);
      CHECK(repeated.groups().size() == 3);
      for (const auto& name : pl::method_names()) {
        INFO(name << (loss == pl::Loss::squared ? ", squared" : ", logistic"));
        const auto method = moderate(weighted, name);
        const auto one = solve(weighted, method, exact);
        const auto other = solve(repeated, method, exact);
        CHECK(one.converged);
        CHECK(other.converged);
        CHECK(one.objective == Approx(other.objective).epsilon(1e-7));
        CHECK((one.coefficients - other.coefficients).norm() < 1e-4);
        CHECK((one.intercepts - other.intercepts).norm() < 1e-4);
        CHECK(one.coefficients.norm() > 0.01);
      }
    }
}

TEST_CASE("No method's objective rises, whatever the losses and samples, and none ends above all zeros") {
  pl::Problem mixed = problems::apart(5, 2, 30, 3);
  mixed.add(problems::normal(5, 30, 8), (problems::normal(1, 30, 9).array() > 0).cast<double>().matrix(),
            pl::Loss::logistic, {}, {"click"});
  for (const auto& problem : {problems::apart(5, 3, 30, 3), problems::shared(5, 3, 30, 4), problems::shared(9, 3, 6, 4),
                              problems::apart(4, 3, 60, 5, pl::Loss::logistic), mixed}) {
    const pl::Prepared prepared(problem);
    for (const auto& name : pl::method_names()) {
      INFO(name);
      const auto found = solve(prepared, moderate(prepared, name), exact);
      CHECK(found.converged);
      CHECK(problems::falls(found));
      CHECK(found.objective < prepared.null_losses());
      CHECK(found.objective >= problems::losses(problem, found.coefficients, found.intercepts) - 1e-10);
    }
  }
}

TEST_CASE("Every method's path goes down to its own smallest strength") {
  const pl::Prepared prepared(problems::apart(5, 3, 30, 3));
  for (const auto& name : pl::method_names()) {
    INFO(name);
    const auto method = pl::method_named(name);
    const auto strengths = pl::path_strengths(prepared, method, {});
    CHECK(strengths.size() == 16);
    CHECK(strengths.front() == Approx(pl::largest_strength(prepared, method)));
    CHECK(strengths.back() == Approx(pl::smallest_part(method) * pl::largest_strength(prepared, method)));
    CHECK(pl::path_strengths(prepared, method, {.smallest = 0.1}).back() == Approx(0.1 * strengths.front()));
  }
}
