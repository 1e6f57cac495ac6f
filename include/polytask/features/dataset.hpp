/// @file
/// A table after encoding: numbers scaled, categories as rows of embedding tables, labels with their weights.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace polytask {

/// Rows of embedding tables, one a categorical column and sample: columns x samples.
using CategoryRows = Eigen::Matrix<std::int32_t, Eigen::Dynamic, Eigen::Dynamic>;

/// One list-valued column after encoding.
struct EncodedLists {
  std::vector<std::int64_t> offsets{0};  ///< sample s holds rows[offsets[s]] .. rows[offsets[s + 1] - 1]
  std::vector<std::int32_t> rows;        ///< rows of the embedding table

  Span<const std::int32_t> at(Index sample) const {
    const auto first = static_cast<std::size_t>(offsets[static_cast<std::size_t>(sample)]);
    const auto last = static_cast<std::size_t>(offsets[static_cast<std::size_t>(sample) + 1]);
    return Span(rows).subspan(first, last - first);
  }
};

/// Samples in the form in which a model takes them, one a column. Made by a model's encode(), or filled by hand from
/// matrices: Dataset<float>::from(x, y).
template <Scalar S>
struct Dataset {
  Matrix<S> numbers;                ///< scaled numbers x samples
  CategoryRows categories;          ///< categorical columns x samples
  std::vector<EncodedLists> lists;  ///< one a list-valued column
  Matrix<S> labels;                 ///< label rows of all tasks, one task after the other; 0 where missing
  Matrix<S> weights;                ///< of the same shape: the sample's weight, 0 where the label is missing

  Index size() const { return numbers.cols(); }

  /// A data set of numbers alone.
  /// @param inputs features x samples, finite
  /// @param labels label rows x samples; NaN where a label is missing
  /// @param sample_weights one a sample, or empty for 1
  /// @throws DataError naming row and sample of an input that is not finite or a weight that is negative
  static Dataset from(const Matrix<S>& inputs, const Matrix<S>& labels, const Vector<S>& sample_weights = {}) {
    require(inputs.cols() == labels.cols(), "there are ", inputs.cols(), " samples of inputs and ", labels.cols(),
            " of labels (a sample is a column)");
    require(sample_weights.size() == 0 || sample_weights.size() == inputs.cols(), "there are ", inputs.cols(),
            " samples and ", sample_weights.size(), " weights");
    Dataset data;
    data.numbers = inputs;
    data.categories.resize(0, inputs.cols());
    data.labels = labels;
    data.weights.resize(labels.rows(), labels.cols());
    for (Index sample = 0; sample < inputs.cols(); ++sample) {
      for (Index row = 0; row < inputs.rows(); ++row)
        require<DataError>(std::isfinite(inputs(row, sample)), "input ", row, " of sample ", sample, " is ",
                           inputs(row, sample), ", not a finite number");
      const S weight = sample_weights.size() > 0 ? sample_weights[sample] : S(1);
      require<DataError>(weight >= 0 && std::isfinite(weight), "the weight of sample ", sample, " is ", weight,
                         ", not a finite number of at least 0");
      for (Index row = 0; row < labels.rows(); ++row) data.set_label(row, sample, labels(row, sample), weight);
    }
    return data;
  }

  /// The same without labels, to be predicted.
  static Dataset from(const Matrix<S>& inputs) { return from(inputs, Matrix<S>(0, inputs.cols())); }

  /// The chosen samples, in the given order.
  /// @throws ArgumentError when there is no such sample
  Dataset samples(Span<const Index> chosen) const {
    for (const Index sample : chosen)
      require(sample >= 0 && sample < size(), "there is no sample ", sample, " (counted from 0) of ", size());
    Dataset part;
    const auto pick = [&](const auto& from, auto& to) {
      to.resize(from.rows(), static_cast<Index>(chosen.size()));
      for (std::size_t column = 0; column < chosen.size(); ++column)
        std::copy_n(from.col(chosen[column]).data(), from.rows(), to.col(static_cast<Index>(column)).data());
    };
    pick(numbers, part.numbers);
    pick(categories, part.categories);
    if (labels.cols() == size()) {
      pick(labels, part.labels);
      pick(weights, part.weights);
    }
    for (const auto& from : lists) {
      auto& to = part.lists.emplace_back();
      for (const Index sample : chosen) {
        for (const auto item : from.at(sample)) to.rows.push_back(item);
        to.offsets.push_back(static_cast<std::int64_t>(to.rows.size()));
      }
    }
    return part;
  }

  /// Writes a label: a NaN becomes weight 0.
  void set_label(Index row, Index sample, S label, S weight) {
    const bool present = !std::isnan(label);
    labels(row, sample) = present ? label : S(0);
    weights(row, sample) = present ? weight : S(0);
  }
};

/// Asks for a column of each matrix to be in the cache when it is needed, that of the sample which comes 16 places
/// later: the samples of a batch lie anywhere in memory. Inlined by force: g++ takes a function that only prefetches
/// for one that does nothing.
template <class... Matrices>
[[gnu::always_inline]] inline void prefetch_ahead(Span<const Index> samples, std::size_t place,
                                                  const Matrices&... matrices) {
  if (place + 16 >= samples.size()) return;
  const Index sample = samples[place + 16];
  const auto ask = [sample](const auto& matrix) __attribute__((always_inline)) {
    const auto* const first = matrix.data() + sample * matrix.rows();
    for (Index row = 0; row < matrix.rows(); row += 64 / static_cast<Index>(sizeof(*first)))
      __builtin_prefetch(first + row);
  };
  (ask(matrices), ...);
}

}  // namespace polytask
