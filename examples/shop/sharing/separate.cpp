#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/separate.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> separate_sharing(const Features& features) {
  return shop_model(features, Separate{shop_network()});
}

}  // namespace polytask::examples
