/// @file
/// The metric by which a task is judged unless the user says otherwise.
#pragma once

#include "polytask/losses/loss.hpp"
#include "polytask/metrics/accuracy.hpp"
#include "polytask/metrics/regression.hpp"

namespace polytask {

/// The metric of a loss: the one that it has as a member, as all of the library have, and as a loss of your own may
/// have, `static constexpr Metric metric = metrics::mae;`. Without one: accuracy for classification, rmse for
/// regression.
template <class LossType>
constexpr Metric default_metric() {
  if constexpr (requires { LossType::metric; })
    return LossType::metric;
  else
    return LossType::kind == LossKind::classification ? metrics::accuracy : metrics::rmse;
}

}  // namespace polytask
