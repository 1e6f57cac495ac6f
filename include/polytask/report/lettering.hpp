/// @file
/// How much room text takes in a picture, and text that is made to fit.
#pragma once

#include "polytask/report/markup.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// The letters of a text, each with all its bytes.
inline std::vector<std::string_view> letters_of(std::string_view text) {
  std::vector<std::string_view> letters;
  while (!text.empty()) {
    const std::size_t bytes = (std::max<std::size_t>)(1, markup::letter_bytes(text));
    letters.push_back(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  return letters;
}

/// About how wide a text is, by kinds of letters: as in DejaVu Sans, which is wider than most fonts without serifs.
inline double text_width(std::string_view text, double size, bool bold = false) {
  const auto one_of = [](std::string_view letter, std::string_view these) { return these.find(letter) != these.npos; };
  double width = 0;
  for (const auto letter : letters_of(text)) {
    if (letter.size() > 2)
      width += 1.0;  // of Asia, or a sign
    else if (letter.size() == 2)
      width += 0.75;
    else if (one_of(letter, "ijlI"))
      width += 0.29;
    else if (one_of(letter, " ftr()[].,:;'|!/-\\\"`"))
      width += 0.38;
    else if (one_of(letter, "mwMW%@+=<>~"))
      width += 0.9;
    else
      width += letter[0] >= 'A' && letter[0] <= 'Z' ? 0.7 : 0.63;
  }
  return size * width * (bold ? 1.1 : 1);
}

/// The text, or as much of its beginning as there is room for, with an ellipsis.
inline std::string shortened(std::string_view text, double size, double room, bool bold = false) {
  if (text_width(text, size, bold) <= room) return std::string(text);
  std::string kept;
  for (const auto letter : letters_of(text)) {
    if (text_width(kept + std::string(letter), size, bold) + size > room) break;
    kept += letter;
  }
  while (!kept.empty() && kept.back() == ' ') kept.pop_back();
  return kept + "\u2026";
}

/// The text broken at blanks into lines that there is room for. What does not fit into the last line is cut off with an
/// ellipsis.
inline std::vector<std::string> wrapped(std::string_view text, double size, double room, std::size_t lines,
                                        bool bold = false) {
  std::vector<std::string> found;
  while (!text.empty()) {
    if (found.size() + 1 == lines) {
      found.push_back(shortened(text, size, room, bold));
      break;
    }
    std::size_t end = text.find(' ');
    for (std::size_t next = end; next != text.npos;) {  // as many words as fit
      next = text.find(' ', next + 1);
      if (text_width(text.substr(0, next), size, bold) > room) break;
      end = next;
    }
    found.push_back(shortened(text.substr(0, end), size, room, bold));
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
  }
  return found;
}

}  // namespace polytask
