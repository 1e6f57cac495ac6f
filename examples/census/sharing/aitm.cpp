#include "model.hpp"
#include "policies.hpp"
#include "polytask/models/information_transfer.hpp"
#include "polytask/sharing/soft.hpp"

namespace polytask::examples {

/// Towers on shared embeddings; what the first knows is passed on to the second (Xi et al. 2021).
std::unique_ptr<Model<float>> aitm_sharing(const Features& features) {
  return multi_task_model(features, SoftSharing{mlp({32, 16}), {.strength = 0}},
                                             InformationTransfer<"never_married", "over_50k">{.calibration = 0},
                                             task<"over_50k">(BinaryCrossEntropy{}),
                                             task<"never_married">(BinaryCrossEntropy{})).clone();
}

}  // namespace polytask::examples
