/// @file
/// A training step whose products are done by OpenBLAS or BLIS, against the library's own: programs that are compiled
/// with EIGEN_USE_BLAS and without, run in turn.
#include "results.hpp"
#include "worker.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <utility>

namespace benchmark {
namespace {

Worker worker_with(const std::string& backend) {
  return Worker(backend, {std::string(POLYTASK_BACKENDS) + "/benchmark_backend_" + backend},
                {"OPENBLAS_NUM_THREADS=1", "BLIS_NUM_THREADS=1", "OMP_NUM_THREADS=1"});
}

void run(const Arguments& arguments) {
  std::printf(
      "Step with the back end / step with the library's own products; as many inputs as the two shared layers are wide,\n"
      "heads of 8 and 4 outputs, float, Adam, one thread\n\n");
  Worker eigen = worker_with("eigen");
  Results results(arguments);
  for (const auto& [backend, name] : {std::pair{"openblas", "OpenBLAS"}, std::pair{"blis", "BLIS"}}) {
    if (!std::filesystem::exists(std::string(POLYTASK_BACKENDS) + "/benchmark_backend_" + backend)) {
      results.title(std::string(name) + ": left out, it was not found");
      continue;
    }
    Worker other = worker_with(backend);
    for (const Index width : {32, 128, 512, 1024}) {
      for (const Index batch : {32, 256, 2048}) {
        const std::string work = std::to_string(width) + " " + std::to_string(batch);
        eigen.begin(work);
        other.begin(work);
        results.add(std::string(name) + ", width " + std::to_string(width) + ", batch " + std::to_string(batch),
                    arguments.quick ? alternate(other, eigen, 3, 0.0005) : alternate(other, eigen, 61, 0.005));
      }
    }
  }
  results.finish();
}

}  // namespace
}  // namespace benchmark

int main(int count, char** words) {
  try {
    benchmark::run(benchmark::arguments(count, words, "Training steps with OpenBLAS and BLIS as Eigen's back end."));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
