#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/stem.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> stem_sharing(const Features& features) {
  return census_model(features, Stem{mlp({117})});
}

}  // namespace polytask::examples
