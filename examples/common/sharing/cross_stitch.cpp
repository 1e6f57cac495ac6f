#include "polytask/sharing/cross_stitch.hpp"
#include "model.hpp"
#include "policies.hpp"

namespace polytask::examples {

Policy cross_stitch_sharing() {
  return policy("cross_stitch", [](const Features& features) { return example_model(features, CrossStitch{tower()}); });
}

}  // namespace polytask::examples
