#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/shared_private.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> shared_private_sharing(const Features& features) {
  return census_model(features, SharedPrivate{mlp({117})});
}

}  // namespace polytask::examples
