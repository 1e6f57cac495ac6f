/// @file
/// Reading a table from a CSV file.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/data/codes.hpp"
#include "polytask/data/csv_fields.hpp"
#include "polytask/data/number_text.hpp"
#include "polytask/data/table.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <ios>
#include <list>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace polytask {

/// Which columns of a file are read and what each is for; the others are passed over without being looked at.
struct CsvColumns {
  std::vector<std::string> numbers{};     ///< features that are numbers
  std::vector<std::string> categories{};  ///< features that are texts
  std::vector<std::string> lists{};       ///< features that are lists of texts; an empty field is an empty list
  std::vector<std::string> labels{};      ///< labels that are numbers, or true and false in any case, read as 1 and 0
  std::vector<std::string> classes{};     ///< labels that are texts, the names of classes
  std::vector<std::string> keys{};        ///< texts to split or group by: customer, date
  std::string weight{};                   ///< the weight of the sample, zero or more; none if empty
};

/// Takes the fields of one file into the columns asked for.
class CsvReader {
 public:
  CsvReader(std::string source, const CsvColumns& columns, const CsvFormat& format)
      : table_(std::move(source)), format_(format) {
    for (const auto& text : format.missing) {
      double ignored = 0;
      if (parse_number(text, ignored)) number_may_be_missing_ = true;
    }
    ask(columns.numbers, Use::feature, Kind::number);
    ask(columns.categories, Use::feature, Kind::category);
    ask(columns.lists, Use::feature, Kind::list);
    ask(columns.labels, Use::label, Kind::label);
    ask(columns.classes, Use::label, Kind::category);
    ask(columns.keys, Use::key, Kind::category);
    if (!columns.weight.empty()) ask({columns.weight}, Use::weight, Kind::weight);
    require(!targets_.empty(), table_.place(), "no columns are asked for");
  }

  Table read(std::string_view text) {
    CsvFields fields(text, table_.place(), format_);
    require<DataError>(!fields.at_end(), table_.place(), "the file is empty");
    if (format_.header.empty()) {
      std::vector<std::string> header;
      fields.start_row();
      while (!fields.row_ended()) header.push_back(std::string(fields.field()));
      find_columns(header);
    } else {
      find_columns(format_.header);
    }
    const std::size_t whole = fields.left();
    Index rows = 0;
    while (!fields.at_end()) {
      read_row(fields);
      if (++rows == 1000) reserve(whole * 1100 / (whole - fields.left()));  // ten per cent to spare
    }
    return finished();
  }

 private:
  enum class Kind { skipped, number, label, weight, category, list };

  /// A column of the table as it grows.
  struct Target {
    Target(std::string column, Use column_use, Kind column_kind)
        : name(std::move(column)), use(column_use), kind(column_kind) {}

    std::string name;
    Use use;
    Kind kind;
    std::vector<double> numbers{};
    std::vector<std::int32_t> codes{};
    std::vector<std::int64_t> offsets{0};
    std::vector<std::string> texts{};
    Codes numbering{texts};
  };

  /// What becomes of a column of the file.
  struct Source {
    Kind kind = Kind::skipped;
    Target* target = nullptr;
  };

  void ask(const std::vector<std::string>& names, Use use, Kind kind) {
    for (const auto& name : names) targets_.emplace_back(name, use, kind);
  }

  /// Connects the columns of the file with those asked for. A column without a name cannot be asked for.
  void find_columns(const std::vector<std::string>& header) {
    const std::string_view line = format_.header.empty() ? "line 1: " : "";
    std::vector<std::string> names;
    Codes codes(names);
    std::vector<std::size_t> places;  // of the names in the header, by their code
    for (std::size_t column = 0; column < header.size(); ++column) {
      if (header[column].empty()) continue;
      require<DataError>(static_cast<std::size_t>(codes.code(header[column])) == places.size(), table_.place(), line,
                         "there are two columns named '", header[column], "'");
      places.push_back(column);
    }
    sources_.assign(header.size(), Source{});
    for (auto& target : targets_) {
      const auto code = static_cast<std::size_t>(codes.code(target.name));
      if (code >= places.size()) {
        fail<DataError>({table_.place(), line, "there is no column '", target.name,
                         "'; there are: ", list_of(header, [](const std::string& name) { return excerpt(name); }),
                         header.size() == 1 ? " (one column: is the format's separator another one?)" : ""});
      }
      auto& source = sources_[places[code]];
      require<DataError>(source.target == nullptr, table_.place(), "column '", target.name, "' is asked for twice");
      source = {target.kind, &target};
    }
  }

  void reserve(std::size_t rows) {
    for (auto& target : targets_) {
      if (target.kind == Kind::category)
        target.codes.reserve(rows);
      else if (target.kind == Kind::list)
        target.offsets.reserve(rows + 1);
      else
        target.numbers.reserve(rows);
    }
  }

  void read_row(CsvFields& fields) {
    fields.start_row();
    std::size_t count = 0;
    for (const auto& [kind, target] : sources_) {
      if (fields.row_ended()) throw wrong_width(fields, count);
      ++count;
      switch (kind) {
        case Kind::skipped:
          fields.skip();
          break;
        case Kind::category:
          target->codes.push_back(category(fields.field(), *target));
          break;
        case Kind::list:
          add_list(fields.field(), *target);
          break;
        default: {
          double value = 0;
          if (number_may_be_missing_ || !fields.short_number(value)) value = number(fields, *target);
          if (kind == Kind::weight && !(value >= 0)) throw wrong_weight(fields, *target, value);
          target->numbers.push_back(value);
        }
      }
    }
    if (fields.row_ended()) return;
    for (; !fields.row_ended(); ++count) fields.skip();
    throw wrong_width(fields, count);
  }

  bool means_missing(std::string_view text) const {
    return text.empty() || (!format_.missing.empty() &&
                            std::find(format_.missing.begin(), format_.missing.end(), text) != format_.missing.end());
  }

  double number(CsvFields& fields, const Target& target) const {
    const std::string_view text = fields.trimmed(fields.field());
    if (means_missing(text)) return missing;
    double value = 0;
    if (parse_number(text, value)) return value;
    const bool label = target.kind == Kind::label;
    if (label && same_word(text, "true")) return 1;
    if (label && same_word(text, "false")) return 0;
    throw fields.error("column '", target.name, "': expected a number", label ? ", true or false" : "", ", got '",
                       excerpt(text), "'",
                       often_missing(text) ? " (texts that mean a missing value are named in CsvFormat::missing)" : "");
  }

  /// Whether other programs write this for a missing value.
  static bool often_missing(std::string_view text) {
    constexpr std::array<std::string_view, 8> words{"na", "n/a", "nan", "null", "none", "?", "-", "."};
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return same_word(text, word); });
  }

  /// Equal but for the case of letters; the word is in small ones.
  static bool same_word(std::string_view text, std::string_view word) {
    return std::equal(text.begin(), text.end(), word.begin(), word.end(),
                      [](char c, char small) { return (c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) == small; });
  }

  std::int32_t category(std::string_view text, Target& target) const {
    return means_missing(text) ? missing_code : target.numbering.code(text);
  }

  void add_list(std::string_view text, Target& target) const {
    if (!means_missing(text)) {
      while (!text.empty()) {
        const std::size_t end = (std::min)(text.find(format_.list_separator), text.size());
        if (end > 0) target.codes.push_back(target.numbering.code(text.substr(0, end)));
        text.remove_prefix((std::min)(end + 1, text.size()));
      }
    }
    target.offsets.push_back(static_cast<std::int64_t>(target.codes.size()));
  }

  DataError wrong_width(const CsvFields& fields, std::size_t count) const {
    return fields.error("the row has ", count, count == 1 ? " field" : " fields", ", expected ", sources_.size());
  }

  static DataError wrong_weight(const CsvFields& fields, const Target& target, double value) {
    const auto got = std::isnan(value) ? std::string("none") : text(value);
    return fields.error("column '", target.name, "': expected a weight of zero or more, got ", got);
  }

  Table finished() {
    for (auto& target : targets_) {
      auto& [name, use, kind, numbers, codes, offsets, texts, numbering] = target;
      if (kind == Kind::category)
        table_.add(std::move(name), use, CategoryColumn{std::move(codes), std::move(texts)});
      else if (kind == Kind::list)
        table_.add(std::move(name), use, ListColumn{std::move(offsets), std::move(codes), std::move(texts)});
      else
        table_.add(std::move(name), use, NumberColumn{std::move(numbers)});
    }
    return std::move(table_);
  }

  Table table_;
  CsvFormat format_;
  bool number_may_be_missing_ = false;  // a text that means missing looks like a number, for example -1
  std::list<Target> targets_;           // stay where they are
  std::vector<Source> sources_;         // one for each column of the file
};

/// Reads the columns asked for from a text in memory. The table has them in the order of `CsvColumns`: numbers,
/// categories, lists, labels, classes, keys, weight; so files with the same columns in another order give equal tables.
/// An empty field is a missing value, in quotes too; empty items of a list are left out.
/// @param source what messages call the text
/// @throws DataError naming source, line and column: an unknown column, one asked for twice or named twice in the
/// header, a row with too few or too many fields, a quote not closed, text that is no number, a weight that is negative
/// or missing, a text without any line
/// @throws ArgumentError when no column is asked for or the separator cannot be one
inline Table parse_csv(std::string_view text, std::string source, const CsvColumns& columns,
                       const CsvFormat& format = {}) {
  return CsvReader(std::move(source), columns, format).read(text);
}

/// Reads the columns asked for from a file, which must fit into memory; else as `parse_csv`.
/// @throws DataError also when the file cannot be read
inline Table read_csv(const std::filesystem::path& path, const CsvColumns& columns, const CsvFormat& format = {}) {
  const std::string name = path.string();
  CsvReader reader(name, columns, format);
  std::ifstream file(path, std::ios::binary);
  require<DataError>(file.is_open(), name, ": the file cannot be opened");
  std::error_code unknown;
  const auto size = std::filesystem::file_size(path, unknown);
  std::string content(unknown ? std::size_t{1} << 16 : static_cast<std::size_t>(size) + 1, '\0');
  std::size_t filled = 0;
  for (;;) {
    file.read(content.data() + filled, static_cast<std::streamsize>(content.size() - filled));
    filled += static_cast<std::size_t>(file.gcount());
    if (filled < content.size()) break;
    content.resize(2 * content.size());
  }
  require<DataError>(!file.bad(), name, ": the file cannot be read");
  return reader.read(std::string_view(content).substr(0, filled));
}

}  // namespace polytask
