#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> omoe_sharing(const Features& features) {
  return shop_model(features, MixtureOfExperts{shop_expert(), {.experts = 4, .gates = MixtureGates::one_for_all}});
}

std::unique_ptr<Model<float>> mmoe_sharing(const Features& features) {
  return shop_model(features, MixtureOfExperts{shop_expert(), {.experts = 4}});
}

}  // namespace polytask::examples
