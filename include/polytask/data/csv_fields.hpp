/// @file
/// Cuts the text of a CSV file into rows and fields.
#pragma once

#include "polytask/core/errors.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask {

/// How a CSV file is written.
struct CsvFormat {
  char separator = ',';                ///< between fields; no quote, line end, letter, digit, point or sign
  char list_separator = ' ';           ///< between the items inside a field of a list column
  std::vector<std::string> header{};   ///< the names where the file has no header line: then its first line is data
  std::vector<std::string> missing{};  ///< texts that mean missing besides the empty field, for example "?"
  bool trim = true;                    ///< drop blanks (spaces, tabs) round unquoted fields and round numbers
};

/// A walk over the fields of a text in the form of RFC 4180: fields may be quoted, a quoted field may hold separators,
/// line ends and doubled quotes; a line ends with LF or CR LF, the last one with nothing too. A CR elsewhere, a quote
/// inside an unquoted field and every other byte are ordinary text. Blank lines at the end of the text are left out.
///
/// The walk never reads beyond the text, whatever bytes it holds. Its errors name the line where the row begins.
class CsvFields {
 public:
  /// @param text   must outlive this object
  /// @param source front of every message; its name must outlive this object, too
  /// @throws ArgumentError when the separator is a quote, a line end or may be part of a number
  CsvFields(std::string_view text, SourceName source, const CsvFormat& format)
      : source_(source), separator_(format.separator), trim_(format.trim) {
    const bool ordinary = separator_ != '"' && separator_ != '\n' && separator_ != '\r' && separator_ != '.' &&
                          separator_ != '+' && separator_ != '-' && !digit(separator_) &&
                          !(separator_ >= 'a' && separator_ <= 'z') && !(separator_ >= 'A' && separator_ <= 'Z');
    require(ordinary, source_,
            "the separator of fields must not be a quote, a line end, a letter, a digit, a point or a sign");
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    begin_ = text.data();
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    text = without_blank_end(text);
    next_ = row_ = text.data();
    end_ = next_ + text.size();
  }

  /// No row is left. To be asked between rows only.
  bool at_end() const { return next_ == end_; }

  /// Bytes not yet walked over.
  std::size_t left() const { return static_cast<std::size_t>(end_ - next_); }

  /// Begins a row; fields follow until `row_ended()`.
  void start_row() {
    row_ = next_;
    row_ended_ = false;
  }

  /// The last field taken was the last one of its row.
  bool row_ended() const { return row_ended_; }

  /// Takes the next field without its quotes. The text is valid until the next call.
  /// @throws DataError when a quote is not closed or text follows a closed one
  std::string_view field() {
    const char* first = after_blanks(next_);
    if (first != end_ && *first == '"') return quoted(first + 1);
    const char* last = end_of_field(first);
    finish(last);
    if (row_ended_ && last != first && last[-1] == '\r') --last;
    return trimmed({first, static_cast<std::size_t>(last - first)});
  }

  /// Takes the next field and drops it.
  void skip() {
    const char* first = after_blanks(next_);
    if (first != end_ && *first == '"')
      quoted(first + 1);
    else
      finish(end_of_field(first));
  }

  /// Takes the next field if it is a short decimal number such as -12.50, which is nearly every number of nearly every
  /// file; else takes nothing and returns false. The value is the double nearest to the decimal: digits below 2^53 and
  /// powers of ten up to 10^22 are exact doubles, so that the one division is the only rounding (Clinger 1990).
  bool short_number(double& value) {
    static constexpr double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,
                                        1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19};
    const char* at = after_blanks(next_);
    const bool negative = at != end_ && *at == '-';
    if (negative) ++at;
    std::uint64_t digits = 0;
    const char* const whole = at;
    for (; at != end_ && digit(*at); ++at) digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');
    std::ptrdiff_t count = at - whole;
    std::ptrdiff_t decimals = 0;
    if (at != end_ && *at == '.') {
      const char* const point = ++at;
      for (; at != end_ && digit(*at); ++at) digits = digits * 10 + static_cast<std::uint64_t>(*at - '0');
      decimals = at - point;
      count += decimals;
    }
    if (count == 0 || count > 19 || digits > std::uint64_t{1} << 53) return false;
    if (at != end_ && *at == '\r' && (at + 1 == end_ || at[1] == '\n')) ++at;
    if (at != end_ && *at != separator_ && *at != '\n') return false;
    const double size = static_cast<double>(digits) / powers[decimals];
    value = negative ? -size : size;
    finish(at);
    return true;
  }

  /// The text without the blanks round it, if blanks are to be dropped.
  std::string_view trimmed(std::string_view text) const {
    if (!trim_) return text;
    while (!text.empty() && blank(text.back())) text.remove_suffix(1);
    while (!text.empty() && blank(text.front())) text.remove_prefix(1);
    return text;
  }

  /// The exception for something wrong in this row.
  template <class... Parts>
  DataError error(const Parts&... parts) const {
    return DataError(text(source_, "line ", 1 + std::count(begin_, row_, '\n'), ": ", parts...));
  }

 private:
  static bool digit(char c) { return c >= '0' && c <= '9'; }
  bool blank(char c) const { return (c == ' ' || c == '\t') && c != separator_; }

  const char* after_blanks(const char* from) const {
    if (trim_)
      while (from != end_ && blank(*from)) ++from;
    return from;
  }

  std::string_view without_blank_end(std::string_view text) const {
    for (;;) {
      std::size_t size = text.size();
      while (size > 0 && (text[size - 1] == '\r' || (trim_ && blank(text[size - 1])))) --size;
      if (size == 0) return text.substr(0, 0);
      if (text[size - 1] != '\n') return text;
      text = text.substr(0, size - 1);
    }
  }

  /// Moves on behind a field that ends here: at a separator, a line end or the end of the text.
  void finish(const char* last) {
    row_ended_ = last == end_ || *last != separator_;
    next_ = last == end_ ? last : last + 1;
  }

  /// The first separator or line end from here on, eight bytes a step.
  const char* end_of_field(const char* from) const {
    if constexpr (std::endian::native == std::endian::little) {
      const std::uint64_t separators = ones * static_cast<std::uint8_t>(separator_);
      constexpr std::uint64_t line_ends = ones * '\n';
      for (; end_ - from >= 8; from += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, from, sizeof word);
        const std::uint64_t found = zero_bytes(word ^ separators) | zero_bytes(word ^ line_ends);
        if (found != 0) return from + std::countr_zero(found) / 8;
      }
    }
    while (from != end_ && *from != separator_ && *from != '\n') ++from;
    return from;
  }

  static constexpr std::uint64_t ones = 0x0101010101010101u;

  /// The lowest bit set is in the lowest byte that is zero; higher ones may deceive.
  static std::uint64_t zero_bytes(std::uint64_t word) { return (word - ones) & ~word & (ones << 7); }

  /// A quoted field from behind its opening quote.
  std::string_view quoted(const char* first) {
    unquoted_.clear();
    bool doubled = false;
    for (;;) {
      const auto length = std::string_view(first, static_cast<std::size_t>(end_ - first)).find('"');
      if (length == std::string_view::npos) throw error("a quoted field is not closed");
      const std::string_view part(first, length);
      first += length + 1;
      if (first != end_ && *first == '"') {
        unquoted_.append(part).push_back('"');
        doubled = true;
        ++first;
        continue;
      }
      const char* last = after_blanks(first);
      if (last != end_ && *last == '\r' && (last + 1 == end_ || last[1] == '\n')) ++last;
      if (last != end_ && *last != separator_ && *last != '\n')
        throw error("there is text after the closing quote of a field");
      finish(last);
      return doubled ? std::string_view(unquoted_.append(part)) : part;
    }
  }

  SourceName source_;
  char separator_;
  bool trim_;
  const char* begin_;
  const char* end_;
  const char* next_;
  const char* row_;
  bool row_ended_ = false;
  std::string unquoted_;
};

/// A text for a message: at most 40 characters of it, without control characters.
inline std::string excerpt(std::string_view text) {
  std::string shown;
  std::size_t characters = 0;
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    const bool continues = (byte & 0xC0) == 0x80;  // a further byte of one character in UTF-8
    if (!continues && ++characters > 40) return shown + "...";
    if (shown.size() >= 160) return shown + "...";
    shown += byte < 0x20 || byte == 0x7F ? '?' : c;
  }
  return shown;
}

}  // namespace polytask
