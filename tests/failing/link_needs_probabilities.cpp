// error: a link is between probabilities
#include "polytask/losses/losses.hpp"
#include "polytask/models/information_transfer.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/sharing/hard.hpp"

namespace pt = polytask;

#ifdef FIXED
using Loss = pt::Focal;
#else
using Loss = pt::SquaredError;
#endif

auto model() {
  return pt::multi_task_model(pt::Features::dense(3), pt::HardSharing{pt::mlp({4})},
                              pt::InformationTransfer<"click", "purchase">{},
                              pt::task<"click">(pt::BinaryCrossEntropy{}), pt::task<"purchase">(Loss{}));
}
