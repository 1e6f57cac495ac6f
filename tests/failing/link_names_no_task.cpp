// error: the link names a task that the model does not have
#include "polytask/losses/losses.hpp"
#include "polytask/models/entire_space.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/sharing/hard.hpp"

namespace pt = polytask;

#ifdef FIXED
using Link = pt::EntireSpace<"click", "purchase">;
#else
using Link = pt::EntireSpace<"click", "sale">;
#endif

auto model() {
  return pt::multi_task_model(pt::Features::dense(3), pt::HardSharing{pt::mlp({4})}, Link{},
                              pt::task<"click">(pt::BinaryCrossEntropy{}),
                              pt::task<"purchase">(pt::BinaryCrossEntropy{}));
}
