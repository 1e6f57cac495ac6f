/// @file
/// Writing a file so that a failure leaves the old one untouched.
#pragma once

#include "polytask/core/errors.hpp"

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <system_error>
#include <utility>

namespace polytask {

/// Writes a file beside `path` and puts it in the place of `path` once it is complete. Whatever goes wrong, an
/// exception of `write` included, a file that was there before stays as it was. The new file has the permissions of the
/// old one; of a link, what it leads to is replaced. What is no file (a pipe, a device) is written to as it is.
/// @param write called with the stream to write to (binary)
/// @throws FileError naming the file when it cannot be written
template <class Write>
void replace_file(const std::filesystem::path& path, Write&& write) {
  static std::atomic<unsigned> count{0};
  std::error_code error;
  const auto old = std::filesystem::status(path, error);
  const bool replaced = std::filesystem::is_regular_file(old);
  const std::filesystem::path home = replaced ? std::filesystem::canonical(path, error) : path;
  const bool direct = std::filesystem::exists(old) && !replaced;
  std::filesystem::path part = home;
  if (!direct) part += text(".part-", std::chrono::steady_clock::now().time_since_epoch().count(), "-", count++);
  std::ofstream stream(part, std::ios::binary | std::ios::trunc);
  require<FileError>(stream.good(), path.string(), ": the file cannot be written");
  if (replaced) std::filesystem::permissions(part, old.permissions(), error);
  try {
    std::forward<Write>(write)(static_cast<std::ostream&>(stream));
    stream.close();
    require<FileError>(stream.good(), path.string(), ": the file could not be written completely");
    if (direct) return;
    std::filesystem::rename(part, home, error);
    require<FileError>(!error, path.string(), ": the file cannot be replaced: ", error.message());
  } catch (...) {
    stream.close();
    if (!direct) std::filesystem::remove(part, error);
    throw;
  }
}

}  // namespace polytask
