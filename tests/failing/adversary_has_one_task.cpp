// error: this sharing policy tells tasks apart: the model needs at least two
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/sharing/shared_private.hpp"

namespace pt = polytask;

auto model() {
  return pt::multi_task_model(pt::Features::dense(3), pt::SharedPrivate{pt::mlp({4})},
#ifdef FIXED
                              pt::task<"purchase">(pt::BinaryCrossEntropy{}),
#endif
                              pt::task<"click">(pt::BinaryCrossEntropy{}));
}
