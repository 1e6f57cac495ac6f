#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/cross_stitch.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> cross_stitch_sharing(const Features& features) {
  return census_model(features, CrossStitch{mlp({117})});
}

}  // namespace polytask::examples
