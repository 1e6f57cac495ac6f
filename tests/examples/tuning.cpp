#include "tuning.hpp"

#include "catch.hpp"
#include "polytask/optimizers/adam.hpp"

#include <limits>
#include <string>
#include <vector>

using namespace polytask;
using namespace polytask::examples;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

/// An AUC, of which higher is better, and an error, of which lower is.
ComparisonSide side_of(double auc, double error) {
  ComparisonSide side;
  side.tasks = {"click", "spend"};
  side.metrics = {metrics::auc, metrics::rmse};
  side.scores = {{auc}, {error}};
  return side;
}

/// Tests on the rows that are learnt from: nothing here is trained.
Experiment experiment_of(const Arguments& arguments, const Table& train) {
  return {.name = "test",
          .arguments = arguments,
          .train = train,
          .test = train,
          .features = {},
          .policies = {},
          .fit = {},
          .optimizer = AnyOptimizer<float>(Adam{.rate = 4})};
}

/// The best of candidates with these scores.
std::pair<std::size_t, double> best_of(const std::vector<ComparisonSide>& sides,
                                       const std::vector<std::string>& decided_by = {}, Index threads = 2) {
  Table train;
  train.add_numbers("x", std::vector<double>(20, 1.0));
  Arguments arguments;
  arguments.threads = threads;
  auto experiment = experiment_of(arguments, train);
  experiment.decided_by = decided_by;
  return best_on_validation(
      experiment, sides.size(),
      [&](std::size_t candidate, const Table& learning, const Table& judged, const auto& options) {
        CHECK(learning.size() == 17);
        CHECK(judged.size() == 3);
        CHECK(options.validation == &judged);
        if (sides[candidate].tasks.empty()) throw TrainingError("the loss is nan");
        return sides[candidate];
      });
}

}  // namespace

TEST_CASE("what is tuned is chosen by the mean relative gain over the first candidate") {
  // 50 % of the part above 0.5, and -50 %; 25 % and 25 %
  const auto [best, gain] = best_of({side_of(0.7, 4), side_of(0.8, 6), side_of(0.75, 3)});
  CHECK(best == 2);
  CHECK(gain == Approx(25));
  CHECK(best_of({side_of(0.7, 4), side_of(0.6, 5)}) == std::pair<std::size_t, double>(0, 0.0));
  CHECK(best_of({side_of(0.7, 4), side_of(0.8, 6), side_of(0.75, 3)}, {"click"}).first == 1);
  CHECK(best_of({side_of(0.7, 4), side_of(0.8, 6), side_of(0.6, 3)}, {"spend"}, 1).first == 2);
}

TEST_CASE("a candidate that cannot be trained, or whose metric is not defined, is not chosen") {
  CHECK(best_of({side_of(0.7, 4), {}, side_of(0.71, 4)}).first == 2);
  CHECK(best_of({side_of(0.7, 4), side_of(none, 1), side_of(0.6, 5)}).first == 0);
  CHECK_THROWS_AS(best_of({{}, side_of(0.7, 4)}), TrainingError);
}

TEST_CASE("a task counts where the first candidate's metric is defined and better than none") {
  for (const double undefined : {none, 0.5}) {
    const auto [best, gain] = best_of({side_of(undefined, 4), side_of(0.9, 5), side_of(0.6, 3)});
    CHECK(best == 2);
    CHECK(gain == Approx(25));
    CHECK_THROWS_AS(best_of({side_of(undefined, 4), side_of(0.9, 5)}, {"click"}), DataError);
  }
  CHECK_THROWS_AS(best_of({side_of(0.7, 4)}, {"clicks"}), DataError);
}

TEST_CASE("optimizers are tried at five rates, the example's own first") {
  Table train;
  const Arguments arguments;
  auto experiment = experiment_of(arguments, train);
  experiment.other_optimizers = {AnyOptimizer<float>(Adam{.rate = 8})};
  std::vector<double> rates;
  for (const auto& one : optimizers_of(experiment)) rates.push_back(one.rate);
  CHECK(rates == std::vector<double>{4, 8, 2, 4, 8, 16, 1, 2, 16, 32});
}
