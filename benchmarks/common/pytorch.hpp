/// @file
/// PyTorch, in the program benchmarks/pytorch/worker.py.
#pragma once

#include "worker.hpp"

#include <string>
#include <string_view>

namespace benchmark {

/// PyTorch with so many threads; its BLAS has as many.
inline Worker pytorch_worker(int threads) {
  const std::string count = std::to_string(threads);
  return Worker("PyTorch", {python(), std::string(POLYTASK_BENCHMARKS) + "/pytorch/worker.py", count},
                {"OMP_NUM_THREADS=" + count, "OPENBLAS_NUM_THREADS=" + count, "PYTHONDONTWRITEBYTECODE=1"});
}

/// "tasks=first:8,second:4": a model's tasks, with how many labels each has, as the worker takes them.
inline std::string tasks_of(const pt::Model<float>& model) {
  std::string tasks;
  for (std::size_t task = 0; task < model.size(); ++task)
    tasks += (task == 0 ? "tasks=" : ",") + std::string(model.names()[task]) + ":" +
             std::to_string(model.shapes()[task].label_rows);
  return tasks;
}

}  // namespace benchmark
