#include "polytask/sharing/stem.hpp"
#include "model.hpp"
#include "policies.hpp"

namespace polytask::examples {

Policy stem_sharing() {
  return policy("stem", [](const Features& features) { return example_model(features, Stem{tower()}); });
}

}  // namespace polytask::examples
