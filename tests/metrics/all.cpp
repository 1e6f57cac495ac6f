#include "polytask/metrics/all.hpp"

#include "metrics/evaluations.hpp"

#include <set>

using namespace polytask;

TEST_CASE("Every metric is found by its name, and no two have the same") {
  std::set<std::string_view> names;
  for (const Metric& metric : all_metrics()) {
    CHECK(&metric_named(metric.name) == &metric);
    names.insert(metric.name);
  }
  CHECK(names.size() == all_metrics().size());
  CHECK(names.size() == 16);
  CHECK(metric_named("rmse").evaluate(rows({1}, {3})) == 2);
  CHECK_FALSE(metric_named("rmse").higher_is_better);
}

TEST_CASE("A metric that is not known is answered with those that are") {
  CHECK_THROWS_AS(metric_named("AUC"), ArgumentError);
  CHECK_THROWS_WITH(metric_named("AUC"), containing("there is no metric 'AUC'; known are auc, grouped_auc, log_loss"));
  CHECK_THROWS_WITH(metric_named(""), containing("gini, ndcg_at_10"));
}

TEST_CASE("The direction of every metric is that in which better predictions move it") {
  std::vector<double> high = {0.9, 0.2, 0.8, 0.1};
  std::vector<double> low = {0.4, 0.6, 0.8, 0.7};
  std::vector<double> labels = {1, 0, 1, 0};
  for (auto* const longer : {&high, &low, &labels}) longer->resize(24, longer == &labels ? 0.0 : 0.45);
  Evaluation good = rows(high, labels);
  Evaluation bad = rows(low, labels);
  const std::vector<std::int32_t> groups(24, 1);
  const std::vector<double> levels = {0.5};
  good.groups = bad.groups = groups;
  good.levels = bad.levels = levels;
  for (const Metric& metric : all_metrics()) {
    INFO(metric.name);
    if (metric.higher_is_better)
      CHECK(metric.evaluate(good) > metric.evaluate(bad));
    else
      CHECK(metric.evaluate(good) < metric.evaluate(bad));
  }
}
