#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/ada_tt.hpp"

namespace polytask::examples {

std::unique_ptr<Model<float>> adatt_sharing(const Features& features) {
  return shop_model(features, AdaTT{shop_expert(), {.levels = 2}});
}

}  // namespace polytask::examples
