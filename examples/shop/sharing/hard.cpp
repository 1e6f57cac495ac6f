#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/hard.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> hard_sharing(const Features& features) { return shop_model(features, HardSharing{shop_network()}); }

}  // namespace polytask::examples
