#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/sluice.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> sluice_sharing(const Features& features) {
  return census_model(features, Sluice{mlp({116})});
}

}  // namespace polytask::examples
