#include "polytask/sharing/separate.hpp"
#include "model.hpp"
#include "policies.hpp"

namespace polytask::examples {

Policy separate_sharing() {
  return policy("separate", [](const Features& features) { return example_model(features, Separate{tower()}); });
}

}  // namespace polytask::examples
