#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/stem.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> stem_sharing(const Features& features) {
  return shop_model(features, Stem{shop_network()});
}

}  // namespace polytask::examples
