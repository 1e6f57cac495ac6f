#include "polytask/sharing/mixture_of_experts.hpp"
#include "model.hpp"
#include "policies.hpp"

namespace polytask::examples {

static auto mixture(MixtureGates gates) {
  return MixtureOfExperts{expert(), {.experts = experts.mixture, .gates = gates}};
}

Policy omoe_sharing() {
  return policy("omoe",
                [](const Features& features) { return example_model(features, mixture(MixtureGates::one_for_all)); });
}

Policy mmoe_sharing() {
  return policy("mmoe",
                [](const Features& features) { return example_model(features, mixture(MixtureGates::per_task)); });
}

}  // namespace polytask::examples
