/// @file
/// What an optimizer remembers of a model between steps.
#pragma once

#include "polytask/core/buffer.hpp"
#include "polytask/models/model.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace polytask {

/// What an optimizer remembers of every number between steps.
template <Scalar S>
struct OptimizerMemory {
  Index step = 0;            ///< steps taken so far
  std::vector<Index> steps;  ///< of the shared numbers, then of each task's: a task is not stepped without a label
  std::array<Buffer<S>, 2> parameters;
  std::vector<std::array<Buffer<S>, 2>> tables;  ///< one pair an embedding table
};

/// Gives the optimizer its memory for every number of a model, zero.
/// @param runs numbers it remembers for each
template <Scalar S>
void allocate(OptimizerMemory<S>& memory, const Model<S>& model, int runs) {
  const auto zero = [&](std::array<Buffer<S>, 2>& buffers, std::size_t size) {
    for (int run = 0; run < runs; ++run) buffers[static_cast<std::size_t>(run)].assign(size, S(0));
  };
  memory.steps.assign(model.size() + 1, 0);
  zero(memory.parameters, model.parameters.values.size());
  memory.tables.resize(model.embeddings.size());
  for (std::size_t table = 0; table < model.embeddings.size(); ++table)
    zero(memory.tables[table], model.embeddings[table].values.size());
}

}  // namespace polytask
