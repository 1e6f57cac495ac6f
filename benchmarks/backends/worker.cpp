/// @file
/// Training steps and bare products with the back end of Eigen that this program is compiled for: see worker.hpp for
/// how it is spoken with.
#include "alternate.hpp"
#include "network.hpp"

#include <cstdio>
#include <functional>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

namespace benchmark {
namespace {

/// Steps with shared layers of these widths.
struct Steps {
  Steps(Index width, Index batch)
      : model(pt::multi_task_model(pt::Features::dense(width), pt::HardSharing{pt::mlp({width, width})}, first_task(),
                                   second_task())
                  .clone()),
        data(random_data(width)),
        training(*model, data, batch) {}

  std::unique_ptr<pt::Model<float>> model;
  pt::Dataset<float> data;
  Training training;
};

void serve() {
  std::unique_ptr<Steps> steps;
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string command;
    words >> command;
    if (command == "work") {
      Index width = 0, batch = 0;
      words >> width >> batch;
      steps = std::make_unique<Steps>(width, batch);
      std::cout << "ready" << std::endl;
    } else if (command == "run") {
      std::int64_t calls = 0;
      words >> calls;
      std::cout << seconds(steps->training, calls) * static_cast<double>(calls) << std::endl;
    }
  }
}

}  // namespace
}  // namespace benchmark

int main() {
  std::cout.precision(12);
  benchmark::serve();
}
