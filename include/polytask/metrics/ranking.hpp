/// @file
/// Samples in the order of a number: what the metrics of rankings have in common.
#pragma once

#include "polytask/core/span.hpp"
#include "polytask/metrics/checks.hpp"

#include <algorithm>
#include <vector>

namespace polytask {

/// A sample, with the number by which it is ordered.
struct Ranked {
  double key;
  Index sample;
};

/// Sorts by key, lowest first.
inline void sort_by_key(Span<Ranked> samples) {
  std::sort(samples.begin(), samples.end(),
            [](const Ranked& left, const Ranked& right) { return left.key < right.key; });
}

/// Calls function(tied) with each run of equal keys of a ranking, in its order.
template <class Function>
void for_each_tie(Span<const Ranked> ranking, Function&& function) {
  for (std::size_t begin = 0; begin < ranking.size();) {
    std::size_t end = begin;
    while (end < ranking.size() && ranking[end].key == ranking[begin].key) ++end;
    function(ranking.subspan(begin, end - begin));
    begin = end;
  }
}

/// The samples with a label, one row of them; keys are the predictions.
/// @param look  look(sample) is called for each
template <class Look>
std::vector<Ranked> labelled_samples(const Evaluation& evaluation, Look&& look) {
  std::vector<Ranked> samples;
  for_each_label(evaluation, [&](Index, Index sample, double) {
    look(sample);
    samples.push_back({evaluation.predictions(0, sample), sample});
  });
  return samples;
}

/// Whether a key is not a number.
inline bool has_unknown_key(Span<const Ranked> samples) {
  return std::any_of(samples.begin(), samples.end(), [](const Ranked& one) { return std::isnan(one.key); });
}

/// Calls function(list) with the samples of each group, for it to sort. Keys are the predictions.
template <class Function>
void for_each_group(const Evaluation& evaluation, std::vector<Ranked> samples, Function&& function) {
  for (Ranked& one : samples) one.key = evaluation.groups[static_cast<std::size_t>(one.sample)];
  sort_by_key(samples);
  std::vector<Ranked> list;
  for_each_tie(samples, [&](Span<const Ranked> group) {
    list.assign(group.begin(), group.end());
    for (Ranked& one : list) one.key = evaluation.predictions(0, one.sample);
    function(Span<Ranked>(list));
  });
}

}  // namespace polytask
