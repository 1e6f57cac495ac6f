// error: every policy of a trainer must be an optimizer, a weighting, an aggregation or a regularisation
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
  pt::Trainer trainer{model, pt::Adam{}};
#else
  pt::Trainer trainer{model, pt::Adam{}, 0.5};
#endif
  trainer.fit(data);
}
