#include "polytask/sharing/soft.hpp"
#include "model.hpp"
#include "policies.hpp"

namespace polytask::examples {

Policy soft_sharing() {
  return policy("soft", [](const Features& features) {
    return example_model(features, SoftSharing{tower(), {.strength = 1e-4}});
  });
}

}  // namespace polytask::examples
