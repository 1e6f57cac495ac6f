#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/soft.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> soft_sharing(const Features& features) {
  return shop_model(features, SoftSharing{shop_network(), {.strength = 1e-4}});
}

}  // namespace polytask::examples
