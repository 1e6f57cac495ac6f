/// @file
/// The arguments of a program that prints a table and draws a picture.
#pragma once

#include "polytask/core/views.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

namespace benchmark {

struct PictureArguments {
  bool quick = false;  ///< a shorter run, to see that the program works
  std::string svg;     ///< where the picture is drawn; nowhere if empty
};

/// A flag with a number of at least 1 of a program's own.
struct CountFlag {
  std::string_view word;  ///< "--seeds"
  std::string_view meaning;
  polytask::Index* value;  ///< its default; written
};

/// Reads `--quick`, `--svg FILE` and the program's own flags; prints help and ends the program for anything else.
inline PictureArguments picture_arguments(int count, char** words, std::string_view purpose,
                                          const std::vector<CountFlag>& flags = {}) {
  PictureArguments found;
  const auto help = [&](bool wanted) {
    auto& out = wanted ? std::cout : std::cerr;
    out << purpose << "\n\nUsage: " << words[0] << " [OPTION...]\n"
        << "  --quick     a shorter run, to see that it works\n"
        << "  --svg FILE  draws the picture\n";
    for (const auto& flag : flags) out << "  " << flag.word << " N  " << flag.meaning << " (" << *flag.value << ")\n";
    std::exit(wanted ? 0 : 2);
  };
  for (int place = 1; place < count; ++place) {
    const std::string_view word = words[place];
    const auto flag = std::find_if(flags.begin(), flags.end(), [&](const CountFlag& one) { return one.word == word; });
    if (word == "--quick") {
      found.quick = true;
    } else if (word == "--svg" && place + 1 < count) {
      found.svg = words[++place];
    } else if (flag != flags.end() && place + 1 < count) {
      *flag->value = std::atol(words[++place]);
      if (*flag->value < 1) help(false);
    } else {
      help(word == "--help" || word == "-h");
    }
  }
  return found;
}

}  // namespace benchmark
