#include "rules.hpp"

#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/mixture_of_experts.hpp"
#include "polytask/sharing/soft.hpp"

TEST_CASE("every weighting and every aggregation lowers every loss under hard sharing") {
  rules::all_rules_lower_every_loss(polytask::HardSharing{polytask::mlp<polytask::Tanh>({12})});
}

TEST_CASE("every weighting and every aggregation lowers every loss under soft sharing") {
  rules::all_rules_lower_every_loss(polytask::SoftSharing{polytask::mlp<polytask::Tanh>({8}), {.strength = 1e-3}});
}

TEST_CASE("every weighting and every aggregation lowers every loss with a mixture of experts") {
  rules::all_rules_lower_every_loss(polytask::MixtureOfExperts{polytask::mlp<polytask::Tanh>({8}), {.experts = 3}});
}
