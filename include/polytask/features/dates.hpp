/// @file
/// Dates: from texts to numbers and categories.
#pragma once

#include "polytask/core/errors.hpp"
#include "polytask/core/views.hpp"
#include "polytask/data/table.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask {

inline constexpr std::array<std::string_view, 7> weekday_names{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                               "Friday", "Saturday", "Sunday"};
inline constexpr std::array<std::string_view, 12> month_names{"January",   "February", "March",    "April",
                                                              "May",       "June",     "July",     "August",
                                                              "September", "October",  "November", "December"};

/// A date of the Gregorian calendar with a time of day; no time zone.
struct DateTime {
  int year = 1970;  ///< 1 .. 9999
  int month = 1;    ///< 1 .. 12
  int day = 1;      ///< 1 .. 31
  int hour = 0;
  int minute = 0;
  double second = 0;
  bool has_time = false;  ///< whether the text gave a time of day; midnight stands for none

  bool operator==(const DateTime&) const = default;

  static constexpr bool leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

  static constexpr int days_of_month(int year, int month) {
    return month == 2 ? (leap(year) ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
  }

  /// Whole days since 1 January 1970, negative before.
  constexpr std::int64_t whole_days() const {
    const int past = year - 1;  // each full year has 365 days, and one more every 4 years, but every 100, but every 400
    std::int64_t days = std::int64_t{365} * past + past / 4 - past / 100 + past / 400;
    for (int earlier = 1; earlier < month; ++earlier) days += days_of_month(year, earlier);
    constexpr std::int64_t from_year_1_to_1970 = 719162;
    return days + day - 1 - from_year_1_to_1970;
  }

  /// Days since 1 January 1970, 00:00, with the time of day as the fraction.
  constexpr double days() const {
    return static_cast<double>(whole_days()) + (60 * (60.0 * hour + minute) + second) / 86400;
  }

  /// 0 for Monday .. 6 for Sunday; 1 January 1970 was a Thursday.
  constexpr int weekday() const { return static_cast<int>(((whole_days() + 3) % 7 + 7) % 7); }
};

/// What "5/3/2016" means.
enum class DateOrder {
  month_first,  ///< 3 May, as in the United States
  day_first     ///< 5 March, as in most other places
};

/// Reads a text front to back; each step says whether it found what it looked for.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  bool accept(char expected) {
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// A whole number; `digits` tells how many digits it had.
  bool number(int& value, std::size_t& digits, std::size_t most_digits) {
    digits = 0;
    value = 0;
    while (digits < rest_.size() && digits < most_digits && rest_[digits] >= '0' && rest_[digits] <= '9')
      value = 10 * value + (rest_[digits++] - '0');
    rest_.remove_prefix(digits);
    return digits > 0;
  }

  bool number(int& value, std::size_t most_digits) {
    std::size_t digits = 0;
    return number(value, digits, most_digits);
  }

  /// A year of four digits, or of two: 69 .. 99 are 1969 .. 1999, 00 .. 68 are 2000 .. 2068, as POSIX has it.
  bool year(int& value) {
    std::size_t digits = 0;
    if (!number(value, digits, 4) || (digits != 2 && digits != 4)) return false;
    if (digits == 2) value += value >= 69 ? 1900 : 2000;
    return true;
  }

  /// The first three letters of an English month, in any case.
  bool month(int& value) {
    if (rest_.size() < 3) return false;
    for (std::size_t month = 0; month < month_names.size(); ++month) {
      bool same = true;
      for (std::size_t letter = 0; letter < 3; ++letter)
        same = same && (rest_[letter] | 0x20) == (month_names[month][letter] | 0x20);
      if (!same) continue;
      rest_.remove_prefix(3);
      value = static_cast<int>(month) + 1;
      return true;
    }
    return false;
  }

  /// H:MM, H:MM:SS or H:MM:SS.fraction
  bool time(DateTime& date) {
    std::size_t digits = 0;
    if (!number(date.hour, 2) || !accept(':') || !number(date.minute, digits, 2) || digits != 2) return false;
    if (accept(':')) {
      int seconds = 0;
      if (!number(seconds, digits, 2) || digits != 2) return false;
      date.second = seconds;
      if (accept('.')) {
        int fraction = 0;
        if (!number(fraction, digits, 9)) return false;
        double parts = 1;
        for (std::size_t digit = 0; digit < digits; ++digit) parts *= 10;
        date.second += fraction / parts;
      }
    }
    date.has_time = true;
    return date.hour < 24 && date.minute < 60 && date.second < 60;
  }

 private:
  std::string_view rest_;
};

/// Reads "2016-02-29", "2/29/2016" (or "29/2/2016", as `order` says) or "29-Feb-16", alone or followed by a space or T
/// and a time "1:16", "01:16:30" or "01:16:30.5", then perhaps a Z, which changes nothing.
/// @return nothing when the text is no such date or there is no such day
inline std::optional<DateTime> parse_date(std::string_view text, DateOrder order = DateOrder::month_first) {
  DateTime date;
  DateReader reader(text);
  int first = 0;
  std::size_t digits = 0;
  if (!reader.number(first, digits, 4)) return std::nullopt;
  if (digits == 4) {
    date.year = first;
    if (!reader.accept('-') || !reader.number(date.month, 2) || !reader.accept('-') || !reader.number(date.day, 2))
      return std::nullopt;
  } else if (digits > 2) {
    return std::nullopt;
  } else if (reader.accept('/')) {
    int second = 0;
    if (!reader.number(second, 2) || !reader.accept('/') || !reader.year(date.year)) return std::nullopt;
    date.month = order == DateOrder::month_first ? first : second;
    date.day = order == DateOrder::month_first ? second : first;
  } else {
    date.day = first;
    if (!reader.accept('-') || !reader.month(date.month) || !reader.accept('-') || !reader.year(date.year))
      return std::nullopt;
  }
  if (!reader.at_end()) {
    if (!(reader.accept(' ') || reader.accept('T')) || !reader.time(date)) return std::nullopt;
    reader.accept('Z');
  }
  if (!reader.at_end() || date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1) return std::nullopt;
  if (date.day > DateTime::days_of_month(date.year, date.month)) return std::nullopt;
  return date;
}

/// Adds four feature columns made from a column of dates: numbers "<column>.days" (days since 1970, time of day
/// included), and categories "<column>.weekday" ("Monday"), "<column>.month" ("January") and "<column>.hour" ("0" ..
/// "23"). All are missing where the date is; the hour also where the text has no time of day.
/// @throws DataError naming column and row when a text is no date; the table is unchanged then
inline void add_date_parts(Table& table, std::string column, DateOrder order = DateOrder::month_first) {
  const auto& texts = table.categories(column);
  const auto rows = static_cast<std::size_t>(texts.size());

  // Each distinct text is read once, when it first occurs.
  struct Parts {
    bool known = false;
    double days = 0;
    std::int32_t weekday = missing_code;
    std::int32_t month = missing_code;
    std::int32_t hour = missing_code;
  };
  std::vector<Parts> parts_of(texts.names.size());
  std::vector<double> days(rows, missing);
  CategoryColumn weekdays{std::vector<std::int32_t>(rows, missing_code), {}};
  CategoryColumn months = weekdays;
  CategoryColumn hours = weekdays;
  Codes weekday_codes(weekdays.names);
  Codes month_codes(months.names);
  Codes hour_codes(hours.names);
  for (std::size_t row = 0; row < rows; ++row) {
    if (texts.codes[row] == missing_code) continue;
    const auto code = static_cast<std::size_t>(texts.codes[row]);
    auto& parts = parts_of[code];
    if (!parts.known) {
      const auto date = parse_date(texts.names[code], order);
      if (!date.has_value())
        fail<DataError>({table.place(), "column '", column, "', ", table.row_name(static_cast<Index>(row)), ": '",
                         texts.names[code], "' is no date; expected one like 2016-02-29, ",
                         order == DateOrder::month_first ? "2/29/2016" : "29/2/2016",
                         " or 29-Feb-16, alone or with a time like 1:16 or 01:16:30"});
      parts.known = true;
      parts.days = date->days();
      parts.weekday = weekday_codes.code(weekday_names[static_cast<std::size_t>(date->weekday())]);
      parts.month = month_codes.code(month_names[static_cast<std::size_t>(date->month - 1)]);
      if (date->has_time) parts.hour = hour_codes.code(std::to_string(date->hour));
    }
    days[row] = parts.days;
    weekdays.codes[row] = parts.weekday;
    months.codes[row] = parts.month;
    hours.codes[row] = parts.hour;
  }
  for (const auto part : {".days", ".weekday", ".month", ".hour"})
    require<DataError>(!table.has(column + part), table.place(), "there is a column '", column, part,
                       "' already, so the parts of column '", column, "' cannot be added");
  table.add_numbers(column + ".days", std::move(days));
  table.add(column + ".weekday", Use::feature, std::move(weekdays));
  table.add(column + ".month", Use::feature, std::move(months));
  table.add(column + ".hour", Use::feature, std::move(hours));
}

}  // namespace polytask
