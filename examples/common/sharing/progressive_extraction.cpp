#include "polytask/sharing/progressive_extraction.hpp"
#include "model.hpp"
#include "policies.hpp"

namespace polytask::examples {

static auto extraction(Index levels) {
  return ProgressiveExtraction{expert(),
                               {.levels = levels, .shared_experts = experts.shared, .private_experts = experts.own}};
}

Policy cgc_sharing() {
  return policy("cgc", [](const Features& features) { return example_model(features, extraction(1)); });
}

Policy ple_sharing() {
  return policy("ple", [](const Features& features) { return example_model(features, extraction(2)); });
}

}  // namespace polytask::examples
