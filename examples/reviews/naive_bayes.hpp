/// @file
/// What a letter's words say one by one: naive Bayes.
#pragma once

#include "polytask/data/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace polytask::examples {

/// The logarithm of the odds of label 1 by the words of a list column, each word taken as if the others were not there:
/// sum over the distinct words of log P(word | 1) - log P(word | 0), counts of letters with the word, one added to
/// each.
inline std::vector<double> naive_bayes(const Table& train, const Table& letters, const std::string& column,
                                       const std::string& label) {
  const auto& lists = train.lists(column);
  const auto& labels = train.numbers(label).values;
  std::vector<double> with[2] = {std::vector<double>(lists.names.size(), 1.0),
                                 std::vector<double>(lists.names.size(), 1.0)};
  std::vector<Index> last(lists.names.size(), -1);
  double all[2] = {2, 2};
  for (Index row = 0; row < train.size(); ++row) {
    const auto which = labels[static_cast<std::size_t>(row)] > 0 ? 1 : 0;
    all[which] += 1;
    for (const auto code : lists.at(row)) {
      const auto word = static_cast<std::size_t>(code);
      if (last[word] != row) with[which][word] += 1;
      last[word] = row;
    }
  }
  std::unordered_map<std::string_view, double> odds;
  for (std::size_t word = 0; word < lists.names.size(); ++word)
    odds[lists.names[word]] = std::log(with[1][word] / all[1]) - std::log(with[0][word] / all[0]);
  const auto& asked = letters.lists(column);
  std::vector<double> scores;
  for (Index row = 0; row < letters.size(); ++row) {
    std::vector<std::int32_t> distinct(asked.at(row).begin(), asked.at(row).end());
    std::sort(distinct.begin(), distinct.end());
    distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
    double score = 0;
    for (const auto word : distinct)
      if (const auto found = odds.find(asked.names[static_cast<std::size_t>(word)]); found != odds.end())
        score += found->second;
    scores.push_back(score);
  }
  return scores;
}

}  // namespace polytask::examples
