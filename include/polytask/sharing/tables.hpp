/// @file
/// Whether networks of several tasks read the same embedding tables, and its words in configuration files.
#pragma once

#include "polytask/core/errors.hpp"

#include <string>
#include <string_view>
#include <type_traits>

namespace polytask {

/// Whose the embedding tables are when every task has a network of its own.
enum class Tables {
  shared,  ///< all networks read the same tables
  own      ///< each network has tables of its own
};

inline std::string_view to_text(Tables tables) { return tables == Tables::shared ? "shared" : "own"; }

/// @throws Exception when the text is neither "shared" nor "own"
template <class Exception = ArgumentError>
Tables tables_from(std::string_view text) {
  require<Exception>(text == "shared" || text == "own", "tables are 'shared' or 'own', not '", text, "'");
  return text == "shared" ? Tables::shared : Tables::own;
}

/// The entry "tables" of a policy's configuration().
template <class TablesOfSelf, class Visitor>
void visit_tables(TablesOfSelf& tables, Visitor&& visit) {
  std::string word(to_text(tables));
  visit("tables", word);
  const Tables found = tables_from<FileError>(word);
  if constexpr (!std::is_const_v<TablesOfSelf>) tables = found;
}

}  // namespace polytask
