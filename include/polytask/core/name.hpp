/// @file
/// Names that are known when the program is compiled, for tasks: `task<"click">`, `predict<"click">`.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace polytask {

/// A string literal as a template argument.
template <std::size_t N>
struct Name {
  char text[N]{};

  consteval Name(const char (&literal)[N]) { std::copy_n(literal, N, text); }  // NOLINT: implicit, so task<"x"> works

  constexpr std::string_view view() const { return {text, N - 1}; }
};

template <std::size_t N, std::size_t M>
constexpr bool operator==(const Name<N>& left, const Name<M>& right) {
  return left.view() == right.view();
}

/// Whether no text is there twice.
template <class Texts>
constexpr bool all_different(const Texts& texts) {
  for (std::size_t one = 0; one < texts.size(); ++one)
    for (std::size_t other = 0; other < one; ++other)
      if (texts[one] == texts[other]) return false;
  return true;
}

}  // namespace polytask
