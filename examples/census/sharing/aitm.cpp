#include "aitm.hpp"

#include "model.hpp"
#include "polytask/models/information_transfer.hpp"
#include "polytask/sharing/soft.hpp"

namespace polytask::examples {

Policy aitm_sharing() {
  return policy("aitm", [](const Features& features) {
    return multi_task_model(features, SoftSharing{mlp({32, 16}), {.strength = 0}},
                            InformationTransfer<"never_married", "over_50k">{.calibration = 0},
                            task<"over_50k">(BinaryCrossEntropy{}), task<"never_married">(BinaryCrossEntropy{}));
  });
}

}  // namespace polytask::examples
