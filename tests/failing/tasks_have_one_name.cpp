// error: two tasks of the model have the same name
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/sharing/hard.hpp"

namespace pt = polytask;

#ifdef FIXED
constexpr pt::Name second = "spend";
#else
constexpr pt::Name second = "click";
#endif

auto model() {
  return pt::multi_task_model(pt::Features::dense(3), pt::HardSharing{pt::mlp({4})},
                              pt::task<"click">(pt::BinaryCrossEntropy{}), pt::task<second>(pt::SquaredError{}));
}
