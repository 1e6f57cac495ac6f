#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/separate.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> separate_sharing(const Features& features) {
  return census_model(features, Separate{mlp({117})});
}

}  // namespace polytask::examples
