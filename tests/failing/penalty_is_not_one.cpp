// error: the penalty of this sharing policy is not as sharing/sharing.hpp has it
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/sharing/hard.hpp"

namespace pt = polytask;

struct Penalised : pt::HardSharing<decltype(pt::mlp({4}))> {
#ifdef FIXED
  template <pt::Scalar S>
  double penalty(pt::ConstFlat<S> parameters) const {
    return static_cast<double>(parameters.squaredNorm());
  }
#else
  template <pt::Scalar S>
  double penalty(pt::Flat<S> parameters) const {
    return static_cast<double>(parameters.squaredNorm());
  }
#endif
  template <pt::Scalar S>
  void add_penalty_gradient(pt::ConstFlat<S> parameters, pt::ActiveTasks, pt::Flat<S> gradient) const {
    gradient += 2 * parameters;
  }
};

auto model() {
  return pt::multi_task_model(pt::Features::dense(3), Penalised{pt::HardSharing{pt::mlp({4})}},
                              pt::task<"click">(pt::BinaryCrossEntropy{}));
}
