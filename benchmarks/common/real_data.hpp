/// @file
/// Real data for a benchmark, if they are there.
#pragma once

#include "../../examples/common/open_data.hpp"

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace benchmark {

/// The bytes of the first of the named files of a data set, looked for as the examples do. Where there is no such data
/// set a line says so: a benchmark of it has nothing to measure.
/// @param asked the directory by the program's flag --data, or empty
/// @throws DataError when a directory that was asked for, or a file, is not there
inline std::optional<std::string> read_real_data(const std::string& asked, const std::string& name,
                                                 const std::vector<std::string>& files) {
  polytask::examples::Arguments where;
  where.data = asked;
  std::string tried;
  const auto directory = polytask::examples::find_data(where, name, &tried);
  if (directory) return polytask::examples::read_data(*directory, files);
  std::printf(
      "SKIPPED: the data set '%s' is not here, so there is nothing to measure. Give its directory by --data DIR.\n"
      "Looked at:%s\n",
      name.c_str(), tried.c_str());
  return std::nullopt;
}

}  // namespace benchmark
