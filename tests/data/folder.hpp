/// @file
/// A place for the files of a test.
#pragma once

#include "polytask/core/errors.hpp"

#include <filesystem>
#include <random>

/// A directory of its own, removed at the end of the test.
struct Folder {
  std::filesystem::path path;
  Folder() : path(std::filesystem::temp_directory_path() / polytask::text("polytask_csv_", std::random_device{}())) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path); }
};
