#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/progressive_extraction.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> cgc_sharing(const Features& features) {
  return shop_model(features, ProgressiveExtraction{shop_expert(), {.levels = 1, .shared_experts = 2, .private_experts = 1}});
}

std::unique_ptr<Model<float>> ple_sharing(const Features& features) {
  return shop_model(features, ProgressiveExtraction{shop_expert(), {.levels = 2, .shared_experts = 2, .private_experts = 1}});
}

}  // namespace polytask::examples
