/// @file
/// The numbering of texts: every distinct one gets a code.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// Gives every distinct text a code, in order of first appearance.
///
/// The texts themselves are in the vector given to the constructor, at the place of their code; here is only the table
/// that finds them (open addressing, linear probing, at most half full). The vector must outlive this object, and only
/// this object may add to it.
class Codes {
 public:
  /// @param names the texts numbered so far; of equal ones the first counts
  explicit Codes(std::vector<std::string>& names) : names_(names) {
    std::size_t capacity = 16;
    while (capacity < 2 * (names.size() + 1)) capacity *= 2;
    slots_.resize(capacity);
    for (std::size_t code = 0; code < names.size(); ++code) {
      const std::uint32_t hash = hash_of(names[code]);
      Slot& slot = slots_[place(hash, names[code])];
      if (slot.code == unused) slot = {hash, static_cast<std::int32_t>(code)};
    }
  }

  /// The code of a text, a new one if it has not come before.
  std::int32_t code(std::string_view name) {
    const std::uint32_t hash = hash_of(name);
    std::size_t found = place(hash, name);
    if (slots_[found].code != unused) return slots_[found].code;
    if (2 * (names_.size() + 1) > slots_.size()) {
      grow();
      found = place(hash, name);
    }
    const auto code = static_cast<std::int32_t>(names_.size());
    names_.push_back(std::string(name));
    slots_[found] = {hash, code};
    return code;
  }

 private:
  static constexpr std::int32_t unused = -1;

  struct Slot {
    std::uint32_t hash = 0;
    std::int32_t code = unused;
  };

  /// The slot that holds the text, or the free slot where it belongs.
  std::size_t place(std::uint32_t hash, std::string_view name) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = hash & mask;
    while (slots_[slot].code != unused &&
           (slots_[slot].hash != hash || names_[static_cast<std::size_t>(slots_[slot].code)] != name))
      slot = (slot + 1) & mask;
    return slot;
  }

  void grow() {
    std::vector<Slot> larger(2 * slots_.size());
    const std::size_t mask = larger.size() - 1;
    for (const Slot& slot : slots_) {
      if (slot.code == unused) continue;
      std::size_t to = slot.hash & mask;
      while (larger[to].code != unused) to = (to + 1) & mask;
      larger[to] = slot;
    }
    slots_.swap(larger);
  }

  /// Eight bytes a round; the same text has the same hash within one run of a program, no more is promised.
  static std::uint32_t hash_of(std::string_view text) {
    const char* from = text.data();
    std::size_t left = text.size();
    std::uint64_t state = mix(left);
    for (; left >= 8; from += 8, left -= 8) state = mix(state ^ load<std::uint64_t>(from));
    std::uint64_t rest = 0;
    if (left >= 4) {
      rest = load<std::uint32_t>(from) | std::uint64_t{load<std::uint32_t>(from + left - 4)} << 32;
    } else if (left > 0) {
      rest = std::uint64_t{byte(from[0])} | std::uint64_t{byte(from[left / 2])} << 8 |
             std::uint64_t{byte(from[left - 1])} << 16;
    }
    state = mix(state ^ rest);
    return static_cast<std::uint32_t>(state ^ (state >> 29));
  }

  static std::uint64_t mix(std::uint64_t x) {
    x = (x + 0x9E3779B97F4A7C15u) * 0xBF58476D1CE4E5B9u;
    return x ^ (x >> 32);
  }

  template <class Word>
  static Word load(const char* from) {
    Word word;
    std::memcpy(&word, from, sizeof word);
    return word;
  }

  static std::uint8_t byte(char c) { return static_cast<std::uint8_t>(c); }

  std::vector<std::string>& names_;
  std::vector<Slot> slots_;
};

}  // namespace polytask
