/// @file
/// Texts as lists of words.
#pragma once

#include "polytask/data/table.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace polytask {

/// The words and numbers of a text, in order: the longest runs of ASCII letters and digits, in lower case. Bytes beyond
/// ASCII count as letters and stay as they are, so that the words of UTF-8 texts stay whole.
inline std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> found;
  bool within = false;
  for (const char byte : text) {
    const bool upper = byte >= 'A' && byte <= 'Z';
    const bool letter = upper || (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
                        static_cast<unsigned char>(byte) >= 0x80;
    if (letter) {
      if (!within) found.emplace_back();
      found.back() += upper ? static_cast<char>(byte - 'A' + 'a') : byte;
    }
    within = letter;
  }
  return found;
}

/// Adds a feature column with the list of words of each text of a category column; no words where the text is missing.
/// A word that comes twice in a text is twice in its list.
/// @throws DataError when there is no such category column or the new name is taken
inline void add_words(Table& table, std::string_view column, std::string new_name) {
  const auto& texts = table.categories(column);
  ListColumn lists;
  Codes codes(lists.names);
  std::vector<std::vector<std::int32_t>> codes_of(texts.names.size());  // each distinct text is cut up once
  std::vector<bool> known(texts.names.size(), false);
  lists.offsets.reserve(static_cast<std::size_t>(texts.size()) + 1);
  for (const auto code : texts.codes) {
    if (code != missing_code) {
      const auto place = static_cast<std::size_t>(code);
      auto& items = codes_of[place];
      if (!known[place]) {
        for (const auto& word : words(texts.names[place])) items.push_back(codes.code(word));
        known[place] = true;
      }
      for (const auto item : items) lists.codes.push_back(item);
    }
    lists.offsets.push_back(static_cast<std::int64_t>(lists.codes.size()));
  }
  table.add(std::move(new_name), Use::feature, std::move(lists));
}

}  // namespace polytask
