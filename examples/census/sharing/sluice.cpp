#include "polytask/sharing/sluice.hpp"
#include "model.hpp"
#include "policies.hpp"

namespace polytask::examples {

/// As wide as the other towers, less one: a layer is divided into two subspaces.
Policy sluice_sharing() {
  return policy("sluice", [](const Features& features) { return example_model(features, Sluice{mlp({116})}); });
}

}  // namespace polytask::examples
