// error: the second argument of a model must be a sharing policy: see sharing/sharing.hpp
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/sharing/hard.hpp"

namespace pt = polytask;

auto model() {
#ifdef FIXED
  pt::HardSharing sharing{pt::mlp({4})};
#else
  auto sharing = pt::mlp({4});  // a network, but no word on who shares it
#endif
  return pt::multi_task_model(pt::Features::dense(3), sharing, pt::task<"click">(pt::BinaryCrossEntropy{}));
}
