#include "polytask/metrics/bootstrap.hpp"

#include "catch.hpp"

#include <cmath>
#include <limits>
#include <vector>

namespace pt = polytask;
using polytask::Index;

namespace {

double mean_of(pt::Span<const Index> samples, const std::vector<double>& values) {
  double sum = 0;
  for (const Index sample : samples) sum += values[static_cast<std::size_t>(sample)];
  return sum / static_cast<double>(samples.size());
}

}  // namespace

TEST_CASE("The bootstrap interval of a mean is that of the normal distribution") {
  pt::Random random(1);
  std::vector<double> values;
  for (int sample = 0; sample < 2000; ++sample) values.push_back(5 + 2 * random.normal());
  const auto interval = pt::bootstrap_interval(
      2000, [&](pt::Span<const Index> samples) { return mean_of(samples, values); }, {.repetitions = 2000});
  std::vector<Index> all(2000);
  for (Index sample = 0; sample < 2000; ++sample) all[static_cast<std::size_t>(sample)] = sample;
  const double mean = mean_of(all, values);
  const double reach = 1.96 * 2 / std::sqrt(2000.0);
  CHECK(interval.low == Approx(mean - reach).margin(0.01));
  CHECK(interval.high == Approx(mean + reach).margin(0.01));
}

TEST_CASE("A bootstrap depends on its seed alone, and says what is wrong") {
  const std::vector<double> values{1, 2, 3, 4, 5, 6};
  const auto statistic = [&](pt::Span<const Index> samples) { return mean_of(samples, values); };
  const auto one = pt::bootstrap_interval(6, statistic);
  CHECK(pt::bootstrap_interval(6, statistic).low == one.low);
  CHECK(pt::bootstrap_interval(6, statistic, {.seed = 2}).low +
            pt::bootstrap_interval(6, statistic, {.seed = 2}).high !=
        one.low + one.high);
  CHECK_THROWS_WITH(pt::bootstrap_interval(0, statistic), "a bootstrap needs samples");
  CHECK_THROWS_AS(pt::bootstrap_interval(6, statistic, {.repetitions = 1}), pt::ArgumentError);
  CHECK_THROWS_AS(pt::bootstrap_interval(6, statistic, {.coverage = 1}), pt::ArgumentError);
}

TEST_CASE("Repetitions in which the statistic is not defined are left out") {
  const auto statistic = [](pt::Span<const Index> samples) {
    return samples[0] == 0 ? std::numeric_limits<double>::quiet_NaN() : static_cast<double>(samples[0]);
  };
  const auto interval = pt::bootstrap_interval(4, statistic, {.repetitions = 400, .coverage = 0.999});
  CHECK(interval.low == 1);
  CHECK(interval.high == 3);
  CHECK(interval.repetitions < 340);
  CHECK(interval.repetitions > 260);
  const auto never = [](pt::Span<const Index>) { return std::numeric_limits<double>::quiet_NaN(); };
  CHECK_THROWS_AS(pt::bootstrap_interval(4, never), pt::DataError);
  CHECK_THROWS_WITH(pt::bootstrap_interval(4, never),
                    "the statistic is defined in 0 of 200 repetitions of a bootstrap");
}
