#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/hard.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> hard_sharing(const Features& features) {
  return census_model(features, HardSharing{mlp({117})});
}

}  // namespace polytask::examples
