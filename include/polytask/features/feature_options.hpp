/// @file
/// How the columns of a table become the inputs of a network.
#pragma once

#include "polytask/core/by_name.hpp"
#include "polytask/features/scaling.hpp"
#include "polytask/features/vocabulary.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace polytask {

/// What one column is to have otherwise than the rest.
struct ColumnOptions {
  std::optional<Scaling> scaling = {};
  std::optional<Index> embedding_width = {};
  std::optional<Index> minimum_count = {};
  std::optional<Index> hash_buckets = {};
  std::optional<bool> one_hot = {};
  std::string table =
      {};  ///< columns with the same table name share vocabulary and embedding; empty: a table of its own
};

struct FeatureOptions {
  Scaling scaling = Scaling::standard;
  Index embedding_width = 0;  ///< 0: grows with the fourth root of the vocabulary, from 2 to 32
  Index minimum_count = 1;    ///< rarer categories share the unknown entry
  Index hash_buckets = 0;     ///< above 0: categories are hashed into that many rows
  Index list_limit = 50;      ///< of a longer list the last items count
  bool one_hot = false;       ///< whether a category becomes numbers, one a known text, of which one is 1: what linear
                              ///< models take, and what a column of few texts needs no table for
  ByName<ColumnOptions> columns = {};

  /// What a column has of its own.
  ColumnOptions own(std::string_view column) const {
    const auto* const found = columns.find(column);
    return found == nullptr ? ColumnOptions{} : *found;
  }

  /// Of a column that has these options of its own.
  VocabularyOptions vocabulary(const ColumnOptions& own) const {
    const Index buckets = own.hash_buckets.value_or(hash_buckets);
    return {own.minimum_count.value_or(buckets > 0 ? 1 : minimum_count), buckets};
  }
};

}  // namespace polytask
