/// @file
/// Samples with categorical columns whose embedding tables have as many rows as one likes.
#pragma once

#include "network.hpp"

#include "polytask/core/random.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace benchmark {

/// Features of so many numbers and of a categorical column for each table; hashing makes a table of any size without a
/// list of names.
/// @param rows of each table
inline pt::Features embedded_features(Index numbers, const std::vector<Index>& rows, Index width) {
  pt::Table table;
  pt::FeatureOptions options{.embedding_width = width};
  for (Index column = 0; column < numbers; ++column) table.add_numbers("number " + std::to_string(column), {0, 1});
  for (std::size_t column = 0; column < rows.size(); ++column) {
    const std::string name = "item " + std::to_string(column);
    table.add_categories(name, std::vector<std::string>{"a", "b"});
    options.columns[name].hash_buckets = rows[column];
  }
  return pt::features(table, options);
}

/// Random samples for them, whose categories are drawn from all rows alike.
inline pt::Dataset<float> embedded_data(Index numbers, const std::vector<Index>& rows, Index labels = 12,
                                        Index samples = sample_count) {
  auto data = random_data(numbers, labels, samples);
  data.categories.resize(static_cast<Index>(rows.size()), data.size());
  pt::Random random(2);
  for (Index sample = 0; sample < data.size(); ++sample)
    for (std::size_t column = 0; column < rows.size(); ++column)
      data.categories(static_cast<Index>(column), sample) =
          static_cast<std::int32_t>(1 + random.below(static_cast<std::uint64_t>(rows[column])));
  return data;
}

}  // namespace benchmark
