/// @file
/// The products of layers against Eigen's own, for the shapes of the measured network and of small layers.
#include "results.hpp"

#include "polytask/core/products.hpp"

#include <string>
#include <utility>

namespace benchmark {
namespace {

namespace pt = polytask;
using pt::Index;
using Numbers = pt::Matrix<float>;

pt::Columns<float> columns(Numbers& matrix) { return {matrix.data(), matrix.rows(), matrix.cols()}; }

/// The three products of a dense layer with a batch: forward, the gradient of its weights, the gradient of its inputs.
void measure_layer(const Arguments& arguments, Results& results, Index inputs, Index outputs, Index batch) {
  Numbers weights = Numbers::Random(outputs, inputs);
  Numbers x = Numbers::Random(inputs, batch);
  Numbers y = Numbers::Random(outputs, batch);
  const std::string name =
      std::to_string(inputs) + " to " + std::to_string(outputs) + ", batch " + std::to_string(batch);
  results.add("outputs, " + name,
              compare(
                  arguments, [&] { pt::write_product(columns(y), pt::factor(weights), pt::factor(x)); },
                  [&] { y.noalias() = weights * x; }));
  results.add("gradient of the weights, " + name,
              compare(
                  arguments, [&] { pt::write_product(columns(weights), pt::factor(y), pt::transposed(x)); },
                  [&] { weights.noalias() = y * x.transpose(); }));
  weights.setConstant(0.01f);
  results.add("gradient of the inputs, " + name,
              compare(
                  arguments, [&] { pt::write_product(columns(x), pt::transposed(weights), pt::factor(y)); },
                  [&] { x.noalias() = weights.transpose() * y; }));
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  using namespace benchmark;
  const auto arguments =
      benchmark::arguments(count, words, "The products of layers of several widths against Eigen's own.");
  std::printf("The library's product / Eigen's, float\n\n");
  Results results(arguments);
  for (const Index batch : {32, 256})
    for (const auto& [inputs, outputs] :
         {std::pair<Index, Index>{256, 128}, {128, 64}, {64, 12}, {64, 3}, {32, 20}, {1024, 512}})
      measure_layer(arguments, results, inputs, outputs, batch);
  return results.finish();
}
