/// @file
/// Several tables, one below the other.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/span.hpp"
#include "polytask/data/codes.hpp"
#include "polytask/data/table.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace polytask {

/// Stacks one column; the tables have it in the same kind or not at all.
class ColumnStack {
 public:
  explicit ColumnStack(Span<const Table> tables) : tables_(tables) {}

  /// @param like the column as the first table that has it has it
  Table::Values stacked(const Table::Column& like) const {
    return std::visit([&](const auto& column) { return Table::Values(stacked(like.name, column)); }, like.values);
  }

 private:
  NumberColumn stacked(const std::string& name, const NumberColumn&) const {
    NumberColumn all;
    for (const auto& table : tables_) {
      if (!table.has(name)) {
        all.values.resize(all.values.size() + static_cast<std::size_t>(table.size()), missing);
        continue;
      }
      const auto& part = table.numbers(name).values;
      all.values.insert(all.values.end(), part.begin(), part.end());
    }
    return all;
  }

  CategoryColumn stacked(const std::string& name, const CategoryColumn&) const {
    CategoryColumn all;
    Codes numbering(all.names);
    for (const auto& table : tables_) {
      if (!table.has(name)) {
        all.codes.resize(all.codes.size() + static_cast<std::size_t>(table.size()), missing_code);
        continue;
      }
      const auto& part = table.categories(name);
      const auto renumbered = codes_of(part.names, numbering);
      for (const auto code : part.codes)
        all.codes.push_back(code == missing_code ? missing_code : renumbered[static_cast<std::size_t>(code)]);
    }
    return all;
  }

  ListColumn stacked(const std::string& name, const ListColumn&) const {
    ListColumn all;
    Codes numbering(all.names);
    for (const auto& table : tables_) {
      const auto before = static_cast<std::int64_t>(all.codes.size());
      if (!table.has(name)) {
        all.offsets.resize(all.offsets.size() + static_cast<std::size_t>(table.size()), before);
        continue;
      }
      const auto& part = table.lists(name);
      const auto renumbered = codes_of(part.names, numbering);
      for (const auto code : part.codes) all.codes.push_back(renumbered[static_cast<std::size_t>(code)]);
      for (Index row = 1; row <= part.size(); ++row)
        all.offsets.push_back(before + part.offsets[static_cast<std::size_t>(row)]);
    }
    return all;
  }

  /// The common code of every text of one table.
  static std::vector<std::int32_t> codes_of(const std::vector<std::string>& names, Codes& numbering) {
    std::vector<std::int32_t> codes;
    codes.reserve(names.size());
    for (const auto& name : names) codes.push_back(numbering.code(name));
    return codes;
  }

  Span<const Table> tables_;
};

/// The rows of all tables, one table after the other, for example when each task has a data set of its own.
///
/// The columns are those of all tables by name, in order of first appearance. Where a table lacks a column its
/// rows have missing values there, empty lists in a column of lists.
/// @throws DataError when a column is of another kind or use in another table, or only some tables have a weight
inline Table stack(Span<const Table> tables) {
  const auto place = [&](std::size_t which) {
    const auto& source = tables[which].source();
    return source.empty() ? text("table ", which + 1) : source;
  };
  constexpr std::string_view kinds[] = {"numbers", "categories", "lists"};
  constexpr std::string_view uses[] = {"feature", "label", "weight", "key"};

  std::vector<const Table::Column*> columns;  // as the first table has it that has the column at all
  std::vector<std::size_t> firsts;            // that table
  std::string sources;
  for (std::size_t which = 0; which < tables.size(); ++which) {
    const auto& source = tables[which].source();
    const auto same = [&](const Table& table) { return table.source() == source; };
    if (!source.empty() && std::none_of(tables.begin(), tables.begin() + static_cast<std::ptrdiff_t>(which), same))
      sources += (sources.empty() ? "" : " + ") + source;
    for (const auto& column : tables[which].columns()) {
      std::size_t known = 0;
      while (known < columns.size() && columns[known]->name != column.name) ++known;
      if (known == columns.size()) {
        columns.push_back(&column);
        firsts.push_back(which);
        continue;
      }
      const auto* other = columns[known];
      const auto first = firsts[known];
      require<DataError>(column.values.index() == other->values.index(), place(which), ": column '", column.name,
                         "' holds ", kinds[column.values.index()], ", but ", kinds[other->values.index()], " in ",
                         place(first));
      require<DataError>(column.use == other->use, place(which), ": column '", column.name, "' is a ",
                         uses[static_cast<std::size_t>(column.use)], ", but a ",
                         uses[static_cast<std::size_t>(other->use)], " in ", place(first));
    }
  }
  for (std::size_t known = 0; known < columns.size(); ++known)
    for (std::size_t which = 0; columns[known]->use == Use::weight && which < tables.size(); ++which)
      require<DataError>(tables[which].has(columns[known]->name) || tables[which].size() == 0, place(which),
                         ": there is no weight '", columns[known]->name, "', but there is one in ",
                         place(firsts[known]));

  Table all(std::move(sources));
  for (const auto* column : columns) all.add(column->name, column->use, ColumnStack(tables).stacked(*column));
  return all;
}

inline Table stack(std::initializer_list<Table> tables) { return stack(Span(tables.begin(), tables.size())); }

}  // namespace polytask
