/// @file
/// Finding real data and reading them, packed or not.
#pragma once

#include "arguments.hpp"

#include "polytask/core/errors.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

namespace polytask::examples {

/// The directory of a data set, when it is found: NAME in the directory asked for, or that one itself; else NAME under
/// the environment's POLYTASK_DATA, or under shared/data beside this repository.
/// @param tried when given, the places that were looked at
/// @throws DataError when there is no such directory as asked for, or as POLYTASK_DATA says
inline std::optional<std::filesystem::path> find_data(const Arguments& arguments, const std::string& name,
                                                      std::string* tried = nullptr) {
  const auto& asked = arguments.data;
  if (!asked.empty()) {
    require<DataError>(std::filesystem::is_directory(asked), asked.string(), ": there is no such directory");
    return std::filesystem::is_directory(asked / name) ? asked / name : asked;
  }
  if (arguments.simulated) return std::nullopt;
  std::vector<std::filesystem::path> places;
  if (const char* root = std::getenv("POLYTASK_DATA")) {
    require<DataError>(std::filesystem::is_directory(root), "POLYTASK_DATA is '", root, "', which is no directory");
    places.push_back(std::filesystem::path(root) / name);
  }
  places.push_back(std::filesystem::path(POLYTASK_ROOT) / ".." / "shared" / "data" / name);
  for (const auto& place : places) {
    if (std::filesystem::is_directory(place)) return place.lexically_normal();
    if (tried != nullptr) *tried += "\n  " + place.lexically_normal().string();
  }
  return std::nullopt;
}

/// The same for an example that has no simulated data.
/// @throws DataError saying where it looked
inline std::filesystem::path data_directory(const Arguments& arguments, const std::string& name) {
  std::string tried;
  const auto found = find_data(arguments, name, &tried);
  if (!found)
    throw DataError("there are no data '" + name + "'; give their directory by --data DIR. Looked at:" + tried);
  return *found;
}

/// The bytes of the first of the named files that is in the directory; .xz and .gz are unpacked by xz and gzip.
/// @throws DataError naming the files when none is there, or the unpacking fails
inline std::string read_data(const std::filesystem::path& directory, const std::vector<std::string>& names) {
  std::string tried;
  for (const auto& name : names) {
    const auto path = directory / name;
    tried += (tried.empty() ? "" : ", ") + name;
    if (!std::filesystem::exists(path)) continue;
    const std::string extension = path.extension().string();
    if (extension != ".xz" && extension != ".gz") {
      std::ifstream stream(path, std::ios::binary);
      return {std::istreambuf_iterator<char>(stream), {}};
    }
    std::string quoted;
    for (const char letter : path.string()) quoted += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
    const std::string command = (extension == ".xz" ? "xz -dc '" : "gzip -dc '") + quoted + "'";
    std::FILE* const pipe = popen(command.c_str(), "r");
    require<DataError>(pipe != nullptr, path.string(), ": cannot be unpacked");
    std::string bytes;
    char block[1 << 16];
    for (std::size_t count; (count = std::fread(block, 1, sizeof block, pipe)) > 0;) bytes.append(block, count);
    require<DataError>(pclose(pipe) == 0, path.string(), ": cannot be unpacked by '", command, "'");
    return bytes;
  }
  throw DataError(text(directory.string(), ": there is none of the files ", tried));
}

}  // namespace polytask::examples
