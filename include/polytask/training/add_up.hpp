/// @file
/// The sum of what the workers found.
#pragma once

#include "polytask/core/runs.hpp"
#include "polytask/core/span.hpp"
#include "polytask/models/workspace.hpp"
#include "polytask/training/parameter_mover.hpp"
#include "polytask/training/workers.hpp"

#include <algorithm>
#include <vector>

namespace polytask {

/// Adds to the first workspace the gradients, losses and own terms of the others, always in the same order. Each worker
/// adds up a share of the parameters.
/// @param spaces one a worker, or one alone
/// @param ranges the parameters in question
template <Scalar S>
void add_up(Span<Workspace<S>> spaces, Workers& workers, Span<const ParameterRange> ranges) {
  if (spaces.size() == 1) return;
  auto& total = spaces.front();
  const auto others = spaces.subspan(1);
  const auto count = static_cast<Index>(spaces.size());
  workers.run([&](Index worker) {
    for (const auto& range : ranges) {
      const Index share = piece_size((range.end - range.begin + count - 1) / count);
      const Index begin = (std::min)(range.begin + worker * share, range.end);
      const Index size = (std::min)(share, range.end - begin);
      for (const auto& part : others) add_run(size, part.gradient.data() + begin, total.gradient.data() + begin);
    }
  });
  for (const auto& part : others) {
    for (std::size_t table = 0; table < total.row_gradients.size(); ++table)
      total.row_gradients[table].add(part.row_gradients[table]);
    for (std::size_t task = 0; task < total.heads.size(); ++task) total.heads[task].loss += part.heads[task].loss;
    total.own_terms += part.own_terms;
  }
}

}  // namespace polytask
