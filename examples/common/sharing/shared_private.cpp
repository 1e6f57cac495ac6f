#include "polytask/sharing/shared_private.hpp"
#include "model.hpp"
#include "policies.hpp"

namespace polytask::examples {

Policy shared_private_sharing() {
  return policy("shared_private",
                [](const Features& features) { return example_model(features, SharedPrivate{tower()}); });
}

}  // namespace polytask::examples
