// error: no task of the model has the name asked for
#include "polytask/losses/losses.hpp"
#include "polytask/models/multi_task_model.hpp"
#include "polytask/sharing/hard.hpp"

namespace pt = polytask;

#ifdef FIXED
constexpr pt::Name asked = "click";
#else
constexpr pt::Name asked = "clicks";
#endif

auto predictions(const pt::Dataset<float>& data) {
  const auto model =
      pt::multi_task_model(pt::Features::dense(3), pt::HardSharing{pt::mlp({4})},
                           pt::task<"click">(pt::BinaryCrossEntropy{}), pt::task<"spend">(pt::SquaredError{}));
  return model.predict<asked>(data);
}
