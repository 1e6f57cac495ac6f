/// @file
/// What regularizations see of a model: its numbers and their names.
#pragma once

#include "polytask/core/parameters.hpp"
#include "polytask/core/span.hpp"
#include "polytask/features/embeddings.hpp"
#include "polytask/features/row_gradients.hpp"
#include "polytask/sharing/sharing.hpp"

#include <string_view>

namespace polytask {

/// The names of a model's numbers and tasks.
template <Scalar S>
struct RegularizedModel {
  const Layout& layout;
  Span<const EmbeddingTable<S>> tables;
  Span<const std::string_view> tasks;
};

/// The numbers that a step moves: the shared ones, those of active tasks, and touched rows of embedding tables.
template <Scalar S>
struct RegularizedNumbers {
  Flat<S> parameters;
  Flat<S> gradient;  ///< of the parameters: added
  ActiveTasks active;
  Span<EmbeddingTable<S>> tables;
  Span<RowGradients<S>> rows;  ///< one a table: added

  bool moves(Index owner) const { return owner == shared_owner || active[static_cast<std::size_t>(owner)] != 0; }
};

}  // namespace polytask
