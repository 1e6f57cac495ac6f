/// @file
/// Dividing a table into a part to train on and a part to test on.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/random.hpp"
#include "polytask/core/sort_places.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"
#include "polytask/data/table.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace polytask {

/// How rows are divided: at random, or by the column named in one of the three options.
struct SplitOptions {
  double test_fraction = 0.2;  ///< between 0 and 1, both excluded
  std::uint64_t seed = 1;

  /// Both parts have the same share of every value of this column; a missing value is a value of its own. A number
  /// column with more than 20 distinct values is divided into tenths by rank first.
  std::string stratify{};

  /// All rows with the same value of this column are in one part; rows without a value are one group too. The fraction
  /// is met as nearly as groups taken in random order allow.
  std::string group{};

  /// The latest rows by this column are the test part: numbers by value, texts by the order of their bytes, which is
  /// that of time for dates such as 2024-03-31. Rows of one time stay together, at the cut nearest to the fraction.
  std::string time{};
};

/// The two parts; the rows of each are in the order of the whole.
struct Split {
  Table train;
  Table test;
};

/// What the ways of dividing rows have in common. Each fills `test`, one flag a row.
class RowSplitter {
 public:
  RowSplitter(const Table& table, const SplitOptions& options)
      : table_(table),
        options_(options),
        random_(options.seed),
        test_(static_cast<std::size_t>(table.size()), std::uint8_t{0}) {
    const double fraction = options.test_fraction;
    require(fraction > 0 && fraction < 1, table.place(), "test_fraction must be between 0 and 1, got ", fraction);
    const int ways = int{!options.stratify.empty()} + int{!options.group.empty()} + int{!options.time.empty()};
    require(ways <= 1, table.place(), "a split takes one of stratify, group and time, got ", ways, " of them");
  }

  std::pair<std::vector<Index>, std::vector<Index>> split() {
    if (!options_.stratify.empty())
      stratified(strata(options_.stratify));
    else if (!options_.group.empty())
      by_group(ranks(options_.group));
    else if (!options_.time.empty())
      by_time(ranks(options_.time));
    else
      stratified(std::vector<Index>(test_.size(), 0));

    std::pair<std::vector<Index>, std::vector<Index>> rows;
    for (std::size_t row = 0; row < test_.size(); ++row)
      (test_[row] != 0 ? rows.second : rows.first).push_back(static_cast<Index>(row));
    require<DataError>(!rows.first.empty() && !rows.second.empty(), table_.place(), "the ",
                       rows.first.empty() ? "train" : "test", " part of a split of ", test_.size(),
                       " rows would be empty, with test_fraction ", options_.test_fraction, by());
    return rows;
  }

 private:
  /// The option in use, for messages.
  std::string by() const {
    if (!options_.stratify.empty()) return ", stratified by '" + options_.stratify + "'";
    if (!options_.group.empty()) return ", by groups of '" + options_.group + "'";
    if (!options_.time.empty()) return ", by the time '" + options_.time + "'";
    return {};
  }

  /// Rows of the test part among the first `rows` ones.
  Index share(std::size_t rows) const {
    return static_cast<Index>(std::llround(static_cast<double>(rows) * options_.test_fraction));
  }

  /// For each row the rank of its value among the distinct ones of the column, from 0; -1 where it is missing.
  std::vector<Index> ranks(const std::string& name) const {
    const auto& values = table_.column(name).values;
    if (const auto* numbers = std::get_if<NumberColumn>(&values)) {
      std::vector<double> sorted;
      for (const double value : numbers->values)
        if (!std::isnan(value)) sorted.push_back(value);
      std::sort(sorted.begin(), sorted.end());
      sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
      const auto rank = [&](double value) {
        return std::lower_bound(sorted.begin(), sorted.end(), value) - sorted.begin();
      };
      std::vector<Index> ranks;
      for (const double value : numbers->values) ranks.push_back(std::isnan(value) ? -1 : rank(value));
      return ranks;
    }
    const auto& categories = table_.categories(name);  // throws for lists
    std::vector<std::size_t> order(categories.names.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    sort_places(order,
                [&](std::size_t left, std::size_t right) { return categories.names[left] < categories.names[right]; });
    std::vector<Index> rank_of_code(order.size());
    for (std::size_t rank = 0; rank < order.size(); ++rank) rank_of_code[order[rank]] = static_cast<Index>(rank);
    std::vector<Index> ranks;
    for (const auto code : categories.codes)
      ranks.push_back(code == missing_code ? -1 : rank_of_code[static_cast<std::size_t>(code)]);
    return ranks;
  }

  /// For each row its stratum.
  std::vector<Index> strata(const std::string& name) const {
    auto strata = ranks(name);
    const bool numbers = std::holds_alternative<NumberColumn>(table_.column(name).values);
    if (!numbers || count_of(strata) <= 20) return strata;
    // Tenths: the number of present rows below a value decides, so that equal values stay together.
    const auto ends = ends_of(strata);
    const std::size_t present = ends.back() - ends.front();
    for (Index& rank : strata)
      if (rank >= 0) rank = static_cast<Index>((ends[static_cast<std::size_t>(rank)] - ends.front()) * 10 / present);
    return strata;
  }

  static Index count_of(const std::vector<Index>& ranks) {
    return ranks.empty() ? 0 : *std::max_element(ranks.begin(), ranks.end()) + 1;
  }

  /// How many rows come up to the end of each rank, if the missing ones come first and the others by rank: at rank + 1.
  static std::vector<std::size_t> ends_of(const std::vector<Index>& ranks) {
    std::vector<std::size_t> ends(static_cast<std::size_t>(count_of(ranks) + 1));
    for (const Index rank : ranks) ++ends[static_cast<std::size_t>(rank + 1)];
    std::partial_sum(ends.begin(), ends.end(), ends.begin());
    return ends;
  }

  /// The rows of each group, groups by rank, the missing ones first: views of rows_, until the next call.
  std::vector<Span<std::size_t>> members(const std::vector<Index>& ranks) {
    const auto ends = ends_of(ranks);  // in rows_
    rows_.resize(ranks.size());
    auto begins = ends;
    for (std::size_t row = ranks.size(); row-- > 0;) rows_[--begins[static_cast<std::size_t>(ranks[row] + 1)]] = row;
    std::vector<Span<std::size_t>> members;
    for (std::size_t group = 0; group < ends.size(); ++group)
      if (begins[group] < ends[group]) members.emplace_back(&rows_[begins[group]], ends[group] - begins[group]);
    return members;
  }

  /// From each stratum its share at random. Rounding the running total instead of every share gives each stratum its
  /// share to within one row, and all of them together the exact total, however many strata are small.
  void stratified(const std::vector<Index>& strata) {
    auto groups = members(strata);
    random_.shuffle(groups);
    std::size_t before = 0;
    for (const auto& rows : groups) {
      random_.shuffle(rows);
      const Index chosen = share(before + rows.size()) - share(before);
      for (Index place = 0; place < chosen; ++place) test_[rows[static_cast<std::size_t>(place)]] = 1;
      before += rows.size();
    }
  }

  /// Groups in random order; one is taken when that brings the test part nearer to its size. With two groups or more
  /// no part stays empty: the smallest group goes to the empty one.
  void by_group(const std::vector<Index>& ranks) {
    auto groups = members(ranks);
    random_.shuffle(groups);
    const Index wanted = share(test_.size());
    Index taken = 0;
    for (const auto& rows : groups) {
      const auto size = static_cast<Index>(rows.size());
      if (std::abs(taken + size - wanted) >= std::abs(taken - wanted)) continue;
      for (const auto row : rows) test_[row] = 1;
      taken += size;
    }
    const bool all = taken == static_cast<Index>(test_.size());
    if (groups.size() < 2 || (taken > 0 && !all)) return;
    const auto smallest = std::min_element(
        groups.begin(), groups.end(), [](const auto& left, const auto& right) { return left.size() < right.size(); });
    for (const auto row : *smallest) test_[row] = all ? 0 : 1;
  }

  void by_time(const std::vector<Index>& ranks) {
    const auto absent = std::find(ranks.begin(), ranks.end(), -1);
    require<DataError>(absent == ranks.end(), table_.place(), "column '", options_.time,
                       "' must have a time in every row to split by, it has none in row ", absent - ranks.begin());
    const auto size = static_cast<Index>(ranks.size());
    const Index cut = size - share(ranks.size());
    if (cut == 0 || cut == size) {
      std::fill(test_.begin(), test_.end(), cut == 0 ? std::uint8_t{1} : std::uint8_t{0});
      return;
    }
    // In their order, the rows of the time at the cut are begin .. end - 1; the cut moves to the nearer end of them
    // that leaves no part empty.
    const auto ends = ends_of(ranks);
    const auto next = std::upper_bound(ends.begin(), ends.end(), static_cast<std::size_t>(cut));
    const Index time = next - ends.begin() - 1;
    const auto begin = static_cast<Index>(next[-1]);
    const auto end = static_cast<Index>(next[0]);
    const bool at_end = begin == 0 || (end < size && end - cut < cut - begin);
    for (std::size_t row = 0; row < ranks.size(); ++row) test_[row] = at_end ? ranks[row] > time : ranks[row] >= time;
  }

  const Table& table_;
  const SplitOptions& options_;
  Random random_;
  std::vector<std::uint8_t> test_;
  std::vector<std::size_t> rows_;  ///< by group
};

/// The rows of the train part and of the test part, both in rising order; the same for the same seed everywhere.
/// @throws ArgumentError when the fraction is not between 0 and 1, or more than one of stratify, group, time is given
/// @throws DataError when there is no such column, it holds lists, a time is missing, or a part would be empty
inline std::pair<std::vector<Index>, std::vector<Index>> split_rows(const Table& table,
                                                                    const SplitOptions& options = {}) {
  return RowSplitter(table, options).split();
}

/// The two parts as tables: `const auto [train, test] = split(table, {.test_fraction = 0.3});`
/// @throws as `split_rows`
inline Split split(const Table& table, const SplitOptions& options = {}) {
  const auto [train, test] = split_rows(table, options);
  return {table.rows(train), table.rows(test)};
}

}  // namespace polytask
