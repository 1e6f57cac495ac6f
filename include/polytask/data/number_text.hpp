/// @file
/// Numbers as text, whatever the locale.
#pragma once

#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <system_error>

namespace polytask {

/// The double nearest to a decimal number such as -12, +0.5 or 1e-3; 0 where it is too near to 0 for a double.
/// @return false when the text is anything else, an infinity or "nan", or beyond the range of a double
inline bool parse_number(std::string_view text, double& value) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  const char* const end = text.data() + text.size();
  const auto [last, error] = std::from_chars(text.data(), end, value);
  if (last != end) return false;
  if (error == std::errc::result_out_of_range) {
    long double wide = 0;
    if (std::from_chars(text.data(), end, wide).ec != std::errc{} || std::abs(wide) > 1) return false;
    value = std::copysign(0.0, static_cast<double>(wide));
    return true;
  }
  return error == std::errc{} && std::isfinite(value);
}

/// As few digits as reading the number back takes.
inline std::string shortest_text(double number) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

}  // namespace polytask
