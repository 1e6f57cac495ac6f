/// @file
/// Values by name, as a program gives them of some of the tasks or columns.
#pragma once

#include "polytask/core/errors.hpp"

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// Values by name: {{"click", 1}, {"spend", 0.2}}. They are few, and stay in the order in which they are given.
template <class Value>
class ByName {
 public:
  struct Named {
    std::string name;
    Value value;
  };

  ByName() = default;

  /// @throws ArgumentError when a name is given twice
  ByName(std::initializer_list<Named> given) : all_(given) {
    for (const auto& one : all_) require(find(one.name) == &one.value, "'", one.name, "' is named twice");
  }

  auto begin() const { return all_.begin(); }
  auto end() const { return all_.end(); }
  bool empty() const { return all_.empty(); }
  std::size_t size() const { return all_.size(); }

  /// Null when there is none of this name.
  const Value* find(std::string_view name) const {
    for (const auto& one : all_)
      if (one.name == name) return &one.value;
    return nullptr;
  }

  /// The value of that name, which is added when there is none: weights["click"] = 2.
  Value& operator[](std::string_view name) {
    for (auto& one : all_)
      if (one.name == name) return one.value;
    return all_.emplace_back(Named{std::string(name), Value{}}).value;
  }

 private:
  std::vector<Named> all_;
};

}  // namespace polytask
