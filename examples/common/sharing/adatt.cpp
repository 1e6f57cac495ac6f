#include "model.hpp"
#include "policies.hpp"
#include "polytask/sharing/ada_tt.hpp"

namespace polytask::examples {

Policy adatt_sharing() {
  return policy("adatt", [](const Features& features) {
    return example_model(features, AdaTT{expert(), {.levels = 2}});
  });
}

}  // namespace polytask::examples
