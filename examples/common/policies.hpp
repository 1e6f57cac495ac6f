/// @file
/// The sharing policies that an example may offer. Their files in common/sharing/ are compiled anew for each example,
/// with its model.hpp, which has
///   tower()                            the network that tasks share, or that each has of its own
///   expert(), experts                  one of several experts, and how many there are
///   example_model(features, sharing)   the model: the tasks with their losses
#pragma once

#include "policy.hpp"

#include <vector>

namespace polytask::examples {

Policy separate_sharing();
Policy hard_sharing();
Policy soft_sharing();
Policy cross_stitch_sharing();
Policy sluice_sharing();
Policy omoe_sharing();
Policy mmoe_sharing();
Policy cgc_sharing();
Policy ple_sharing();
Policy shared_private_sharing();
Policy adatt_sharing();
Policy stem_sharing();

/// The policies that every example has: see few_policies in CMakeLists.txt. The first is that of single tasks.
inline std::vector<Policy> few_policies() {
  return {separate_sharing(), hard_sharing(), soft_sharing(), mmoe_sharing(), ple_sharing()};
}

/// All of them, for an example whose EVERY_POLICY is said in CMakeLists.txt.
inline std::vector<Policy> every_policy() {
  return {separate_sharing(), hard_sharing(),           soft_sharing(),  cross_stitch_sharing(),
          sluice_sharing(),   omoe_sharing(),           mmoe_sharing(),  cgc_sharing(),
          ple_sharing(),      shared_private_sharing(), adatt_sharing(), stem_sharing()};
}

}  // namespace polytask::examples
