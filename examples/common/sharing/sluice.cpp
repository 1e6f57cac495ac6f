#include "polytask/sharing/sluice.hpp"
#include "model.hpp"
#include "policies.hpp"

namespace polytask::examples {

Policy sluice_sharing() {
  return policy("sluice", [](const Features& features) { return example_model(features, Sluice{tower()}); });
}

}  // namespace polytask::examples
