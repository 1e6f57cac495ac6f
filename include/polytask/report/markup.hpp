/// @file
/// Markup of pages and pictures: elements, and text and numbers as they may stand in them.
#pragma once

#include "polytask/core/views.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask {

/// HTML and SVG as strings. What comes from a user or from a file goes through escaped(), which attributes do by
/// themselves.
namespace markup {

/// How many bytes the letter at the beginning of the text has; 0 when they are not UTF-8.
inline std::size_t letter_bytes(std::string_view text) {
  const auto byte = [&](std::size_t place) { return static_cast<unsigned char>(text[place]); };
  if (text.empty()) return 0;
  if (byte(0) < 0x80) return 1;
  const std::size_t count = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : 2;
  if (byte(0) < 0xc2 || byte(0) > 0xf4 || text.size() < count) return 0;
  for (std::size_t place = 1; place < count; ++place)
    if ((byte(place) & 0xc0) != 0x80) return 0;
  // longer than necessary, a half of a UTF-16 pair, or beyond the last letter
  if ((byte(0) == 0xe0 && byte(1) < 0xa0) || (byte(0) == 0xed && byte(1) > 0x9f) ||
      (byte(0) == 0xf0 && byte(1) < 0x90) || (byte(0) == 0xf4 && byte(1) > 0x8f))
    return 0;
  if (count == 3 && byte(0) == 0xef && byte(1) == 0xbf && byte(2) >= 0xbe) return 0;  // no letter in XML
  return count;
}

/// Text that means itself in an element and in an attribute. Bytes that are not UTF-8, and letters that XML does not
/// have, become a replacement character, so that a page is well formed whatever a file's columns are called.
inline std::string escaped(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t bytes = letter_bytes(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (bytes == 0 || (first < 0x20 && first != '\n' && first != '\t'))
      safe += "\xef\xbf\xbd";
    else if (first == '&')
      safe += "&amp;";
    else if (first == '<')
      safe += "&lt;";
    else if (first == '>')
      safe += "&gt;";
    else if (first == '"')
      safe += "&quot;";
    else if (first == '\'')
      safe += "&#39;";
    else
      safe += text.substr(0, bytes);
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return safe;
}

/// The number with so many digits behind the point, whatever the locale; no -0. What is not finite is a dash or the
/// sign of infinity.
inline std::string fixed(double value, int digits) {
  if (std::isnan(value)) return "\u2013";
  if (std::isinf(value)) return value < 0 ? "-\u221e" : "\u221e";
  std::array<char, 400> written;
  const auto end =
      std::to_chars(written.data(), written.data() + written.size(), value, std::chars_format::fixed, digits).ptr;
  std::string found(written.data(), end);
  if (found.front() == '-' && found.find_first_not_of("-0.") == std::string::npos) found.erase(0, 1);
  return found;
}

/// The number with so many significant digits at most: 0.421875, 12, 1e-09.
inline std::string number(double value, int digits = 6) {
  if (!std::isfinite(value)) return fixed(value, 0);
  if (value == 0) return "0";
  std::array<char, 64> written;
  const auto end =
      std::to_chars(written.data(), written.data() + written.size(), value, std::chars_format::general, digits).ptr;
  return {written.data(), end};
}

/// A place in a picture: two digits behind the point and no idle zeros.
inline std::string coordinate(double value) {
  std::string found = fixed(value, 2);
  found.erase(found.find_last_not_of('0') + 1);
  if (found.back() == '.') found.pop_back();
  return found;
}

/// Commas between the thousands: "37,954"; numbers below 10,000 stay as they are.
inline std::string with_thousands(std::string digits) {
  const std::size_t begin = digits.front() == '-' ? 1 : 0;
  std::size_t place = (std::min)(digits.find('.'), digits.size());
  if (place - begin < 5) return digits;
  for (; place > begin + 3; place -= 3) digits.insert(place - 3, 1, ',');
  return digits;
}

/// A length of time with its unit: "412 us", "12.4 ms", "1.63 s", "4 min 10 s", "3 h 5 min".
inline std::string duration(double seconds) {
  if (!std::isfinite(seconds)) return fixed(seconds, 0);
  const double minutes = std::floor(std::round(seconds) / 60);
  if (minutes >= 120) return fixed(std::floor(minutes / 60), 0) + " h " + fixed(std::fmod(minutes, 60), 0) + " min";
  if (seconds >= 120) {
    const double whole = std::round(seconds);
    return fixed(std::floor(whole / 60), 0) + " min " + fixed(std::fmod(whole, 60), 0) + " s";
  }
  const double scale = seconds >= 1 ? 1 : seconds >= 1e-3 ? 1e3 : 1e6;
  const double value = scale * seconds;
  return fixed(value, value >= 100 ? 0 : value >= 10 ? 1 : 2) + (scale == 1 ? " s" : scale == 1e3 ? " ms" : " \u00b5s");
}

/// One attribute of an element; a number is a coordinate.
struct Attribute {
  std::string_view name;
  std::string value;

  Attribute(std::string_view name_, std::string_view value_) : name(name_), value(value_) {}
  Attribute(std::string_view name_, const char* value_) : name(name_), value(value_) {}
  Attribute(std::string_view name_, std::string value_) : name(name_), value(std::move(value_)) {}
  Attribute(std::string_view name_, double value_) : name(name_), value(coordinate(value_)) {}
};

using Attributes = std::vector<Attribute>;

/// The beginning of an element, with its attributes escaped.
inline std::string opening(std::string_view name, const Attributes& attributes, std::string_view end = ">") {
  std::string written = "<" + std::string(name);
  for (const auto& attribute : attributes)
    written.append(" ").append(attribute.name).append("=\"").append(escaped(attribute.value)).append("\"");
  return written.append(end);
}

/// An element with markup inside it.
inline std::string element(std::string_view name, const Attributes& attributes, std::string_view content) {
  return opening(name, attributes).append(content).append("</").append(name).append(">");
}

/// An element with nothing inside it.
inline std::string element(std::string_view name, const Attributes& attributes) {
  return opening(name, attributes, "/>");
}

}  // namespace markup
}  // namespace polytask
