// A program with what can be compiled once, under flags of its own.
#include <polytask/compiled.hpp>
#include <polytask/polytask.hpp>

namespace pt = polytask;

int main() {
  const auto data = pt::Dataset<float>::from(pt::Matrix<float>::Random(3, 64), pt::Matrix<float>::Random(1, 64));
  auto model = pt::multi_task_model(pt::Features::dense(3), pt::HardSharing{pt::mlp({8})},
                                    pt::task<"value">(pt::SquaredError{}));
  pt::Trainer(model, pt::Adam{}).fit(data, {.epochs = 2, .batch = 16});
  return model.predict<"value">(data).allFinite() ? 0 : 1;
}
