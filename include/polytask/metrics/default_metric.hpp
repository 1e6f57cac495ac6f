/// @file
/// The metric by which a task is judged unless the user says otherwise.
#pragma once

#include "polytask/losses/loss.hpp"
#include "polytask/metrics/all.hpp"

#include <string_view>

namespace polytask {

/// The metric that suits a loss best:
///
/// | loss | metric | why |
/// | --- | --- | --- |
/// | binary_cross_entropy, focal | auc | does not depend on the base rate, nor on a shift of the probabilities |
/// | softmax_cross_entropy, ordinal | accuracy | |
/// | squared_error, huber | rmse | |
/// | quantile | quantile_loss | |
/// | poisson | poisson_deviance | squared errors would be those of the largest counts |
/// | zero_inflated_lognormal | gini | squared errors would be those of a few large amounts |
///
/// A loss of your own names its metric by a member, `static constexpr std::string_view metric = "mae";`, which is
/// looked at first. Without one: accuracy for classification, rmse for regression.
/// @throws ArgumentError when the loss names a metric that is not known
/// @param loss the loss's name
/// @param own  the metric that the loss names; empty if it names none
inline const Metric& default_metric(std::string_view loss, LossKind kind, std::string_view own = "") {
  if (!own.empty()) return metric_named(own);
  if (loss == "binary_cross_entropy" || loss == "focal") return metrics::auc;
  if (loss == "quantile") return metrics::quantile_loss;
  if (loss == "poisson") return metrics::poisson_deviance;
  if (loss == "zero_inflated_lognormal") return metrics::gini;
  return kind == LossKind::classification ? metrics::accuracy : metrics::rmse;
}

template <class LossType>
const Metric& default_metric() {
  if constexpr (requires { LossType::metric; })
    return metric_named(LossType::metric);
  else
    return default_metric(LossType::name, LossType::kind);
}

}  // namespace polytask
