/// @file
/// Gradient clipping by the norm of the whole gradient.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/runs.hpp"

#include <cmath>
#include <limits>

namespace polytask {

/// What a gradient is multiplied by so that its norm is at most `limit` (Pascanu, Mikolov, Bengio 2013): 1 within the
/// limit, limit / norm above it.
///
/// A norm that is not finite gives NaN, never 0 or 1: a broken gradient must not pass for a small one.
/// @param squared_norm  of the whole gradient: the sum of squared_norm() over all its parts
/// @throws ArgumentError unless limit is above 0
inline double clip_factor(double squared_norm, double limit) {
  require(limit > 0, "clip_factor: the limit of the gradient's norm must be above 0, it is ", limit);
  if (!std::isfinite(squared_norm)) return std::numeric_limits<double>::quiet_NaN();
  const double norm = std::sqrt(squared_norm);
  return norm <= limit ? 1.0 : limit / norm;
}

}  // namespace polytask
