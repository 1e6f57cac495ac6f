#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/sluice.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> sluice_sharing(const Features& features) {
  return shop_model(features, Sluice{shop_network()});
}

}  // namespace polytask::examples
