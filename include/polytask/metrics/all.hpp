/// @file
/// All metrics, and the choice of one by its name.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/metrics/accuracy.hpp"
#include "polytask/metrics/auc.hpp"
#include "polytask/metrics/gini.hpp"
#include "polytask/metrics/grouped_auc.hpp"
#include "polytask/metrics/log_loss.hpp"
#include "polytask/metrics/macro_f1.hpp"
#include "polytask/metrics/ndcg.hpp"
#include "polytask/metrics/normalized_entropy.hpp"
#include "polytask/metrics/poisson_deviance.hpp"
#include "polytask/metrics/quantile_loss.hpp"
#include "polytask/metrics/recall.hpp"
#include "polytask/metrics/regression.hpp"

#include <string>

namespace polytask {

/// Every metric of the library.
inline Span<const Metric> all_metrics() {
  static constexpr Metric all[] = {metrics::auc,
                                   metrics::grouped_auc,
                                   metrics::log_loss,
                                   metrics::normalized_entropy,
                                   metrics::accuracy,
                                   metrics::macro_f1,
                                   metrics::rmse,
                                   metrics::mae,
                                   metrics::r2,
                                   metrics::rrmse,
                                   metrics::wape,
                                   metrics::quantile_loss,
                                   metrics::poisson_deviance,
                                   metrics::gini,
                                   metrics::ndcg_at_10,
                                   metrics::recall_at_20};
  return all;
}

/// The metric with a name; it lives as long as the program.
/// @throws ArgumentError that lists the known names
inline const Metric& metric_named(std::string_view name) {
  for (const Metric& metric : all_metrics())
    if (metric.name == name) return metric;
  fail<ArgumentError>({"there is no metric '", name, "'; known are ", list_of(all_metrics(), &Metric::name)});
}

}  // namespace polytask
