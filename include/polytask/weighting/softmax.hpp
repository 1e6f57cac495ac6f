/// @file
/// The softmax by which several weightings share weight out among tasks.
#pragma once

#include "polytask/core/span.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace polytask {

/// Replaces the logits of the tasks that have one by their softmax times the number of those tasks, so that their
/// mean is 1, the weight of every task under Equal. A task without one (NaN) stays NaN. Logits of any finite size are
/// right.
/// @return how many tasks have a logit
inline std::size_t softmax_of_mean_one(Span<double> logits) {
  double largest = -std::numeric_limits<double>::infinity();
  std::size_t count = 0;
  for (const double logit : logits) {
    if (std::isnan(logit)) continue;
    largest = (std::max)(largest, logit);
    ++count;
  }
  double total = 0;
  for (double& logit : logits) {
    if (std::isnan(logit)) continue;
    logit = std::exp(logit - largest);
    total += logit;
  }
  for (double& logit : logits) logit = logit * static_cast<double>(count) / total;
  return count;
}

}  // namespace polytask
