// error: this aggregation combines the gradients of shared parameters, but the model's tasks share none
#include "polytask/aggregation/pc_grad.hpp"
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/optimizers/adam.hpp"
#include "polytask/sharing/hard.hpp"
#include "polytask/sharing/separate.hpp"
#include "polytask/training/trainer.hpp"

namespace pt = polytask;

void train(const pt::Table& table) {
#ifdef FIXED
  pt::HardSharing sharing{pt::mlp({4})};
#else
  pt::Separate sharing{pt::mlp({4})};
#endif
  auto model = pt::multi_task_model(pt::Features::dense(3), sharing, pt::task<"click">(pt::BinaryCrossEntropy{}));
  pt::Trainer(model, pt::PcGrad{}, pt::Adam{}).fit(table);
}
