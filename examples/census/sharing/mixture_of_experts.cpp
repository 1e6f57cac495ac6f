#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> omoe_sharing(const Features& features) {
  return census_model(features, MixtureOfExperts{mlp({16}), {.experts = 8, .gates = MixtureGates::one_for_all}});
}

std::unique_ptr<Model<float>> mmoe_sharing(const Features& features) {
  return census_model(features, MixtureOfExperts{mlp({16}), {.experts = 8}});
}

}  // namespace polytask::examples
