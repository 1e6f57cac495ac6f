#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/progressive_extraction.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> cgc_sharing(const Features& features) {
  return census_model(features, ProgressiveExtraction{mlp({16}), {.levels = 1, .shared_experts = 1, .private_experts = 2}});
}

std::unique_ptr<Model<float>> ple_sharing(const Features& features) {
  return census_model(features, ProgressiveExtraction{mlp({16}), {.levels = 2, .shared_experts = 1, .private_experts = 2}});
}

}  // namespace polytask::examples
