/// @file
/// What a training step costs with embedding tables of one thousand to ten million rows: it touches the rows that the
/// batch names and no others, so only the distance of those rows in memory is left to tell the tables apart.
#include "embedded.hpp"
#include "results.hpp"

#include "polytask/compiled.hpp"

#include <cstdio>
#include <memory>
#include <string>

namespace benchmark {
namespace {

/// The network with sixteen numbers and one categorical column with a table of that many rows, 16 wide.
struct Case {
  Network model;
  pt::Dataset<float> data;

  explicit Case(Index rows) : model(network(embedded_features(16, {rows}, 16))), data(embedded_data(16, {rows})) {}
};

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  using namespace benchmark;
  const auto arguments = benchmark::arguments(
      count, words, "A training step with embedding tables of one thousand to ten million rows, 16 wide.");
  std::printf("Step with a table of so many rows / step with a table of 1,000 rows; 16 numbers and one category\n\n");
  Results results(arguments);
  Case small(1000);
  for (const Index rows : {10'000, 100'000, 1'000'000, 10'000'000}) {
    const auto large = std::make_unique<Case>(rows);
    for (const Index batch : {256, 1024}) {
      Training first(large->model, large->data, batch);
      Training second(small.model, small.data, batch);
      results.add(std::to_string(rows) + " rows, batch " + std::to_string(batch), compare(arguments, first, second));
    }
  }
  return results.finish();
}
