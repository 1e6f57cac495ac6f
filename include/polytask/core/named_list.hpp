/// @file
/// A list of types with names, one of which is made by its name.
#pragma once

#include "polytask/core/errors.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// Types that each have a `name` and a default, all of which an `Any` can hold.
template <class Any, class... Types>
struct NamedList {
  static std::vector<std::string> names() { return {std::string(Types::name)...}; }

  /// The default of the type of that name.
  /// @param kind  what the types are, for the message: "weighting"
  /// @throws ArgumentError naming the known ones when there is none of this name
  static Any named(std::string_view kind, std::string_view wanted) {
    Any found;
    if (((Types::name == wanted ? (found = Types{}, true) : false) || ...)) return found;
    fail<ArgumentError>({"there is no ", kind, " '", wanted, "'; there are: ", list_of(names())});
  }
};

}  // namespace polytask
