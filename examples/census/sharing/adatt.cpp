#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/ada_tt.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> adatt_sharing(const Features& features) {
  return census_model(features, AdaTT{mlp({16}), {.levels = 2}});
}

}  // namespace polytask::examples
