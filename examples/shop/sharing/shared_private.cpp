#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/shared_private.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> shared_private_sharing(const Features& features) {
  return shop_model(features, SharedPrivate{shop_network()});
}

}  // namespace polytask::examples
