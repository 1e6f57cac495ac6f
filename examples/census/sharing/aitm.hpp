/// @file
/// The policy that the census alone has.
#pragma once

#include "policy.hpp"

namespace polytask::examples {

/// Towers on shared embeddings; what the first knows is passed on to the second (Xi et al. 2021).
Policy aitm_sharing();

}  // namespace polytask::examples
