/// @file
/// A table of named columns: what is read from a file, before anything is fitted or scaled.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/core/views.hpp"
#include "polytask/data/codes.hpp"

#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace polytask {

/// A missing number.
inline constexpr double missing = std::numeric_limits<double>::quiet_NaN();

/// The code of a missing category.
inline constexpr std::int32_t missing_code = -1;

/// Numbers; NaN where the value is missing.
struct NumberColumn {
  std::vector<double> values;

  Index size() const { return static_cast<Index>(values.size()); }
};

/// Texts, each distinct one stored once.
struct CategoryColumn {
  std::vector<std::int32_t> codes;  ///< index into names; missing_code where the value is missing
  std::vector<std::string> names;   ///< the distinct texts, in order of first appearance

  Index size() const { return static_cast<Index>(codes.size()); }

  /// The text of a row; empty when it is missing.
  std::string_view at(Index row) const {
    const auto code = codes[static_cast<std::size_t>(row)];
    return code == missing_code ? std::string_view{} : std::string_view{names[static_cast<std::size_t>(code)]};
  }
};

/// A list of texts in every row, for example the items a customer viewed; an empty list is an ordinary value.
struct ListColumn {
  std::vector<std::int64_t> offsets{0};  ///< row r holds codes[offsets[r]] .. codes[offsets[r + 1] - 1]
  std::vector<std::int32_t> codes;       ///< index into names
  std::vector<std::string> names;        ///< the distinct texts, in order of first appearance

  Index size() const { return static_cast<Index>(offsets.size()) - 1; }

  Span<const std::int32_t> at(Index row) const {
    const auto first = offsets[static_cast<std::size_t>(row)];
    const auto last = offsets[static_cast<std::size_t>(row) + 1];
    return Span(codes).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
  }
};

/// What a column is for.
enum class Use {
  feature,  ///< an input of the model
  label,    ///< what a task predicts: a number, or a category for classes
  weight,   ///< the weight of the sample
  key       ///< neither: customer, date, anything to split or group by
};

/// Named columns of one length.
class Table {
 public:
  using Values = std::variant<NumberColumn, CategoryColumn, ListColumn>;

  struct Column {
    std::string name;
    Use use;
    Values values;
  };

  Table() = default;

  /// A table whose errors name where it came from, for example a file.
  explicit Table(std::string source) : source_(std::move(source)) {}

  /// Adds a column.
  /// @throws DataError when the name is taken or the length differs from the other columns'
  Table& add(std::string name, Use use, Values values) {
    const Index size = std::visit([](const auto& column) { return column.size(); }, values);
    require<DataError>(!has(name), place(), "there are two columns named '", name, "'");
    require<DataError>(columns_.empty() || size == size_, place(), "column '", name, "' has ", size,
                       " rows where the others have ", size_);
    size_ = size;
    columns_.push_back({std::move(name), use, std::move(values)});
    return *this;
  }

  Table& add_numbers(std::string name, std::vector<double> values, Use use = Use::feature) {
    return add(std::move(name), use, NumberColumn{std::move(values)});
  }

  Table& add_categories(std::string name, Span<const std::string> values, Use use = Use::feature) {
    CategoryColumn column;
    Codes codes(column.names);
    column.codes.reserve(values.size());
    for (const auto& value : values) column.codes.push_back(value.empty() ? missing_code : codes.code(value));
    return add(std::move(name), use, std::move(column));
  }

  Table& add_categories(std::string name, std::initializer_list<std::string> values, Use use = Use::feature) {
    return add_categories(std::move(name), Span(values.begin(), values.size()), use);
  }

  Table& add_lists(std::string name, Span<const std::vector<std::string>> values, Use use = Use::feature) {
    ListColumn column;
    Codes codes(column.names);
    for (const auto& items : values) {
      for (const auto& item : items) column.codes.push_back(codes.code(item));
      column.offsets.push_back(static_cast<std::int64_t>(column.codes.size()));
    }
    return add(std::move(name), use, std::move(column));
  }

  Index size() const { return size_; }
  const std::vector<Column>& columns() const { return columns_; }

  /// Where the table came from; empty for one made in the program.
  const std::string& source() const { return source_; }

  bool has(std::string_view name) const { return find(name) != nullptr; }

  /// @throws DataError naming the known columns when there is none of this name
  const Column& column(std::string_view name) const {
    const Column* found = find(name);
    if (found == nullptr)
      fail<DataError>({place(), "there is no column '", name, "'; there are: ", list_of(columns_, &Column::name)});
    return *found;
  }

  /// @throws DataError when there is no such column or it does not hold numbers (categories, lists)
  const NumberColumn& numbers(std::string_view name) const { return typed<NumberColumn>(name, "numbers"); }
  const CategoryColumn& categories(std::string_view name) const { return typed<CategoryColumn>(name, "categories"); }
  const ListColumn& lists(std::string_view name) const { return typed<ListColumn>(name, "lists"); }

  /// The same columns, with the given rows in the given order; a row may come several times.
  /// @throws ArgumentError when there is no such row
  Table rows(Span<const Index> chosen) const {
    for (const Index row : chosen)
      require(row >= 0 && row < size(), place(), "there is no row ", row, " (counted from 0) of ", size());
    Table part(source_);
    for (const auto& column : columns_)
      part.add(column.name, column.use,
               std::visit([&](const auto& values) { return Values(pick(values, chosen)); }, column.values));
    part.size_ = static_cast<Index>(chosen.size());
    part.origins_.reserve(chosen.size());
    for (const Index row : chosen) part.origins_.push_back(origin(row));
    return part;
  }

  /// A row's number in the table that it was first a row of, before any division by rows().
  Index origin(Index row) const { return origins_.empty() ? row : origins_[static_cast<std::size_t>(row)]; }

  /// "row 7 (counted from 0)" for a message, by its origin.
  std::string row_name(Index row) const { return text("row ", origin(row), " (counted from 0)"); }

  /// "file.csv: " for the front of a message, or nothing: a view, so that the table must live on.
  SourceName place() const& { return {source_}; }
  SourceName place() const&& = delete;

 private:
  const Column* find(std::string_view name) const {
    for (const auto& column : columns_)
      if (column.name == name) return &column;
    return nullptr;
  }

  template <class Kind>
  const Kind& typed(std::string_view name, std::string_view kind) const {
    const auto* values = std::get_if<Kind>(&column(name).values);
    require<DataError>(values != nullptr, place(), "column '", name, "' does not hold ", kind);
    return *values;
  }

  static NumberColumn pick(const NumberColumn& from, Span<const Index> chosen) {
    NumberColumn part;
    part.values.reserve(chosen.size());
    for (const Index row : chosen) part.values.push_back(from.values[static_cast<std::size_t>(row)]);
    return part;
  }

  static CategoryColumn pick(const CategoryColumn& from, Span<const Index> chosen) {
    CategoryColumn part{{}, from.names};
    part.codes.reserve(chosen.size());
    for (const Index row : chosen) part.codes.push_back(from.codes[static_cast<std::size_t>(row)]);
    return part;
  }

  static ListColumn pick(const ListColumn& from, Span<const Index> chosen) {
    ListColumn part{{0}, {}, from.names};
    for (const Index row : chosen) {
      for (const auto item : from.at(row)) part.codes.push_back(item);
      part.offsets.push_back(static_cast<std::int64_t>(part.codes.size()));
    }
    return part;
  }

  std::string source_;
  std::vector<Index> origins_;  ///< of the rows; empty: each is its own
  Index size_ = 0;
  std::vector<Column> columns_;
};

}  // namespace polytask
