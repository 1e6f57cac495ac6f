/// @file
/// Writing a table to a CSV file.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/replace_file.hpp"
#include "polytask/data/csv_fields.hpp"
#include "polytask/data/number_text.hpp"
#include "polytask/data/table.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <ios>
#include <ostream>
#include <string>
#include <string_view>
#include <system_error>
#include <variant>
#include <vector>

namespace polytask {

/// Writes the rows of one table, so that reading them with the same format gives the same values.
class CsvWriter {
 public:
  CsvWriter(std::ostream& stream, const Table& table, const CsvFormat& format)
      : stream_(stream), table_(table), format_(format) {
    CsvFields({}, table.place(), format);  // checks the separator
    require<DataError>(!table.columns().empty(), table.place(), "a table without columns cannot be written");
    if (format.header.empty())
      for (const auto& column : table.columns()) columns_.push_back(&column);
    else
      for (const auto& name : format.header) columns_.push_back(&table.column(name));
    for (const auto& column : table.columns())
      require<DataError>(std::count(columns_.begin(), columns_.end(), &column) == 1, table.place(), "column '",
                         column.name, "' must be named once by the header that is given");
  }

  void write() {
    if (format_.header.empty()) {
      for (const auto* column : columns_) {
        begin_field();
        require<DataError>(!column->name.empty(), table_.place(), "a column without a name cannot be written");
        put(column->name);
      }
      end_row();
    }
    for (Index row = 0; row < table_.size(); ++row) {
      for (const auto* column : columns_) {
        begin_field();
        std::visit([&](const auto& values) { put_value(values, column->name, row); }, column->values);
      }
      end_row();
    }
  }

 private:
  void begin_field() {
    if (inside_row_) line_ += format_.separator;
    inside_row_ = true;
  }

  void end_row() {
    if (line_.empty()) line_ = "\"\"";  // a single missing value; a blank line would not count as a row at the end
    line_ += '\n';
    stream_.write(line_.data(), static_cast<std::streamsize>(line_.size()));
    line_.clear();
    inside_row_ = false;
  }

  void put_value(const NumberColumn& column, const std::string& name, Index row) {
    const double value = column.values[static_cast<std::size_t>(row)];
    if (std::isnan(value)) return;
    require<DataError>(std::isfinite(value), table_.place(), "column '", name, "', row ", row,
                       ": an infinite number cannot be written");
    put(checked(shortest_text(value), name, row));
  }

  void put_value(const CategoryColumn& column, const std::string& name, Index row) {
    if (column.codes[static_cast<std::size_t>(row)] != missing_code) put(checked(column.at(row), name, row));
  }

  void put_value(const ListColumn& column, const std::string& name, Index row) {
    std::string items;
    for (const auto code : column.at(row)) {
      const auto& item = column.names[static_cast<std::size_t>(code)];
      require<DataError>(!item.empty() && item.find(format_.list_separator) == std::string::npos, table_.place(),
                         "column '", name, "', row ", row, ": the list item '", excerpt(item),
                         "' cannot be written, it is empty or holds the separator of lists");
      if (!items.empty()) items += format_.list_separator;
      items += item;
    }
    if (!items.empty()) put(checked(items, name, row));
  }

  /// A text that would be read as missing is refused.
  std::string_view checked(std::string_view text, const std::string& name, Index row) const {
    const bool lost = text.empty() || std::count(format_.missing.begin(), format_.missing.end(), text) > 0;
    require<DataError>(!lost, table_.place(), "column '", name, "', row ", row, ": the value '", excerpt(text),
                       "' cannot be written, it would be read as missing");
    return text;
  }

  /// Quotes stand round what would not be read back as it is: separators, quotes, line ends, blanks at either end, and
  /// a first byte that could be taken for a byte order mark.
  void put(std::string_view text) {
    const char special[] = {format_.separator, '"', '\n', '\r'};
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    const bool quoted = text.find_first_of(std::string_view(special, sizeof special)) != std::string_view::npos ||
                        blank(text.front()) || blank(text.back()) || text.front() == '\xEF';
    if (!quoted) {
      line_ += text;
      return;
    }
    line_ += '"';
    for (const char c : text) line_.append(c == '"' ? 2 : 1, c);
    line_ += '"';
  }

  std::ostream& stream_;
  const Table& table_;
  std::vector<const Table::Column*> columns_;  ///< in the order of the file
  CsvFormat format_;
  std::string line_;
  bool inside_row_ = false;
};

/// Writes a table to a stream: a header line, unless `format.header` says that files of this format have none and in
/// which order their columns stand, and a line for every row. Numbers have as many digits as reading them back exactly
/// takes.
/// @throws DataError when a value would not be read back: an infinite number, a text that means missing, an item of a
/// list that is empty or holds the separator of lists; when the table's columns are not those of `format.header`
/// @throws FileError when the stream fails
inline void write_csv(std::ostream& stream, const Table& table, const CsvFormat& format = {}) {
  CsvWriter(stream, table, format).write();
  require<FileError>(stream.good(), table.place(), "the table could not be written to the stream");
}

/// Writes a table to a file. The file changes only when all is written: after an exception it is as it was.
/// @throws DataError as above
/// @throws FileError naming the file when it cannot be written
inline void write_csv(const std::filesystem::path& path, const Table& table, const CsvFormat& format = {}) {
  replace_file(path, [&](std::ostream& stream) { CsvWriter(stream, table, format).write(); });
}

}  // namespace polytask
