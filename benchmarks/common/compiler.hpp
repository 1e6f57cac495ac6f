/// @file
/// Compiles programs as a user does, and tells what it took.
#pragma once

#include "child.hpp"

#include "polytask/core/errors.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace benchmark {

/// The compiler that benchmarks/run has found.
inline std::string compiler() {
  const char* const found = std::getenv("CXX");
  return found != nullptr ? found : "g++";
}

/// The first program of README.md: its first block of C++ with a main function.
inline std::string readme_program() {
  const auto path = std::filesystem::path(POLYTASK_ROOT) / "README.md";
  std::ifstream stream(path);
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  constexpr std::string_view fence = "```cpp\n";
  for (auto begin = text.find(fence); begin != std::string::npos; begin = text.find(fence, begin + 1)) {
    const std::string block = text.substr(begin + fence.size(), text.find("```", begin + 1) - begin - fence.size());
    if (block.find("int main") != std::string::npos) return block;
  }
  throw polytask::DataError(path.string() + ": there is no block of C++ with a main function");
}

/// A directory of this process that is gone when this is.
class TemporaryDirectory {
 public:
  TemporaryDirectory()
      : path_(std::filesystem::temp_directory_path() / ("polytask_benchmark_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(path_);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// Compiles a file to an object.
/// @param flags beside those that every program with the library has
inline Taken compile(const std::filesystem::path& source, const std::filesystem::path& object,
                     const std::vector<std::string>& flags, const std::string& with = compiler()) {
  std::vector<std::string> words{with, "-std=c++20", "-I" + std::string(POLYTASK_ROOT) + "/include",
                                 "-isystem" + std::string(POLYTASK_EIGEN)};
  words.insert(words.end(), flags.begin(), flags.end());
  words.insert(words.end(), {"-c", source.string(), "-o", object.string()});
  return run_program(words);
}

/// Compiles a text.
inline Taken compile_text(const std::string& text, const std::vector<std::string>& flags) {
  const TemporaryDirectory directory;
  const auto source = directory.path() / "program.cpp";
  std::ofstream(source) << text;
  return compile(source, directory.path() / "program.o", flags);
}

}  // namespace benchmark
