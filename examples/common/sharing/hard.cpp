#include "polytask/sharing/hard.hpp"
#include "model.hpp"
#include "policies.hpp"

namespace polytask::examples {

Policy hard_sharing() {
  return policy("hard", [](const Features& features) { return example_model(features, HardSharing{tower()}); });
}

}  // namespace polytask::examples
