/// @file
/// The rows of an embedding table: which row stands for which text.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/sort_places.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"
#include "polytask/data/codes.hpp"
#include "polytask/data/table.hpp"

#include <bit>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace polytask {

/// 64 bits from a text, the same on every platform: FNV-1a (Fowler, Noll, Vo), then the finaliser of SplitMix64,
/// because the low bits of FNV alone are poor.
constexpr std::uint64_t text_hash(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001B3u;
  hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9u;
  hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBu;
  return hash ^ (hash >> 31);
}

/// The texts of a category or list column, whichever it is. A view: the column must live on.
struct CodedTexts {
  Span<const std::string> names;
  Span<const std::int32_t> codes;  ///< index into names, or missing_code

  CodedTexts(const CategoryColumn& column) : names(column.names), codes(column.codes) {}  // NOLINT: any column will do
  CodedTexts(const ListColumn& column) : names(column.names), codes(column.codes) {}      // NOLINT

  static CodedTexts of(const Table::Column& column) {
    if (const auto* categories = std::get_if<CategoryColumn>(&column.values)) return *categories;
    return std::get<ListColumn>(column.values);
  }
};

struct VocabularyOptions {
  Index minimum_count = 1;  ///< a text that occurs fewer times in training shares the unknown entry
  Index hash_buckets = 0;   ///< above 0: no list of known texts, every text is hashed into one of that many rows
};

/// Which row of an embedding table stands for a text.
///
/// Row 0 is the unknown entry. If missing texts occur in training (minimum_count times at least), row 1 stands for
/// them, because a missing value is information; otherwise they are unknown. Then come the known texts, most frequent
/// first, ties in the order of their bytes; or the buckets.
///
/// With a minimum_count above 1 the unknown entry is trained by the rare texts. With 1 nothing trains it: it keeps the
/// value it was initialised with, so that should be zero. Buckets leave nothing unknown, at the price of collisions.
class Vocabulary {
 public:
  /// The unknown entry alone.
  Vocabulary() { index(); }

  /// Fits to all texts of the given columns together; several columns that speak of the same things (a product, the
  /// products viewed before) share one vocabulary.
  /// @throws ArgumentError when an option is out of range or both options are set
  static Vocabulary fit(const std::vector<CodedTexts>& columns, const VocabularyOptions& options = {}) {
    require(options.minimum_count >= 1, "a vocabulary's minimum_count must be at least 1, not ", options.minimum_count);
    require(options.hash_buckets >= 0 && options.hash_buckets <= most_rows - 2,
            "a vocabulary's hash_buckets must be 0 .. ", most_rows - 2, ", not ", options.hash_buckets);
    require(options.hash_buckets == 0 || options.minimum_count == 1, "a vocabulary with hash_buckets (",
            options.hash_buckets, ") keeps no counts, so its minimum_count must stay 1, not ", options.minimum_count);
    Index missing_texts = 0;
    std::vector<std::string> names;
    std::vector<Index> counts;  // of each name
    Codes codes(names);
    for (const auto& column : columns) {
      std::vector<Index> occurrences(column.names.size() + 1, 0);  // at code + 1: missing_code is -1
      for (const auto code : column.codes) ++occurrences[static_cast<std::size_t>(code + 1)];
      missing_texts += occurrences[0];
      for (std::size_t code = 0; code < column.names.size(); ++code) {
        const Index count = occurrences[code + 1];
        if (column.names[code].empty()) {
          missing_texts += count;
        } else if (count > 0 && options.hash_buckets == 0) {
          const auto known = static_cast<std::size_t>(codes.code(column.names[code]));
          if (known == counts.size()) counts.push_back(0);
          counts[known] += count;
        }
      }
    }
    std::vector<std::size_t> frequent;
    for (std::size_t name = 0; name < names.size(); ++name)
      if (counts[name] >= options.minimum_count) frequent.push_back(name);
    require<DataError>(static_cast<Index>(frequent.size()) <= most_rows - 2, "a vocabulary holds at most ",
                       most_rows - 2, " texts, not ", frequent.size(), "; hash them");
    sort_places(frequent, [&](std::size_t left, std::size_t right) {
      return counts[left] != counts[right] ? counts[left] > counts[right] : names[left] < names[right];
    });

    Vocabulary fitted;
    fitted.missing_seen_ = missing_texts >= options.minimum_count;
    fitted.hash_buckets_ = options.hash_buckets;
    fitted.names_.reserve(frequent.size());
    for (const auto name : frequent) fitted.names_.push_back(std::move(names[name]));
    fitted.index();
    return fitted;
  }

  /// Rows of the embedding table, the unknown entry and the entry for missing texts included.
  Index size() const { return first_row() + (hash_buckets_ > 0 ? hash_buckets_ : static_cast<Index>(names_.size())); }

  /// The row of a missing text.
  std::int32_t missing_row() const { return missing_seen_ ? 1 : 0; }

  /// The row of a text; an empty text is a missing one.
  std::int32_t row(std::string_view name) const {
    if (name.empty()) return missing_row();
    if (hash_buckets_ > 0)
      return static_cast<std::int32_t>(first_row() +
                                       static_cast<Index>(text_hash(name) % static_cast<std::uint64_t>(hash_buckets_)));
    const std::int32_t known = slots_[slot(name)];
    return known < 0 ? 0 : static_cast<std::int32_t>(first_row() + known);
  }

  /// The row of each name of a column: what translates the column's codes.
  std::vector<std::int32_t> rows_of(Span<const std::string> names) const {
    std::vector<std::int32_t> rows;
    rows.reserve(names.size());
    for (const auto& name : names) rows.push_back(row(name));
    return rows;
  }

  /// The row of every code of a column: each distinct text is looked up once.
  std::vector<std::int32_t> encode(const CodedTexts& column) const {
    const auto translation = rows_of(column.names);
    std::vector<std::int32_t> rows;
    rows.reserve(column.codes.size());
    for (const auto code : column.codes)
      rows.push_back(code == missing_code ? missing_row() : translation[static_cast<std::size_t>(code)]);
    return rows;
  }

  /// What a row stands for: "(unknown)", "(missing)", a known text, or "(bucket 17)".
  /// @throws ArgumentError when there is no such row
  std::string name(std::int32_t row) const {
    require(row >= 0 && row < size(), "there is no row ", row, " in a vocabulary of ", size(), " rows");
    if (row == 0) return "(unknown)";
    if (row < first_row()) return "(missing)";
    const Index place = row - first_row();
    return hash_buckets_ > 0 ? text("(bucket ", place, ")") : names_[static_cast<std::size_t>(place)];
  }

  /// Visits what a file keeps.
  /// @throws ArgumentError after reading when a text comes twice or the number of buckets is out of range
  template <class Self, class Visitor>
  static void configuration(Self& self, Visitor&& visit) {
    visit("names", self.names_);
    visit("hash_buckets", self.hash_buckets_);
    visit("missing_seen", self.missing_seen_);
    if constexpr (!std::is_const_v<Self>) {
      require(self.hash_buckets_ >= 0 && self.hash_buckets_ <= most_rows - 2, "a vocabulary has ", self.hash_buckets_,
              " hash buckets; expected 0 .. ", most_rows - 2);
      self.index();
    }
  }

  /// Whether the same texts have the same rows.
  bool operator==(const Vocabulary&) const = default;

 private:
  static constexpr Index most_rows = (std::numeric_limits<std::int32_t>::max)();

  /// The row of the first known text or bucket.
  Index first_row() const { return missing_seen_ ? 2 : 1; }

  /// The slot that holds the name, or the free one where it would go. Linear probing in a table at most half full.
  std::size_t slot(std::string_view name) const {
    const std::size_t last = slots_.size() - 1;
    std::size_t place = static_cast<std::size_t>(text_hash(name)) & last;
    while (slots_[place] >= 0 && names_[static_cast<std::size_t>(slots_[place])] != name) place = (place + 1) & last;
    return place;
  }

  void index() {
    slots_.assign(std::bit_ceil(2 * names_.size() + 1), -1);
    for (std::size_t place = 0; place < names_.size(); ++place) {
      const std::size_t free = slot(names_[place]);
      require(slots_[free] < 0, "a vocabulary holds the text '", names_[place], "' twice");
      slots_[free] = static_cast<std::int32_t>(place);
    }
  }

  std::vector<std::string> names_;
  std::vector<std::int32_t> slots_;  ///< hash table of indices into names_; -1 where free; follows from names_
  Index hash_buckets_ = 0;
  bool missing_seen_ = false;
};

}  // namespace polytask
