/// @file
/// Embedding tables, apart from the flat parameter buffer since they may have millions of rows.
#pragma once

#include "polytask/core/parameters.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/runs.hpp"
#include "polytask/core/span.hpp"
#include "polytask/features/dataset.hpp"
#include "polytask/features/row_gradients.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

namespace polytask {

/// One table: a vector of `width` numbers a row, one row after the other.
template <Scalar S>
struct EmbeddingTable {
  std::string name;  ///< for example "embeddings/city"
  Index owner;       ///< shared_owner, or the task whose own table it is
  Index width;
  Index rows;
  Buffer<S> values;

  S* row(std::int32_t which) { return values.data() + static_cast<Index>(which) * width; }
  const S* row(std::int32_t which) const { return values.data() + static_cast<Index>(which) * width; }

  /// Normal with the given deviation; row 0, which stands for everything unknown, is zero.
  void initialize(Random& random, double deviation) {
    for (std::size_t place = static_cast<std::size_t>(width); place < values.size(); ++place)
      values[place] = static_cast<S>(random.normal(0, deviation));
  }
};

/// Which table a column reads, and where its vector goes in the input of the network.
struct EmbeddedColumn {
  Index table;
  Index input_row;  ///< first row in the input
};

/// Copies the numbers of the chosen samples and the vectors of their categories into a network's input.
///
/// A list becomes the mean of its items' vectors; an empty list becomes zeros.
/// @param tables        the tables of one copy (see the sharing policy's input_copies)
/// @param samples       positions in the data set, one an input column
/// @param inputs        written: input width x samples
template <Scalar S>
void gather_inputs(const Dataset<S>& data, Span<const EmbeddingTable<S>> tables, Span<const EmbeddedColumn> categories,
                   Span<const EmbeddedColumn> lists, Span<const Index> samples, Columns<S> inputs) {
  const Index number_count = data.numbers.rows();
  for (std::size_t column = 0; column < samples.size(); ++column) {
    const Index sample = samples[column];
    prefetch_ahead(samples, column, data.numbers, data.categories);
    if (column + 8 < samples.size()) {
      // nearer, since it reads the categories asked for above
      const Index next = samples[column + 8];
      for (std::size_t which = 0; which < categories.size(); ++which)
        __builtin_prefetch(tables[static_cast<std::size_t>(categories[which].table)].row(
            data.categories(static_cast<Index>(which), next)));
    }
    S* const input = inputs.data() + static_cast<Index>(column) * inputs.rows();
    if (number_count > 0)
      std::memcpy(input, data.numbers.data() + sample * number_count,
                  static_cast<std::size_t>(number_count) * sizeof(S));
    for (std::size_t which = 0; which < categories.size(); ++which) {
      const auto& table = tables[static_cast<std::size_t>(categories[which].table)];
      copy_run(table.width, table.row(data.categories(static_cast<Index>(which), sample)),
               input + categories[which].input_row);
    }
    for (std::size_t which = 0; which < lists.size(); ++which) {
      const auto& table = tables[static_cast<std::size_t>(lists[which].table)];
      const auto items = data.lists[which].at(sample);
      S* const pooled = input + lists[which].input_row;
      std::fill_n(pooled, table.width, S(0));
      for (const std::int32_t item : items) add_run(table.width, table.row(item), pooled);
      if (items.size() > 1)
        for (S& number : Span(pooled, static_cast<std::size_t>(table.width))) number /= static_cast<S>(items.size());
    }
  }
}

/// Adds the gradient of the inputs to the gradients of the rows that gather_inputs() read. Four columns are worked at
/// a time, so that the gradients of their rows stay in the second cache.
template <Scalar S>
void scatter_gradient(const Dataset<S>& data, Span<RowGradients<S>> gradients, Span<const EmbeddedColumn> categories,
                      Span<const EmbeddedColumn> lists, Span<const Index> samples, ConstColumns<S> input_gradient) {
  constexpr std::size_t together = 4;
  const auto arriving = [&](std::size_t column) {
    return input_gradient.data() + static_cast<Index>(column) * input_gradient.rows();
  };
  for (std::size_t first = 0; first < categories.size(); first += together)
    for (std::size_t column = 0; column < samples.size(); ++column)
      for (std::size_t which = first; which < (std::min)(first + together, categories.size()); ++which) {
        auto& table = gradients[static_cast<std::size_t>(categories[which].table)];
        add_run(table.width(), arriving(column) + categories[which].input_row,
                table[data.categories(static_cast<Index>(which), samples[column])]);
      }
  for (std::size_t which = 0; which < lists.size(); ++which) {
    auto& table = gradients[static_cast<std::size_t>(lists[which].table)];
    for (std::size_t column = 0; column < samples.size(); ++column) {
      const auto items = data.lists[which].at(samples[column]);
      const S share = S(1) / static_cast<S>(items.size());
      for (const std::int32_t item : items)
        add_run(table.width(), share, arriving(column) + lists[which].input_row, table[item]);
    }
  }
}

}  // namespace polytask
