/// @file
/// What a user gives some tasks by name, put into the order of the tasks.
#pragma once

#include "polytask/core/by_name.hpp"
#include "polytask/core/errors.hpp"
#include "polytask/weighting/weighting.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace polytask {

/// One value a task: the given one, or `otherwise` for a task that is not named.
/// @param what  begins the message: "a fixed weight"
/// @throws ArgumentError when a name is no task's
template <class Value>
std::vector<Value> by_task(const WeightedTasks& tasks, const ByName<Value>& given, const Value& otherwise,
                           std::string_view what) {
  for (const auto& [name, value] : given)
    require(std::find(tasks.names.begin(), tasks.names.end(), name) != tasks.names.end(), what, " is given for '", name,
            "', which is no task; the tasks are: ", list_of(tasks.names));
  std::vector<Value> values;
  for (const auto candidate : tasks.names) {
    const auto* found = given.find(candidate);
    values.push_back(found == nullptr ? otherwise : *found);
  }
  return values;
}

}  // namespace polytask
