#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/cross_stitch.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> cross_stitch_sharing(const Features& features) {
  return shop_model(features, CrossStitch{shop_network()});
}

}  // namespace polytask::examples
