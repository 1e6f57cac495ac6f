/// @file
/// Whether networks of several tasks read the same embedding tables, by the names that files have for it.
#pragma once

#include <array>
#include <string_view>

namespace polytask {

/// Whose the embedding tables are when every task has a network of its own.
enum class Tables {
  shared,  ///< all networks read the same tables
  own      ///< each network has tables of its own
};

inline constexpr std::array<std::string_view, 2> tables_names{"shared", "own"};

}  // namespace polytask
