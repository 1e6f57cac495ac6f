// error: a trainer takes at most one aggregation of the tasks' gradients
#include "polytask/aggregation/mgda.hpp"
#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/training/trainer.hpp"

namespace pt = polytask;

void train(const pt::Dataset<float>& data) {
  auto model = pt::multi_task_model(pt::Features::dense(3), pt::HardSharing{pt::mlp({4})},
                                    pt::task<"click">(pt::BinaryCrossEntropy{}));
#ifdef FIXED
  pt::Trainer trainer{model, pt::Adam{}, pt::PcGrad{}};
#else
  pt::Trainer trainer{model, pt::Adam{}, pt::PcGrad{}, pt::Mgda{}};
#endif
  trainer.fit(data);
}
